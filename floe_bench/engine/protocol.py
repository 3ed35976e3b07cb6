"""The wire: JSON lines over a Unix socket.

A connection carries one request. ``{"verb": …, "args": {…}}`` is answered by ``{"result": …}`` or ``{"error": {…}}``;
the verb ``events`` by one ``{"event": NAME, "data": {…}}`` a line until either side ends; ``attend`` by a greeting, and
the connection stays open as long as the client is there. Closing a connection cancels its request.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

import floe_bench
from floe_bench import events
from floe_bench.config.short_path import short_path
from floe_bench.errors import BenchError, UsageError, by_kind
from floe_bench.events import Event
from floe_bench.ports.bench import Bench

ATTEND, EVENTS, LEAVE = "attend", "events", "leave"
_EVENTS = {cls.__name__: cls for cls in get_args(events.Event)}
_encoder = msgspec.json.Encoder(enc_hook=str)


class Request(msgspec.Struct):
    verb: str
    args: dict[str, msgspec.Raw] = {}


class Greeting(msgspec.Struct):
    """``build`` tells apart engines of another version or another environment."""

    pid: int
    build: str
    stack: str


def verbs_of(bench: type, prefix: str = "") -> dict[str, Callable[..., Any]]:
    """Every verb that a Protocol declares, by its name on the wire: ``submit``; ``undo.plan`` for a group's."""
    found: dict[str, Callable[..., Any]] = {}
    for name, member in vars(bench).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            found |= verbs_of(get_type_hints(member.fget)["return"], f"{prefix}{name}.")
        else:
            found[prefix + name] = member
    return found


VERBS = verbs_of(Bench)


def socket_path(state_dir: Path) -> Path:
    """In the state folder; through a short link where that is longer than a socket address may be."""
    return short_path(state_dir) / "engine.sock"


@cache
def build() -> str:
    """Changes with the version, the environment, and (in a source tree) with every saved file."""
    package = Path(floe_bench.__file__).parent
    newest = max(file.stat().st_mtime_ns for file in package.rglob("*.py"))
    digest = hashlib.sha256(f"{sys.prefix}\0{package}\0{newest}".encode()).hexdigest()[:12]
    return f"{floe_bench.__version__}+{digest}"


def line(**fields: Any) -> bytes:
    return _encoder.encode(fields) + b"\n"


def request_line(verb: str, args: dict[str, Any]) -> bytes:
    return line(verb=verb, args=args)


def event_line(event: Event) -> bytes:
    return line(event=type(event).__name__, data=event)


def read_event(name: str, data: msgspec.Raw) -> Event | None:
    """None for an event of a newer engine."""
    cls = _EVENTS.get(name)
    return None if cls is None else msgspec.json.decode(data, type=cls)


def error_line(error: BenchError) -> bytes:
    return line(error={"kind": error.kind, "message": error.message, "remedy": error.remedy, "where": error.where})


def raised(error: dict[str, str]) -> BenchError:
    return by_kind(error["kind"])(error["message"], remedy=error["remedy"], where=error["where"])


def arguments(verb: str, raw: dict[str, msgspec.Raw]) -> dict[str, Any]:
    """The arguments as the Bench declares them. Raises UsageError."""
    declared = VERBS[verb]
    hints = _hints(declared)
    try:
        found = {name: msgspec.json.decode(value, type=hints[name]) for name, value in raw.items()}
    except (KeyError, msgspec.ValidationError) as error:
        raise UsageError(f"{verb} does not take {error}") from error
    try:
        signature(declared).bind(None, **found)
    except TypeError as error:
        raise UsageError(f"{verb}: {error}") from error
    return found


def answer_type(verb: str) -> Any:
    return _hints(VERBS[verb])["return"]


@cache
def _hints(method: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(method)
