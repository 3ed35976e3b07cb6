"""``python -m …apart.program``: runs one statement at a time, for whoever holds the other ends of its pipes.

It ends when standard input does, whatever it is at.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import duckdb
import msgspec

from floe_bench.adapters.computes.apart.wire import Fault, Hello, Order, Told, hidden
from floe_bench.adapters.computes.connection import Connection
from floe_bench.adapters.computes.failure import failed
from floe_bench.adapters.computes.guard import reading, writing
from floe_bench.adapters.computes.interrupt import interrupting
from floe_bench.adapters.computes.past import CATALOG, Past
from floe_bench.adapters.computes.plan import run, steps_of
from floe_bench.adapters.computes.value import plain
from floe_bench.errors import BenchError, Cancelled, QueryFailed
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.query import StatementPlan
from floe_bench.model.table import TableName

Row = tuple[Any, ...]


class Statements:
    """The one that is open: its cursor, and the row that was read ahead to know whether there are more."""

    def __init__(self, hello: Hello) -> None:
        endpoints, folder = hidden(hello.endpoints), Path(hello.state_dir)
        limit = hello.memory_limit
        self._writable = hello.writable
        self._now = Connection(endpoints, state_dir=folder, memory_limit=limit, writable=hello.writable)
        past = Connection(endpoints, state_dir=folder, memory_limit=limit, name=CATALOG)
        self._past = Past(past)
        self._open = contextlib.ExitStack()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._ahead: list[Row] = []
        self.stopped = threading.Event()

    def warm(self) -> None:
        """The first statement would wait for it."""
        with contextlib.suppress(BenchError):
            self._now.cursor()

    def answer(self, order: Order) -> QueryAnswer:
        start = time.monotonic()
        if order.sql:
            self._begin(order)
        cursor = self._cursor
        if cursor is None:
            raise QueryFailed("this result is not open any more", remedy="run it again")
        try:
            with interrupting(cursor, self.stopped.is_set):
                if order.sql:
                    run(cursor, (writing if self._writable else reading)(cursor, order.sql))
                about = cursor.description or []
                rows = [*self._ahead, *cursor.fetchmany(order.limit + 1 - len(self._ahead))]
        except duckdb.InterruptException as error:
            raise Cancelled("the query was cancelled") from error
        self._ahead = rows[order.limit :]
        return QueryAnswer(
            columns=tuple(str(column[0]) for column in about),
            types=tuple(str(column[1]) for column in about),
            rows=self._plain(rows[: order.limit]),
            truncated=bool(self._ahead),
            duration_s=time.monotonic() - start,
        )

    def plan(self, order: Order) -> StatementPlan:
        """Of an EXPLAIN none: it is one."""
        self._begin(order)
        assert self._cursor is not None
        try:
            with interrupting(self._cursor, self.stopped.is_set):
                statement = writing(self._cursor, order.sql)
                if statement.type == duckdb.StatementType.EXPLAIN:
                    return StatementPlan(order.sql, writes=False)
                found = self._cursor.execute(f"explain (format json) {statement.query}").fetchone()
        except duckdb.InterruptException as error:
            raise Cancelled("the query was cancelled") from error
        steps = steps_of(self._now.without_secrets(str(found[1]))) if found is not None else ()
        return StatementPlan(order.sql, statement.type != duckdb.StatementType.SELECT, steps)

    def _begin(self, order: Order) -> None:
        self._open.close()
        self._ahead, self._cursor = [], None
        if order.past is None:
            cursor, _ = self._now.cursor()
            self._cursor = self._open.enter_context(contextlib.closing(cursor))
        else:
            pinned = {TableName.parse(table): snapshot_id for table, snapshot_id in order.past}
            self._cursor = self._open.enter_context(self._past.at(pinned, self.stopped.is_set))

    def fault(self, error: BenchError | duckdb.Error) -> Fault:
        self._open.close()
        self._ahead, self._cursor = [], None
        if isinstance(error, duckdb.Error):
            if isinstance(error, duckdb.IOException | duckdb.HTTPException):
                self._now.forget()
                self._past.forget()
            error = failed(error, self._now.without_secrets)
        return Fault(error.kind, error.message, error.remedy)

    def _plain(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        hide = self._now.without_secrets
        return tuple(tuple(plain(value, hide) for value in row) for row in rows)


def main() -> None:
    # What a library prints must not stand between the lines.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    statements = Statements(msgspec.json.decode(sys.stdin.buffer.readline(), type=Hello))
    orders: SimpleQueue[Order] = SimpleQueue()
    threading.Thread(target=_listen, args=(statements, orders), name="orders", daemon=True).start()
    statements.warm()
    while True:
        order = orders.get()
        try:
            told = Told(plan=statements.plan(order)) if order.plan else Told(answer=statements.answer(order))
        except (BenchError, duckdb.Error) as error:
            told = Told(fault=statements.fault(error))
        _write(out.fileno(), msgspec.json.encode(told) + b"\n")


def _write(to: int, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(to, view) :]


def _listen(statements: Statements, orders: SimpleQueue[Order]) -> None:
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        if order.stop:
            statements.stopped.set()
        else:
            # Here, and not where it is taken up: what is said to stop may still wait for its turn then.
            statements.stopped.clear()
            orders.put(order)
    os._exit(0)


if __name__ == "__main__":
    main()
