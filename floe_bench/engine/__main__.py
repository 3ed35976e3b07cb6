"""``python -m floe_bench.engine``: the engine of one project, described by the environment variable ``REQUEST``."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from floe_bench.engine import protocol
from floe_bench.engine.garbage import look_less_often
from floe_bench.engine.reach import LOCK_FILE, REQUEST, serves
from floe_bench.engine.server import Server
from floe_bench.errors import BenchError

_MEGABYTE = 1_000_000
_POLL_S = 0.05


def main() -> int:
    request = json.loads(os.environ.pop(REQUEST))
    look_less_often()
    from floe_bench.config.project import find_project

    project = find_project(Path(request["root"]))
    state = project.state_dir
    lock = _locked(state)
    if lock is None:
        return 0

    from floe_bench.wiring import open_bench

    try:
        bench, clean = open_bench(project, stack=request["stack"], kept=request["kept"])
    except BenchError as error:
        sys.stdout.buffer.write(protocol.error_line(error))
        return error.exit_code
    _log_to(state / "logs" / "engine.log", clean)
    server = Server(bench, path=protocol.socket_path(state), stack=request["stack"], clean=clean)

    told = _hear(server.end)
    server.listen()
    bench.start()
    server.wait()
    server.close()
    bench.close()
    told.close()
    return 0


def _hear(end: Callable[[], None]) -> socket.socket:
    """``end`` is called, in a thread of its own, when somebody asks the process to end; keep what is returned.

    A handler of Python's would have to wait for the main thread, which sleeps on when another thread got the signal.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: None)  # so that it is told

    def wait() -> None:
        heard.recv(1)
        end()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    return told


def _locked(state: Path) -> IO[str] | None:
    """Two engines never hold one project. One that is just ending is waited for; None when another one serves."""
    lock = (state / LOCK_FILE).open("a")
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if serves(protocol.socket_path(state)):
                return None
            # A lock that tells when it is free would not notice that the other one began to serve.
            time.sleep(_POLL_S)
        else:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            return lock


def _log_to(file: Path, clean: Callable[[str], str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=5 * _MEGABYTE, backupCount=2)

    class Clean(logging.Formatter):
        """The last step before the file, so that a traceback is cleaned too."""

        def format(self, record: logging.LogRecord) -> str:
            return clean(super().format(record))

    handler.setFormatter(Clean("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    # It says at INFO, for every table, which file reader it chose.
    logging.getLogger("pyiceberg.io").setLevel(logging.WARNING)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    # Daemon threads may sit in a library's C code; everything that must be ended was ended above.
    os._exit(code)
