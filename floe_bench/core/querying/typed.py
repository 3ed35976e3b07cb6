"""Which snapshots statements of the SQL screen wrote: DuckDB leaves no mark in them, so it is kept on disk."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from floe_bench.core.undo.extent import main_line
from floe_bench.model.snapshot import Snapshot

_KEPT = 20_000
_AT_MOST = 2
"""So many snapshots does one statement make of one table."""


class Typed:
    """One snapshot id a line, newest last. Thread-safe; one process at a time, by the engine's lock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[int, None] | None = None

    def ids(self) -> frozenset[int]:
        with self._lock:
            return frozenset(self._read())

    def add(self, ids: Sequence[int]) -> None:
        with self._lock:
            known = self._read()
            known.update(dict.fromkeys(ids))
            kept = list(known)[-_KEPT:]
            self._known = dict.fromkeys(kept)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_name(f".{self._file.name}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.writelines(f"{each}\n" for each in kept)
            draft.replace(self._file)

    def _read(self) -> dict[int, None]:
        if self._known is None:
            lines = self._file.read_text().splitlines() if self._file.is_file() else []
            if odd := [line for line in lines if not line.isascii() or not line.isdigit()]:
                logging.getLogger(__name__).warning("%s has lines that are no snapshot: %s", self._file, odd[0][:40])
            self._known = {int(line): None for line in lines if line not in odd}
        return self._known


def written_between(snapshots: Sequence[Snapshot], before: int | None, after: int | None) -> Sequence[int]:
    """What a statement wrote to a table whose head was ``before`` when it began and ``after`` when it ended.

    Empty where somebody else may have written meanwhile: what is not certainly one's own is somebody else's.
    """
    line = main_line(snapshots)
    ids = [each.snapshot_id for each in line]
    if after not in ids or (before is not None and before not in ids):
        return ()
    since = line[ids.index(after) : ids.index(before) if before is not None else len(line)]
    own = 0 < len(since) <= _AT_MOST and not any(each.run_id or each.written_by for each in since)
    return [each.snapshot_id for each in since] if own else ()
