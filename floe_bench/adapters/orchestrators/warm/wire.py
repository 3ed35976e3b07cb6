"""How a program is asked for: one JSON line with file descriptors beside it, answered by two lines.

``{"program", "args", "env", "cwd", "session", "stamp"}`` → ``{"pid": n}`` at once, ``{"exit": code}`` when it ended; a
negative code is the signal it died of. Closing the connection kills the program.

``{"program", "keep": stamp, "env", "cwd"}`` → ``{"kept": 1}``: from now on have a spare of that program ready.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

SOCKET_VARIABLE = "FLOE_BENCH_WARM"
"""Where the parent listens; not set where there is none."""


def ask(
    path: Path,
    program: str,
    args: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    files: Sequence[int],
    session: bool,
    stamp: str = "",
) -> socket.socket | None:
    """The connection of a program that was asked for; None when nobody answers. ``files`` become 0, 1 and 2.

    ``stamp`` is the state of the project that a spare must have read.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
        asked = {"program": program, "args": list(args), "env": dict(env), "cwd": cwd}
        text = json.dumps({**asked, "session": session, "stamp": stamp}).encode() + b"\n"
        # The descriptors travel with the first byte; the rest may need several writes.
        socket.send_fds(connection, [text[:1]], list(files))
        connection.sendall(text[1:])
    except OSError:
        connection.close()
        return None
    return connection


def started(connection: socket.socket) -> int | None:
    """The process id of what was asked for; None when the parent died before it said so: nothing goes on."""
    found = _line(connection)
    return None if found is None else found["pid"]


def ended(connection: socket.socket) -> int | None:
    """Waits for its exit code; None when the parent died."""
    found = _line(connection)
    return None if found is None else found["exit"]


def _line(connection: socket.socket) -> dict[str, int] | None:
    """Byte by byte: what comes behind it is the next one's."""
    text = b""
    with suppress(OSError):
        while not text.endswith(b"\n"):
            part = connection.recv(1)
            if not part:
                return None
            text += part
        found: dict[str, int] = json.loads(text)
        return found
    return None


def keep(path: Path, program: str, *, env: Mapping[str, str], cwd: str, stamp: str = "") -> None:
    """Ask for a spare; without a parent there is none, and nobody misses it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, suppress(OSError):
        connection.connect(str(path))
        asked = {"program": program, "keep": stamp, "env": dict(env), "cwd": cwd}
        connection.sendall(json.dumps(asked).encode() + b"\n")
        connection.makefile("rb").readline()
