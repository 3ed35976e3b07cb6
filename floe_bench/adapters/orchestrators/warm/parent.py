"""The warm parent's own process: ``python -m floe_bench.adapters.orchestrators.warm.parent SOCKET``.

It ends when its standard input does, which is when the engine is gone, and takes its children with it.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.warm.program import PROGRAMS, preload


@dataclass(slots=True)
class _Caller:
    """One connection. ``pid`` is None until the whole request has come."""

    connection: socket.socket
    files: list[int] = field(default_factory=list)
    text: bytes = b""
    pid: int | None = None


class Parent:
    """One thread, one selector: a process that forks must not hold locks of other threads."""

    def __init__(self, path: Path) -> None:
        self._selector = selectors.DefaultSelector()
        self._callers: dict[int, _Caller] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(16)
        # Written by the interpreter when a child ended, so that the selector wakes.
        self._woken, waker = socket.socketpair()
        waker.setblocking(False)
        self._woken.setblocking(False)
        self._waker = waker
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def serve(self) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, self._reap)
        self._selector.register(sys.stdin, selectors.EVENT_READ, self._end)
        while True:
            for key, _ in self._selector.select():
                handle: Callable[[], None] = key.data
                handle()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        caller = _Caller(connection)
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._hear(caller))

    def _hear(self, caller: _Caller) -> None:
        try:
            text, files, _, _ = socket.recv_fds(caller.connection, 65536, 3)
        except OSError:
            text, files = b"", []
        caller.files += files
        if not text:
            self._gone(caller)
        elif caller.pid is None:
            caller.text += text
            if caller.text.endswith(b"\n"):
                self._start(caller, json.loads(caller.text))

    def _start(self, caller: _Caller, asked: Mapping[str, Any]) -> None:
        pid = os.fork()
        if pid == 0:
            self._become(caller, asked)
        for file in caller.files:
            os.close(file)
        caller.files, caller.text, caller.pid = [], b"", pid
        self._callers[pid] = caller
        self._tell(caller, {"pid": pid})

    def _become(self, caller: _Caller, asked: Mapping[str, Any]) -> None:
        """The child, from here on. Never returns."""
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
            if asked["session"]:
                os.setsid()
            for target, file in enumerate(caller.files):
                os.dup2(file, target)
            os.closerange(3, 256)
            os.environ.clear()
            os.environ.update(asked["env"])
            os.chdir(asked["cwd"])
            sys.stdin, sys.stdout, sys.stderr = (
                os.fdopen(0, "r", closefd=False),
                os.fdopen(1, "w", buffering=1, closefd=False),
                os.fdopen(2, "w", buffering=1, closefd=False),
            )
            code = PROGRAMS[asked["program"]](asked["args"])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        except KeyboardInterrupt:
            code = 130
        except BaseException:  # noqa: BLE001 - the child must end here, with its reason where its output goes
            sys.excepthook(*sys.exc_info())
            code = 1
        finally:
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except OSError:
                    continue
            os._exit(code)

    def _reap(self) -> None:
        self._woken.recv(4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            caller = self._callers.pop(pid, None)
            if caller is not None:
                self._tell(caller, {"exit": os.waitstatus_to_exitcode(status)})
                self._forget(caller)

    def _gone(self, caller: _Caller) -> None:
        """The caller went away: nobody is left who wants what its program does."""
        if caller.pid is not None:
            self._callers.pop(caller.pid, None)
            _kill(caller.pid)
        self._forget(caller)

    def _forget(self, caller: _Caller) -> None:
        self._selector.unregister(caller.connection)
        caller.connection.close()

    def _tell(self, caller: _Caller, said: Mapping[str, int]) -> None:
        try:
            caller.connection.sendall(json.dumps(said).encode() + b"\n")
        except OSError:
            return

    def _end(self) -> None:
        for pid in self._callers:
            _kill(pid)
        os._exit(0)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> None:
    # The engine ends it; a Ctrl-C or a TERM for the group is not meant for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    preload()
    Parent(Path(sys.argv[1])).serve()


if __name__ == "__main__":
    main()
