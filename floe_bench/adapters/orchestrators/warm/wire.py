"""How a program is asked for: a message with file descriptors beside it, answered by two.

``{"program", "args", "env", "cwd", "session", "stamp"}`` → ``{"pid": n}`` at once, ``{"exit": code}`` when it ended; a
negative code is the signal it died of. Closing the connection kills the program.

``{"program", "keep": stamp, "env", "cwd"}`` → ``{"kept": 1}``: from now on have a spare of that program ready.

A message is a marshalled mapping behind its length in four bytes; one Python is at both ends. Every dbt invocation
waits for a process to import this, so it has nothing but modules in C: JSON, ``socket``, ``array`` and ``pathlib`` with
what they import are more than Python's own start.
"""

from __future__ import annotations

import _socket
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Connection = _socket.socket

SOCKET_VARIABLE = "FLOE_BENCH_WARM"
"""Where the parent listens; not set where there is none."""
_LENGTH = 4
_INT = 4
"""Bytes of a C ``int``, wherever Python forks."""


def packed(said: Mapping[str, Any]) -> bytes:
    body = marshal.dumps(dict(said))
    return len(body).to_bytes(_LENGTH, "big") + body


def unpacked(text: bytes) -> dict[str, Any] | None:
    """None until all of the message has come."""
    if len(text) < _LENGTH or len(text) < _LENGTH + int.from_bytes(text[:_LENGTH], "big"):
        return None
    found: dict[str, Any] = marshal.loads(text[_LENGTH:])
    return found


def ask(
    path: str | os.PathLike[str],
    program: str,
    args: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    files: Sequence[int],
    session: bool,
    stamp: str = "",
) -> Connection | None:
    """The connection of a program that was asked for; None when nobody answers. ``files`` become 0, 1 and 2.

    ``stamp`` is the state of the project that a spare must have read.
    """
    asked = {"program": program, "args": list(args), "env": dict(env), "cwd": cwd, "session": session, "stamp": stamp}
    return _sent(path, packed(asked), files)


def started(connection: Connection) -> int | None:
    """The process id of what was asked for; None when the parent died before it said so: nothing goes on."""
    found = _heard(connection)
    return None if found is None else found["pid"]


def ended(connection: Connection) -> int | None:
    """Waits for its exit code; None when the parent died."""
    found = _heard(connection)
    return None if found is None else found["exit"]


def keep(path: str | os.PathLike[str], program: str, *, env: Mapping[str, str], cwd: str, stamp: str = "") -> None:
    """Ask for a spare; without a parent there is none, and nobody misses it."""
    connection = _sent(path, packed({"program": program, "keep": stamp, "env": dict(env), "cwd": cwd}), ())
    if connection is not None:
        _heard(connection)
        connection.close()


def _sent(path: str | os.PathLike[str], text: bytes, files: Sequence[int]) -> Connection | None:
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.connect(os.fspath(path))
        # The descriptors travel with the first byte; the rest may need several writes.
        numbers = b"".join(file.to_bytes(_INT, sys.byteorder) for file in files)
        beside = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)] if files else []
        connection.sendmsg([text[:1]], beside)
        connection.sendall(text[1:])
    except OSError:
        connection.close()
        return None
    return connection


def _heard(connection: Connection) -> dict[str, int] | None:
    """No byte more than the message: what comes behind it is the next one's."""
    text = b""
    try:
        while (found := unpacked(text)) is None:
            missing = _LENGTH - len(text)
            if missing <= 0:
                missing = _LENGTH + int.from_bytes(text[:_LENGTH], "big") - len(text)
            part = connection.recv(missing)
            if not part:
                return None
            text += part
    except OSError:
        return None
    return found
