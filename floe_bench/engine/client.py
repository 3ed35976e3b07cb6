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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import msgspec

from floe_bench.engine import protocol
from floe_bench.engine.protocol import ATTEND, EVENTS, LEAVE, Greeting
from floe_bench.engine.remote import RemoteVerbs
from floe_bench.errors import BenchError, Cancelled, EngineError, StackUnavailable
from floe_bench.events import Booted, Event
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset
from floe_bench.model.code import Code
from floe_bench.model.finding import Finding
from floe_bench.model.project import Project
from floe_bench.model.run import Run, RunRequest
from floe_bench.model.snapshot import Diff, Snapshot
from floe_bench.model.stack import StackStatus
from floe_bench.model.table import Table
from floe_bench.ports.anatomy import AnatomyVerbs
from floe_bench.ports.check import Checks
from floe_bench.ports.console import ConsoleVerbs
from floe_bench.ports.maintenance import Maintenance
from floe_bench.ports.rehearsal import Rehearsing
from floe_bench.ports.stepping import Stepping
from floe_bench.ports.undo import Undoing

DEFAULT_STACK = "embedded"
REQUEST = "FLOE_BENCH_ENGINE"
LOCK_FILE = "engine.lock"
_START_S = 90.0
_END_S = 60.0
_POLL_S = 0.03
_LOOK_EVERY_S = 0.1

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
        client.wait_gone(_END_S)
    except BenchError:
        os.kill(greeting.pid, signal.SIGTERM)
        client.wait_gone(_END_S)
    return kept


def _line(connection: socket.socket, cancelled: Callable[[], bool]) -> bytes:
    """The first line of an answer. Raises Cancelled."""
    connection.settimeout(_LOOK_EVERY_S)
    said = bytearray()
    while not said.endswith(b"\n"):
        if cancelled():
            raise Cancelled("cancelled")
        try:
            part = connection.recv(1 << 18)
        except TimeoutError:
            continue
        if not part:
            break
        said += part
    return bytes(said)


class EngineClient:
    """The bench of one project, from another process. Thread-safe: every call has a connection of its own."""

    def __init__(self, path: Path, presence: socket.socket, greeting: Greeting) -> None:
        self._path, self._presence = path, presence
        self._streams: set[socket.socket] = set()
        self.engine_pid = greeting.pid

    # ── being there ───────────────────────────────────────────────────────────────────────────────────────────────

    def close(self, wait: bool = True) -> None:
        """Leave; streams of events end. The last one ends an engine that is not kept: with ``wait``, by then."""
        for stream in tuple(self._streams):
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
        try:
            self._presence.sendall(protocol.line(verb=LEAVE))
            if wait:
                answer = msgspec.json.decode(self._presence.makefile("rb").readline() or b'{"last": true}')
                if answer["last"]:
                    self.wait_gone(_END_S)
        except OSError:
            pass
        self._presence.close()

    def wait_gone(self, patience_s: float) -> None:
        """Until the engine's process has ended."""
        self._presence.settimeout(patience_s)
        try:
            while self._presence.recv(4096):
                continue
        except OSError:
            return

    def events(self) -> Iterator[Event]:
        """What is known now, as events, then every later one. Ends with EngineError when the engine goes away."""
        with suppress(ConnectionResetError), self._asked(EVENTS, {}) as connection, self._streaming(connection):
            for said in connection.makefile("rb"):
                found = msgspec.json.decode(said, type=dict[str, msgspec.Raw])
                event = protocol.read_event(msgspec.json.decode(found["event"], type=str), found["data"])
                if event is not None:
                    yield event
        raise EngineError("the engine ended", remedy="floe-bench")

    @contextmanager
    def _streaming(self, connection: socket.socket) -> Iterator[None]:
        self._streams.add(connection)
        try:
            yield
        finally:
            self._streams.discard(connection)

    def _asked(self, verb: str, args: dict[str, Any]) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._path))
            connection.sendall(protocol.request_line(verb, args))
        except OSError as error:
            connection.close()
            raise EngineError(f"the engine does not answer: {error}", remedy="floe-bench up") from error
        return connection

    def _call(self, verb: str, **args: Any) -> Any:
        return self._cancellable(verb, None, **args)

    def _cancellable(self, verb: str, cancelled: Callable[[], bool] | None, /, **args: Any) -> Any:
        """Raises Cancelled when ``cancelled`` turns true: the connection is closed, and that ends it over there too."""
        said = b""
        # An engine that is killed resets its connections; one that ends closes them.
        with suppress(ConnectionResetError), self._asked(verb, args) as connection:
            said = _line(connection, cancelled) if cancelled else connection.makefile("rb").readline()
        if not said:
            raise EngineError(f"the engine ended during '{verb}'", remedy="floe-bench logs --source engine")
        answer = msgspec.json.decode(said, type=dict[str, msgspec.Raw])
        if "error" in answer:
            raise protocol.raised(msgspec.json.decode(answer["error"], type=dict[str, str]))
        return msgspec.json.decode(answer["result"], type=protocol.answer_type(verb))

    # ── the verbs ─────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> StackStatus:
        found: StackStatus = self._call("status")
        return found

    def keep(self, kept: bool) -> StackStatus:
        found: StackStatus = self._call("keep", kept=kept)
        return found

    def shutdown(self) -> None:
        self._call("shutdown")
        self.wait_gone(_END_S)

    def reset(self) -> tuple[str, ...]:
        found: tuple[str, ...] = self._call("reset")
        self.wait_gone(_END_S)
        return found

    def assets(self) -> tuple[Asset, ...]:
        found: tuple[Asset, ...] = self._call("assets")
        return found

    def submit(self, request: RunRequest) -> str:
        found: str = self._call("submit", request=request)
        return found

    def cancel(self, run_id: str) -> None:
        self._call("cancel", run_id=run_id)

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        found: tuple[Run, ...] = self._call("runs", limit=limit)
        return found

    def run(self, run_id: str) -> Run:
        found: Run = self._call("run", run_id=run_id)
        return found

    def tables(self) -> tuple[Table, ...]:
        found: tuple[Table, ...] = self._call("tables")
        return found

    def snapshots(self, table: str) -> tuple[Snapshot, ...]:
        found: tuple[Snapshot, ...] = self._call("snapshots", table=table)
        return found

    def diff(
        self,
        table: str,
        from_snapshot: int | None = None,
        to_snapshot: int | None = None,
        key: tuple[str, ...] = (),
        limit: int = 20,
        cancelled: Callable[[], bool] | None = None,
    ) -> Diff:
        args = {"table": table, "from_snapshot": from_snapshot, "to_snapshot": to_snapshot, "key": key, "limit": limit}
        found: Diff = self._cancellable("diff", cancelled, **args)
        return found

    def query(self, sql: str, limit: int = 1000, cancelled: Callable[[], bool] | None = None) -> QueryAnswer:
        found: QueryAnswer = self._cancellable("query", cancelled, sql=sql, limit=limit)
        return found

    def rows(
        self,
        table: str,
        snapshot_id: int | None = None,
        offset: int = 0,
        limit: int = 100,
        cancelled: Callable[[], bool] | None = None,
    ) -> QueryAnswer:
        args = {"table": table, "snapshot_id": snapshot_id, "offset": offset, "limit": limit}
        found: QueryAnswer = self._cancellable("rows", cancelled, **args)
        return found

    def code(self, run_id: str | None, node_id: str, cancelled: Callable[[], bool] | None = None) -> Code:
        found: Code = self._cancellable("code", cancelled, run_id=run_id, node_id=node_id)
        return found

    def failing_rows(
        self, run_id: str | None, node_id: str, limit: int = 50, cancelled: Callable[[], bool] | None = None
    ) -> QueryAnswer:
        found: QueryAnswer = self._cancellable("failing_rows", cancelled, run_id=run_id, node_id=node_id, limit=limit)
        return found

    def logs(self, source: str = "", lines: int = 200) -> tuple[LogLine, ...]:
        found: tuple[LogLine, ...] = self._call("logs", source=source, lines=lines)
        return found

    def doctor(self) -> tuple[Finding, ...]:
        found: tuple[Finding, ...] = self._call("doctor")
        return found

    def connect(self, tool: str, show_secrets: bool = False) -> str:
        found: str = self._call("connect", tool=tool, show_secrets=show_secrets)
        return found

    @property
    def undo(self) -> Undoing:
        return cast(Undoing, RemoteVerbs("undo", self._cancellable))

    @property
    def stepping(self) -> Stepping:
        return cast("Stepping", RemoteVerbs("stepping", self._cancellable))

    @property
    def rehearsing(self) -> Rehearsing:
        return cast("Rehearsing", RemoteVerbs("rehearsing", self._cancellable))

    @property
    def checks(self) -> Checks:
        return cast("Checks", RemoteVerbs("checks", self._cancellable))

    def refresh(self) -> None:
        self._call("refresh")

    @property
    def console(self) -> ConsoleVerbs:
        return cast(ConsoleVerbs, RemoteVerbs("console", self._cancellable))

    @property
    def anatomy(self) -> AnatomyVerbs:
        return cast(AnatomyVerbs, RemoteVerbs("anatomy", self._cancellable))

    @property
    def maintenance(self) -> Maintenance:
        return cast(Maintenance, RemoteVerbs("maintenance", self._cancellable))
