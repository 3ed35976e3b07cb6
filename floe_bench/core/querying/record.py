"""What was asked in a project, on disk: one JSON object a line, newest last."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import msgspec

from floe_bench.model.query import AskedQuery

_KEPT = 500


class Asked:
    """Thread-safe; one process at a time, by the engine's lock. A line that cannot be read is passed over."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def all(self) -> list[AskedQuery]:
        """Newest first, each statement once."""
        with self._lock:
            found = {(each.sql.strip(), each.as_of): each for each in self._read()}
        return sorted(found.values(), key=lambda each: each.at, reverse=True)

    def add(self, asked: AskedQuery) -> None:
        with self._lock:
            known = self._read()
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if len(known) >= 2 * _KEPT:
                self._write(os.O_TRUNC, known[-_KEPT:])
            self._write(os.O_APPEND, [asked])

    def _write(self, how: int, asked: list[AskedQuery]) -> None:
        """Others on this machine need not know what somebody asks."""
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | how, 0o600), "wb") as file:
            file.writelines(msgspec.json.encode(each) + b"\n" for each in asked)

    def _read(self) -> list[AskedQuery]:
        found = []
        for line in self._file.read_bytes().splitlines() if self._file.exists() else ():
            try:
                found.append(msgspec.json.decode(line, type=AskedQuery))
            except (msgspec.DecodeError, UnicodeDecodeError):
                logging.getLogger(__name__).warning("%s has a line that is no query", self._file)
        return found
