"""What was rehearsed, on disk: written before the first commit, so that an interrupted publish is known later."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import msgspec

from floe_bench.errors import NoSuchRehearsal
from floe_bench.model.rehearsal import Rehearsal, RehearsalState


class Records:
    """One JSON file per rehearsal in ``folder``. Thread-safe; one process at a time, by the engine's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, Rehearsal] | None = None

    def all(self) -> tuple[Rehearsal, ...]:
        """Newest first."""
        with self._lock:
            return tuple(sorted(self._read().values(), key=lambda each: each.at, reverse=True))

    def put(self, rehearsal: Rehearsal) -> Rehearsal:
        """On the disk when it returns, power failure included."""
        with self._lock:
            known = self._read()
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{rehearsal.rehearsal_id}"
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(rehearsal))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / f"{rehearsal.rehearsal_id}.json")
            known[rehearsal.rehearsal_id] = rehearsal
        return rehearsal

    def find(self, prefix: str) -> Rehearsal:
        """The newest that is not over, else the newest, when empty. Raises NoSuchRehearsal."""
        every = self.all()
        if not prefix:
            found = [each for each in every if not each.state.over][:1] or list(every[:1])
        else:
            found = [each for each in every if each.rehearsal_id.startswith(prefix)]
        if len(found) == 1:
            return found[0]
        fault = f"{len(found)} rehearsals start with '{prefix}'" if found else "there is no such rehearsal"
        raise NoSuchRehearsal(fault, remedy="floe-bench rehearse list")

    def unsettled(self) -> tuple[Rehearsal, ...]:
        """Oldest first: those whose publishing or discarding was interrupted."""
        begun = (RehearsalState.PUBLISHING, RehearsalState.DISCARDING)
        return tuple(each for each in reversed(self.all()) if each.state in begun)

    def _read(self) -> dict[str, Rehearsal]:
        if self._known is None:
            self._known = {}
            for file in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
                try:
                    found = msgspec.json.decode(file.read_bytes(), type=Rehearsal)
                except msgspec.MsgspecError as error:  # of another version: its branches stay until somebody looks
                    logging.getLogger(__name__).warning("%s cannot be read: %s", file, error)
                else:
                    self._known[found.rehearsal_id] = found
        return self._known
