"""Starting and using a warm parent from the engine."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from floe_bench.adapters.orchestrators.warm.wire import ask, keep

_READY_S = 60.0


class Child(Protocol):
    """A program that runs: a forked one or an ordinary process."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...


CAN_FORK = sys.platform == "linux"
"""macOS aborts children that use its frameworks after a fork, and Windows has none: there every start is a cold one."""


class WarmParent:
    """Starts in the background. Until ``start``, and where nothing can be forked, ``run`` answers None."""

    def __init__(self, path: Path, log: Path) -> None:
        self.path, self._log = path, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if not CAN_FORK:
            return
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "floe_bench.adapters.orchestrators.warm.parent", str(self.path)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
                start_new_session=True,
            )

    def ready(self) -> bool:
        """Waits for its imports; False when there is none or it died."""
        deadline = time.monotonic() + _READY_S
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            with probe:
                try:
                    probe.connect(str(self.path))
                except OSError:
                    time.sleep(0.05)
                    continue
                return True
        return False

    def run(
        self,
        program: str,
        args: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        stdin: IO[bytes],
        output: IO[bytes],
        stamp: str = "",
    ) -> Child | None:
        """A forked child in a session of its own; None when there is no parent to fork it."""
        if not self.ready():
            return None
        files = (stdin.fileno(), output.fileno(), output.fileno())
        connection = ask(self.path, program, args, env=env, cwd=str(cwd), files=files, session=True, stamp=stamp)
        return None if connection is None else _Forked(connection)

    def keep(self, program: str, *, env: Mapping[str, str], cwd: Path, stamp: str = "") -> None:
        """Have a spare ready that read the project as it is now; any that read it as it was is dropped."""
        if self.ready():
            keep(self.path, program, env=env, cwd=str(cwd), stamp=stamp)

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self.path.unlink(missing_ok=True)


class _Forked:
    """A child of the parent, watched over its connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._answers = connection.makefile("rb")
        self._connection = connection
        self.pid: int = json.loads(self._answers.readline() or b'{"pid": 0}')["pid"]
        self._code: int | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name=f"forked-{self.pid}", daemon=True).start()

    def _watch(self) -> None:
        said = self._answers.readline()
        # Without an answer the parent died, and its children with it.
        self._code = json.loads(said)["exit"] if said else -signal.SIGKILL
        self._connection.close()
        self._ended.set()

    def poll(self) -> int | None:
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(f"forked {self.pid}", timeout or 0.0)
        assert self._code is not None
        return self._code

    def send_signal(self, sig: int) -> None:
        if self._code is None and self.pid:
            os.kill(self.pid, sig)
