"""Starting and using a warm parent from the engine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from floe_bench.adapters.orchestrators.warm.wire import ask, ended, keep, started

if TYPE_CHECKING:
    from floe_bench.adapters.orchestrators.warm.wire import Connection

_READY_S = 60.0


class Child(Protocol):
    """A program that runs: a forked one or an ordinary process."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...


CAN_FORK = sys.platform == "linux"
"""macOS aborts children that use its frameworks after a fork, and Windows has none: there every start is a cold one."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A spare that is to be there."""

    env: Mapping[str, str]
    cwd: str
    stamp: str


class WarmParent:
    """Starts in the background. Until ``start``, and where nothing can be forked, ``run`` answers None.

    One that died is started again when it is next asked for, with the spares that it had.
    """

    def __init__(self, path: Path, log: Path) -> None:
        self.path, self._log = path, log
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._answered = False
        self._wishes: dict[str, _Wish] = {}

    def start(self) -> None:
        if not CAN_FORK:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "floe_bench.adapters.orchestrators.warm.parent", str(self.path)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
                start_new_session=True,
            )

    def ready(self) -> bool:
        """Waits for its imports; False when there is none, or when it died of them."""
        deadline = time.monotonic() + _READY_S
        while self._lives() and time.monotonic() < deadline:
            probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            with probe:
                try:
                    probe.connect(str(self.path))
                except OSError:
                    time.sleep(0.05)
                    continue
                self._is_up()
                return True
        return False

    def _lives(self) -> bool:
        with self._starting:
            if self._process is not None and self._process.poll() is not None and self._answered:
                self._answered = False
                self.start()
            return self._process is not None and self._process.poll() is None

    def _is_up(self) -> None:
        with self._starting:
            fresh, self._answered = not self._answered, True
        for program, wish in dict(self._wishes).items() if fresh else ():
            keep(self.path, program, env=wish.env, cwd=wish.cwd, stamp=wish.stamp)

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
        pid = None if connection is None else started(connection)
        return None if connection is None or pid is None else _Forked(connection, pid)

    def keep(self, program: str, *, env: Mapping[str, str], cwd: Path, stamp: str = "") -> None:
        """Have a spare ready that read the project as it is now; any that read it as it was is dropped."""
        wish = self._wishes[program] = _Wish(dict(env), str(cwd), stamp)
        if self.ready():
            keep(self.path, program, env=wish.env, cwd=wish.cwd, stamp=wish.stamp)

    def close(self) -> None:
        with self._starting:
            process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.path.unlink(missing_ok=True)


class _Forked:
    """A child of the parent, watched over its connection."""

    def __init__(self, connection: Connection, pid: int) -> None:
        self._connection = connection
        self.pid = pid
        self._code: int | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name=f"forked-{self.pid}", daemon=True).start()

    def _watch(self) -> None:
        # Without an answer the parent died, and its children with it.
        code = ended(self._connection)
        self._code = -signal.SIGKILL if code is None else code
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
        if self._code is None:
            os.kill(self.pid, sig)
