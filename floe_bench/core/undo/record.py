"""What was undone, on disk: written before the first commit, so that an interrupted undo is known at the next start."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec

from floe_bench.errors import NothingToUndo
from floe_bench.model.undo import TakenBack, Undo, UndoState


class Records:
    """One JSON file per undo in ``folder``. Thread-safe; one process at a time, which the engine's lock sees to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, Undo] | None = None

    def all(self) -> tuple[Undo, ...]:
        """Newest first."""
        with self._lock:
            return tuple(sorted(self._read().values(), key=lambda undo: undo.at, reverse=True))

    def put(self, undo: Undo) -> Undo:
        """On the disk when it returns, power failure included."""
        with self._lock:
            known = self._read()
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{undo.undo_id}"
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(undo))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / f"{undo.undo_id}.json")
            _sync(self._folder)
            known[undo.undo_id] = undo
        return undo

    def find(self, prefix: str | None) -> Undo:
        """The newest that can be brought back when None. Raises NothingToUndo."""
        able = [undo for undo in self.all() if undo.state is UndoState.UNDONE]
        found = able[:1] if prefix is None else [undo for undo in able if undo.undo_id.startswith(prefix)]
        if len(found) == 1:
            return found[0]
        fault = f"{len(found)} undos start with '{prefix}'" if found else "there is no undo that could be brought back"
        raise NothingToUndo(fault, remedy="floe-bench undo --list")

    def unsettled(self) -> tuple[Undo, ...]:
        """Oldest first: those that were interrupted, or that the orchestrator was not told of."""
        return tuple(undo for undo in reversed(self.all()) if not undo.state.over or not undo.told)

    def taken_back(self) -> Mapping[str, TakenBack]:
        """The newest undo of each table that is in force, by table."""
        found: dict[str, TakenBack] = {}
        for undo in reversed(self.all()):
            for move in undo.plan.moves:
                if undo.state is UndoState.UNDONE:
                    found[move.table] = TakenBack(undo.undo_id, undo.at, move)
        return found

    def _read(self) -> dict[str, Undo]:
        if self._known is None:
            self._known = {}
            for file in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
                try:
                    undo = msgspec.json.decode(file.read_bytes(), type=Undo)
                except msgspec.MsgspecError as error:  # of another version: what it did stays, what it was is not known
                    logging.getLogger(__name__).warning("%s cannot be read: %s", file, error)
                else:
                    self._known[undo.undo_id] = undo
        return self._known


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
