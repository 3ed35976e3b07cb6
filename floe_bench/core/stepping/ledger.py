"""Stepped runs and breakpoints on disk: they outlive the engine."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import msgspec

from floe_bench.dataclass import dataclass
from floe_bench.model.step import Breakpoint, Step


@dataclass(frozen=True, slots=True)
class Ledger:
    """``steps/STEP_ID.json`` and ``breakpoints.json`` in the project's state folder; replaced whole or not at all."""

    state_dir: Path

    def steps(self) -> list[Step]:
        """In the order in which they were started. One that cannot be read is left out."""
        found = []
        for file in self._folder.glob("*.json"):
            try:
                found.append(msgspec.json.decode(file.read_bytes(), type=Step))
            except msgspec.MsgspecError:  # of another version, or edited by hand
                logging.getLogger(__name__).warning("%s cannot be read", file)
        return sorted(found, key=lambda step: step.started_at.timestamp() if step.started_at else 0.0)

    def keep(self, step: Step) -> None:
        _write(self._folder / f"{step.step_id}.json", msgspec.json.encode(step))

    def breakpoints(self) -> tuple[Breakpoint, ...]:
        try:
            return msgspec.json.decode(self._breakpoints.read_bytes(), type=tuple[Breakpoint, ...])
        except FileNotFoundError:
            return ()
        except msgspec.MsgspecError:
            logging.getLogger(__name__).warning("%s cannot be read", self._breakpoints)
            return ()

    def keep_breakpoints(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        _write(self._breakpoints, msgspec.json.encode(breakpoints))

    @property
    def _folder(self) -> Path:
        return self.state_dir / "steps"

    @property
    def _breakpoints(self) -> Path:
        return self.state_dir / "breakpoints.json"


def _write(file: Path, text: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(text)
    draft.replace(file)
