"""Reaching the engine of a project, starting it when there is none."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from floe_bench.engine import protocol
from floe_bench.engine.client import END_S, EngineClient
from floe_bench.engine.protocol import ATTEND, Greeting
from floe_bench.errors import BenchError, EngineError, StackUnavailable
from floe_bench.events import Booted, Event
from floe_bench.model.project import Project

DEFAULT_STACK = "embedded"
REQUEST = "FLOE_BENCH_ENGINE"
LOCK_FILE = "engine.lock"
_START_S = 90.0
_POLL_S = 0.03

Presence = tuple[socket.socket, Greeting]


def connect(
    project: Project,
    *,
    stack: str | None = None,
    start: bool = True,
    on_event: Callable[[Event], None] | None = None,
) -> EngineClient | None:
    """Attend the project's engine. With ``start`` one is started where none is, or where it is of another build.

    ``stack`` None: nobody chose one, so that of the running engine, else the default. None only when ``start`` is False
    and no engine is there. ``on_event`` hears the boot until it ended; the call
    returns at once otherwise, and verbs wait for the boot themselves.

    Raises:
        EngineError: it does not start, with the end of its log; ConfigInvalid, StackUnavailable where it said why.
        StackUnavailable: an engine of this project runs another stack.
    """
    client = _attend(project, stack, start=start)
    if client is not None and on_event is not None:
        for event in client.events():
            on_event(event)
            if isinstance(event, Booted):
                break
    return client


def _attend(project: Project, stack: str | None, *, start: bool) -> EngineClient | None:
    path = protocol.socket_path(project.state_dir) if project.state_dir.exists() else None
    presence, kept = _greeted(path) if path else None, False
    if presence is not None and start and presence[1].build != protocol.build():
        kept = _replace(path, presence)
        stack = stack or presence[1].stack
        presence = None
    if presence is None and start:
        path, presence = _started(project, stack or DEFAULT_STACK, kept=kept)
    if presence is None or path is None:
        return None
    connection, greeting = presence
    if stack is not None and greeting.stack != stack and start:
        connection.close()
        raise StackUnavailable(
            f"the bench of {project.name} is open with the stack '{greeting.stack}'", remedy="floe-bench down"
        )
    return EngineClient(path, connection, greeting)


def _greeted(path: Path) -> Presence | None:
    """None where no engine listens, or one that is just ending."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
        connection.sendall(protocol.request_line(ATTEND, {}))
        said = connection.makefile("rb").readline()
        if said:
            return connection, msgspec.json.decode(said, type=Greeting)
    except OSError:
        pass
    connection.close()
    return None


def serves(path: Path) -> bool:
    """Whether an engine there takes clients; asking does not count as coming."""
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _started(project: Project, stack: str, *, kept: bool) -> tuple[Path, Presence]:
    """Raises EngineError. Of several that are started at once one serves, and the others end with exit 0."""
    _make_state(project.state_dir)
    path = protocol.socket_path(project.state_dir)
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        process = _launch(project, stack, kept=kept)
        ended = False
        while not ended and time.monotonic() < deadline:
            # Looked at before the socket: what an engine that ended so kindly knows of is there by then.
            ended = process.poll() is not None
            presence = _greeted(path)
            if presence is not None:
                return path, presence
            time.sleep(_POLL_S)
        if process.returncode:
            break
    raise _did_not_start(project)


def _launch(project: Project, stack: str, *, kept: bool) -> subprocess.Popen[bytes]:
    state = project.state_dir
    log = state / "logs" / "engine-start.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "floe_bench.engine"],
            env={
                **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
                REQUEST: json.dumps({"root": str(project.root), "stack": stack, "kept": kept}),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=state,
            # It outlives this terminal when it is kept, and Ctrl-C here is not meant for it.
            start_new_session=True,
        )
    # Reaped by whoever lives longer; a zombie would look like a leftover.
    threading.Thread(target=process.wait, name="engine-wait", daemon=True).start()
    return process


def _make_state(state: Path) -> None:
    (state / "logs").mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    ignore = state / ".gitignore"
    if not ignore.exists():
        ignore.write_text("# Everything here is floe-bench's own state.\n*\n")


def _did_not_start(project: Project) -> BenchError:
    """The engine's own words where it had the time to say them, the end of its log otherwise."""
    log = project.state_dir / "logs" / "engine-start.log"
    said = log.read_text(errors="replace").strip().splitlines()[-3:] if log.exists() else []
    with suppress(msgspec.MsgspecError, LookupError):
        return protocol.raised(msgspec.json.decode(said[-1], type=dict[str, dict[str, str]])["error"])
    return EngineError("the engine did not start" + "".join(f"\n{line}" for line in said), remedy=f"less {log}")


def _replace(path: Path | None, presence: Presence) -> bool:
    """End an engine of another build; it is asked first, since it knows how to stop what it started.

    True when it was kept: its successor is to stay up too.
    """
    connection, greeting = presence
    client, kept = EngineClient(path or Path(), connection, greeting), False
    try:
        kept = client.status().kept
        client.shutdown()
        client.wait_gone(END_S)
    except BenchError:
        os.kill(greeting.pid, signal.SIGTERM)
        client.wait_gone(END_S)
    return kept
