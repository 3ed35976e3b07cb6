"""Query processes, as the engine holds them."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import msgspec

from floe_bench.adapters.computes.apart.last_words import last_words
from floe_bench.adapters.computes.apart.wire import Hello, Order, Told, revealed
from floe_bench.adapters.computes.failure import known
from floe_bench.adapters.computes.redaction import without_secrets
from floe_bench.errors import BenchError, Cancelled, QueryFailed, by_kind
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.query import StatementPlan, Words
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

log = logging.getLogger(__name__)
_LOOK_EVERY_S = 0.05
_PATIENCE_S = 2.0
"""How long a statement may take to end once it is asked to."""
_END_S = 60.0


class QueryProcess:
    """One process, and the statement that is open in it. Fulfils ``ports.querying.OpenQuery``."""

    def __init__(self, hello: Hello, *, hide: Callable[[str], str], idle: Callable[[QueryProcess], None]) -> None:
        self._idle, self._hide = idle, hide
        self._over = False
        self._dead = False
        self._asking = False
        self._first: QueryAnswer | None = None
        self._said = bytearray()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._child = subprocess.Popen(
            [sys.executable, "-m", "floe_bench.adapters.computes.apart.program"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self._send(msgspec.json.encode(hello))

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def at_rest(self) -> bool:
        """It lives, and waits for an order."""
        return not self._asking and not self._dead and self._child.poll() is None

    @property
    def first(self) -> QueryAnswer:
        assert self._first is not None
        return self._first

    def begin(
        self, sql: str, past: Mapping[TableName, int] | None, *, limit: int, cancelled: Callable[[], bool]
    ) -> None:
        self._over, self._first = False, None
        pinned = None if past is None else [(str(table), snapshot_id) for table, snapshot_id in past.items()]
        self._first = self._asked(Order(sql, pinned, limit), cancelled)

    def plan(self, sql: str, cancelled: Callable[[], bool]) -> StatementPlan:
        planned = self._told(Order(sql, plan=True), cancelled).plan
        assert planned is not None
        return planned

    def more(self, limit: int, cancelled: Callable[[], bool]) -> QueryAnswer:
        return self._asked(Order(limit=limit), cancelled)

    def close(self) -> None:
        if not self._over:
            self._over = True
            self._idle(self)

    def kill(self) -> None:
        """And wait until it is gone."""
        self._dead = True
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait(_END_S)
        for pipe in (self._child.stdin, self._child.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _asked(self, order: Order, cancelled: Callable[[], bool]) -> QueryAnswer:
        answer = self._told(order, cancelled).answer
        assert answer is not None
        return answer

    def _told(self, order: Order, cancelled: Callable[[], bool]) -> Told:
        if cancelled():
            raise Cancelled("the query was cancelled")
        self._asking = True
        self._send(msgspec.json.encode(order))
        told = msgspec.json.decode(self._line(cancelled), type=Told)
        self._asking = False
        if told.fault is not None:
            raise by_kind(told.fault.kind)(told.fault.message, remedy=told.fault.remedy)
        return told

    def _line(self, cancelled: Callable[[], bool]) -> bytes:
        """Asks to stop, then kills: a statement that does not hear takes its process along, and nobody else."""
        out, give_up_at = self._child.stdout, None
        assert out is not None
        with selectors.DefaultSelector() as heard:  # select() refuses a descriptor over 1023
            heard.register(out, selectors.EVENT_READ)
            while b"\n" not in self._said:
                if give_up_at is None and cancelled():
                    self._send(msgspec.json.encode(Order(stop=True)))
                    give_up_at = time.monotonic() + _PATIENCE_S
                if give_up_at is not None and time.monotonic() > give_up_at:
                    self.kill()
                    raise Cancelled("the query was cancelled; it did not end by itself, so its process was killed")
                if heard.select(_LOOK_EVERY_S):
                    part = os.read(out.fileno(), 1 << 18)
                    if not part:
                        raise self._died()
                    self._said += part
        line, _, rest = bytes(self._said).partition(b"\n")
        self._said = bytearray(rest)
        return line

    def _send(self, line: bytes) -> None:
        pipe = self._child.stdin
        assert pipe is not None
        try:
            pipe.write(line + b"\n")
            pipe.flush()
        except (BrokenPipeError, ValueError) as error:
            raise self._died() from error

    def _died(self) -> QueryFailed:
        killed = self._dead
        self.kill()
        if killed:
            return QueryFailed("this result is not open any more", remedy="run it again")
        said = self._hide(last_words(self._errors, self._child.returncode))
        log.warning("the process of a query ended: %s", said)
        gave_up = QueryFailed(f"DuckDB gave up over it: {said}", remedy="select fewer columns or rows")
        return known(said) or gave_up


class QueryProcesses:
    """Fulfils ``ports.querying.Apart``: one process for each statement that is open, and a spare one for the next.

    A process that may write is not used again.
    """

    def __init__(self, endpoints: Endpoints, *, state_dir: Path, memory_limit: str | None) -> None:
        self._endpoints, self._state_dir, self._memory_limit = endpoints, state_dir, memory_limit
        self._lock = threading.Lock()
        self._busy: dict[QueryProcess, bool] = {}
        self._spare: QueryProcess | None = None
        self._closed = False

    def ask(
        self,
        sql: str,
        past: Mapping[TableName, int] | None,
        *,
        write: bool,
        limit: int,
        cancelled: Callable[[], bool],
    ) -> QueryProcess:
        process = self._taken(writable=write)
        try:
            process.begin(sql, past, limit=limit, cancelled=cancelled)
        except BenchError:
            process.close()
            raise
        return process

    def plan(self, sql: str, *, cancelled: Callable[[], bool]) -> StatementPlan:
        """In one that may write: over a lake that is attached to be read, DuckDB plans no change."""
        with contextlib.closing(self._taken(writable=True)) as process:
            return process.plan(sql, cancelled)

    def words(self) -> Words:
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = self._started(writable=False)
        with duckdb.connect() as blank:
            functions = blank.execute(
                "select distinct function_name from duckdb_functions() "
                "where regexp_full_match(function_name, '[a-z][a-z_0-9]*') order by 1"
            ).fetchall()
            keywords = blank.execute(
                "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved' order by 1"
            ).fetchall()
        return Words(functions=tuple(name for (name,) in functions), keywords=tuple(name for (name,) in keywords))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            gone = [*self._busy, *([self._spare] if self._spare else [])]
            self._busy, self._spare = {}, None
        for process in gone:
            process.kill()

    def _taken(self, *, writable: bool) -> QueryProcess:
        with self._lock:
            if self._closed:
                raise QueryFailed("the stack is down", remedy="floe-bench up")
            spare = None if writable else self._spare
            if spare is not None:
                self._spare = None
            process = spare if spare is not None and spare.at_rest else self._started(writable=writable)
            self._busy[process] = writable
            return process

    def _started(self, *, writable: bool) -> QueryProcess:
        hello = Hello(revealed(self._endpoints), str(self._state_dir), self._memory_limit, writable)
        return QueryProcess(hello, hide=without_secrets(self._endpoints), idle=self._given_back)

    def _given_back(self, process: QueryProcess) -> None:
        with self._lock:
            writable = self._busy.pop(process, True)
            kept = not writable and self._spare is None and not self._closed and process.at_rest
            if kept:
                self._spare = process
        if not kept:
            process.kill()
