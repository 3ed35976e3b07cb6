"""The warm parent's own process: ``python -m floe_bench.adapters.orchestrators.warm.parent SOCKET``.

It ends when its standard input does, which is when the engine is gone, and takes its children with it.

Of a program that it was told to keep, it has a spare: a child that has read the project already and waits for its one
request. One that no longer fits the request is not used.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from floe_bench.adapters.orchestrators.warm.program import PREPARED, PROGRAMS, Program, preload
from floe_bench.adapters.orchestrators.warm.spare import Kept, Spare, await_request
from floe_bench.adapters.orchestrators.warm.wire import packed, unpacked


@dataclass(slots=True)
class _Caller:
    """One connection. ``pid`` is None until the whole request has come."""

    connection: socket.socket
    files: list[int] = field(default_factory=list)
    text: bytes = b""
    pid: int | None = None
    program: str = ""


class Parent:
    """One thread, one selector: a process that forks must not hold locks of other threads."""

    def __init__(
        self, path: Path, *, programs: Mapping[str, Program], prepared: Mapping[str, Callable[[], Program]]
    ) -> None:
        self._programs, self._preparations = programs, prepared
        self._selector = selectors.DefaultSelector()
        self._callers: dict[int, _Caller] = {}
        self._kept: dict[str, Kept] = {}
        self._spares: dict[str, Spare] = {}
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
            asked = unpacked(caller.text)
            if asked is not None:
                self._start(caller, asked)

    def _start(self, caller: _Caller, asked: Mapping[str, Any]) -> None:
        program = caller.program = asked["program"]
        if "keep" in asked:
            self._keep(program, Kept(asked["env"], asked["cwd"], asked["keep"]))
            self._tell(caller, {"kept": 1})
            self._forget(caller)
            return
        pid = self._handed(caller, asked) or self._forked(caller, asked)
        for file in caller.files:
            os.close(file)
        caller.files, caller.text, caller.pid = [], b"", pid
        self._callers[pid] = caller
        self._tell(caller, {"pid": pid})

    def _forked(self, caller: _Caller, asked: Mapping[str, Any]) -> int:
        pid = os.fork()
        if pid == 0:
            _end_with(lambda: self._become(caller.files, asked))
        return pid

    def _become(self, files: list[int], asked: Mapping[str, Any]) -> int:
        """The child, from here on."""
        _own_signals()
        _take_on(files, asked)
        os.closerange(3, 256)
        _own_streams()
        return self._programs[asked["program"]](asked["args"])

    # ── spares ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _keep(self, program: str, kept: Kept) -> None:
        self._drop(program)
        self._kept[program] = kept
        self._renew(program)

    def _renew(self, program: str) -> None:
        """After a program ended, and not while it runs: preparing takes a processor."""
        busy = any(caller.program == program for caller in self._callers.values())
        if program in self._kept and program not in self._spares and not busy:
            self._spares[program] = self._prepared(program, self._kept[program])

    def _prepared(self, program: str, kept: Kept) -> Spare:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            _end_with(lambda: self._prepare(program, kept, theirs.detach()))
        theirs.close()
        return Spare(pid, ours)

    def _prepare(self, program: str, kept: Kept, line: int) -> int:
        """The spare, from here on."""
        _own_signals()
        nothing = os.open(os.devnull, os.O_RDWR)
        _take_on([nothing, nothing, nothing], {"env": kept.env, "cwd": kept.cwd, "session": False})
        os.dup2(line, 3)
        os.closerange(4, 256)
        _own_streams()
        try:
            run = self._preparations[program]()
        except Exception:  # noqa: BLE001 - whoever asks for the program runs into it as well, and is told
            run = self._programs[program]
        files, asked = await_request(socket.socket(fileno=3))
        _take_on(files, asked)
        for file in files:
            os.close(file)
        return run(asked["args"])

    def _handed(self, caller: _Caller, asked: Mapping[str, Any]) -> int | None:
        """The spare that took the request; None when there is none for it."""
        program = asked["program"]
        kept = self._kept.get(program)
        if program not in self._spares or kept is None or not kept.serves(asked):
            return None
        spare = self._spares.pop(program)
        return spare.pid if spare.hand(caller.text, caller.files) else None

    def _drop(self, program: str) -> None:
        spare = self._spares.pop(program, None)
        if spare is not None:
            spare.line.close()
            _kill(spare.pid)

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
                self._renew(caller.program)
            else:
                self._spares = {name: spare for name, spare in self._spares.items() if spare.pid != pid}

    def _gone(self, caller: _Caller) -> None:
        """The caller went away: nobody is left who wants what its program does."""
        if caller.pid is not None:
            self._callers.pop(caller.pid, None)
            _kill(caller.pid)
            self._renew(caller.program)
        self._forget(caller)

    def _forget(self, caller: _Caller) -> None:
        self._selector.unregister(caller.connection)
        caller.connection.close()

    def _tell(self, caller: _Caller, said: Mapping[str, int]) -> None:
        try:
            caller.connection.sendall(packed(said))
        except OSError:
            return

    def _end(self) -> None:
        for pid in (*self._callers, *(spare.pid for spare in self._spares.values())):
            _kill(pid)
        os._exit(0)


def _own_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _own_streams() -> None:
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(0, "r", closefd=False),
        os.fdopen(1, "w", buffering=1, closefd=False),
        os.fdopen(2, "w", buffering=1, closefd=False),
    )


def _take_on(files: list[int], asked: Mapping[str, Any]) -> None:
    if asked["session"]:
        os.setsid()
    for target, file in enumerate(files):
        os.dup2(file, target)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])


def _end_with(work: Callable[[], int]) -> NoReturn:
    """A child must end here, with its reason where its output goes: behind it is the parent's loop."""
    code = 70
    try:
        code = work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 - see above
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                continue
        os._exit(code)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> None:
    # The engine ends it; a Ctrl-C or a TERM for the group is not meant for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    preload()
    Parent(Path(sys.argv[1]), programs=PROGRAMS, prepared=PREPARED).serve()


if __name__ == "__main__":
    main()
