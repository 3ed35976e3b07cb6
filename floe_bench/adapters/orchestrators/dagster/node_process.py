"""The engine's end of a node worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.start import start
from floe_bench.adapters.orchestrators.warm.process import Child, WarmParent
from floe_bench.errors import Cancelled, StepBroken, by_kind

_LOOK_S = 0.02
_POLITE_S, _FIRM_S = 10.0, 5.0
"""How long a node may take to end after SIGINT, and its process after that."""


class NodeProcess:
    """One request at a time. Standard output is Dagster's to redirect, so answers come by a file.

    The file is this process's own: of one run a node may be at work while others are compiled to be looked at.
    """

    def __init__(self, place: Place, warm: WarmParent, environment: Mapping[str, str], *, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._answers, self._log = folder / f"answers-{uuid.uuid4().hex[:8]}.jsonl", folder / "worker.log"
        self._answers.write_bytes(b"")
        self._last = 0
        read, self._requests = os.pipe()
        with os.fdopen(read, "rb") as requests, self._log.open("ab") as log:
            self._process: Child = start(
                "node_worker", warm=warm, place=place, env=environment, stdin=requests, output=log
            )

    def ask(self, do: str, asked: Mapping[str, Any], *, cancelled: Callable[[], bool]) -> dict[str, Any]:
        """Raises Cancelled, StepBroken, and what the worker raised."""
        self._last += 1
        request = {"id": self._last, "do": do, "answers": str(self._answers), **asked}
        try:
            os.write(self._requests, json.dumps(request).encode() + b"\n")
        except BrokenPipeError as error:
            raise StepBroken(self._last_words(), remedy="floe-bench step retry") from error
        while (answer := self._answer()) is None:
            if cancelled():
                self._interrupt()
                raise Cancelled(f"{do} was interrupted")
            if self._process.poll() is not None and self._answer() is None:
                raise StepBroken(self._last_words(), remedy="floe-bench step retry")
            time.sleep(_LOOK_S)
        if "error" in answer:
            told = answer["error"]
            raise by_kind(told["kind"])(told["message"], remedy=told["remedy"])
        return answer

    def close(self) -> None:
        """Its input ends, and it with that; whoever does not is killed, and dbt with it."""
        os.close(self._requests)
        try:
            self._process.wait(_FIRM_S)
        except subprocess.TimeoutExpired:
            self._kill()
        self._end_group()
        self._answers.unlink(missing_ok=True)

    def _answer(self) -> dict[str, Any] | None:
        lines = self._answers.read_bytes().splitlines(keepends=True)
        if not lines or not lines[-1].endswith(b"\n"):
            return None
        found: dict[str, Any] = json.loads(lines[-1])
        return found if found["id"] == self._last else None

    def _interrupt(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_POLITE_S)
            except subprocess.TimeoutExpired:
                self._kill()
        self._end_group()

    def _kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(_FIRM_S)

    def _end_group(self) -> None:
        """dbt is a child of the worker: it would go on by itself."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _last_words(self) -> str:
        code = self._process.poll()
        if code is not None and code < 0:
            return f"the process at work died of {signal.Signals(-code).name}"
        said = [line for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        return f"the process at work ended early (exit {code}): {said[-1] if said else 'it said nothing'}"
