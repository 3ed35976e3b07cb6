"""Somebody who writes to a table all the while that a test changes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pyarrow as pa
from pyiceberg.exceptions import BadRequestError, CommitFailedException

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import CommitConflict
from floe_bench.model.stack import Endpoints
from tests.contracts.workbench import PATIENCE_S

Done = TypeVar("Done")


class Writer:
    """Appends rows with one more number each. ``written`` are those whose commit the catalog took."""

    def __init__(self, endpoints: Endpoints, table: str, *, branch: str = "main", begin: int = 1_000_000) -> None:
        self._endpoints, self._table, self._branch, self._begin = endpoints, table, branch, begin
        self._lock, self._over = threading.Lock(), threading.Event()
        self._written: list[int] = []
        self.pause_s = 0.3
        self.refused = 0
        """How often; each time it leaves its data file, manifest file and manifest list."""
        self._thread = threading.Thread(target=self._write, name=f"writer of {table}")

    @property
    def written(self) -> list[int]:
        with self._lock:
            return list(self._written)

    def _write(self) -> None:
        catalog = open_catalog(self._endpoints)
        number = self._begin
        while not self._over.is_set():
            try:
                catalog.load_table(self._table).append(
                    pa.table({"n": pa.array([number], pa.int64())}), branch=self._branch
                )
            except (CommitFailedException, BadRequestError):  # refused, and not written: it is tried again
                self.refused += 1
                continue
            with self._lock:
                self._written.append(number)
            number += 1
            self._over.wait(self.pause_s)

    def start(self) -> None:
        self._thread.start()

    def end(self, *, least: int = 0) -> None:
        """Once it wrote ``least`` times; for how long nobody can say, for it may be refused again and again."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self.written) < least and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._over.set()
        self._thread.join()


def among(writers: list[Writer], change: Callable[[], Done]) -> Done:
    """What was done among them. Where they were quicker each time, nothing happened: then they pause for longer, since
    on a busy machine nobody would ever come in between.
    """
    while True:
        try:
            return change()
        except CommitConflict:
            for each in writers:
                each.pause_s *= 2


@contextmanager
def crowd(endpoints: Endpoints, table: str, *, branch: str = "main", writers: int = 2) -> Iterator[list[Writer]]:
    """Several at it; each has written at least twice when it ends."""
    found = [
        Writer(endpoints, table, branch=branch, begin=1_000_000 * number) for number in range(1, writers + 1)
    ]  # fmt: skip
    for each in found:
        each.start()
    try:
        yield found
        for each in found:
            each.end(least=2)
    finally:
        for each in found:
            each.end()
