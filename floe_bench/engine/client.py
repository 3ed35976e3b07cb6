"""The verbs of the bench, spoken to its engine over the wire."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import msgspec

from floe_bench.engine import protocol
from floe_bench.engine.protocol import EVENTS, LEAVE, Greeting
from floe_bench.engine.remote import RemoteVerbs
from floe_bench.errors import Cancelled, EngineError
from floe_bench.events import Event
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset
from floe_bench.model.code import Code
from floe_bench.model.finding import Finding
from floe_bench.model.reset import Reset
from floe_bench.model.run import Run, RunRequest
from floe_bench.model.snapshot import Diff, Snapshot
from floe_bench.model.stack import StackStatus
from floe_bench.model.table import Table
from floe_bench.ports.anatomy import AnatomyVerbs
from floe_bench.ports.carry import CancellableCarrying
from floe_bench.ports.check import CancellableChecks
from floe_bench.ports.console import ConsoleVerbs
from floe_bench.ports.export import Exporting
from floe_bench.ports.maintenance import Maintenance
from floe_bench.ports.past import PastVerbs
from floe_bench.ports.picking import Picking
from floe_bench.ports.profile import CancellableProfiling
from floe_bench.ports.querying import CancellableQuerying
from floe_bench.ports.rehearsal import Rehearsing
from floe_bench.ports.reshape import Reshaping
from floe_bench.ports.saving import Saving
from floe_bench.ports.service import ServiceVerbs
from floe_bench.ports.stepping import CancellableStepping
from floe_bench.ports.undo import Undoing
from floe_bench.ports.view import ViewVerbs

END_S = 60.0
_LOOK_EVERY_S = 0.1


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
                    self.wait_gone(END_S)
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
        self.wait_gone(END_S)

    def reset(self) -> Reset:
        found: Reset = self._call("reset")
        self.wait_gone(END_S)
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
        offset: int = 0,
        cancelled: Callable[[], bool] | None = None,
    ) -> Diff:
        ends = {"from_snapshot": from_snapshot, "to_snapshot": to_snapshot}
        args = {"table": table, **ends, "key": key, "limit": limit, "offset": offset}
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
    def services(self) -> ServiceVerbs:
        return cast(ServiceVerbs, RemoteVerbs("services", self._cancellable))

    @property
    def carrying(self) -> CancellableCarrying:
        return cast(CancellableCarrying, RemoteVerbs("carrying", self._cancellable))

    @property
    def undo(self) -> Undoing:
        return cast(Undoing, RemoteVerbs("undo", self._cancellable))

    @property
    def stepping(self) -> CancellableStepping:
        return cast(CancellableStepping, RemoteVerbs("stepping", self._cancellable))

    @property
    def rehearsing(self) -> Rehearsing:
        return cast("Rehearsing", RemoteVerbs("rehearsing", self._cancellable))

    @property
    def checks(self) -> CancellableChecks:
        return cast(CancellableChecks, RemoteVerbs("checks", self._cancellable))

    def refresh(self) -> None:
        self._call("refresh")

    @property
    def console(self) -> ConsoleVerbs:
        return cast(ConsoleVerbs, RemoteVerbs("console", self._cancellable))

    @property
    def anatomy(self) -> AnatomyVerbs:
        return cast(AnatomyVerbs, RemoteVerbs("anatomy", self._cancellable))

    @property
    def views(self) -> ViewVerbs:
        return cast(ViewVerbs, RemoteVerbs("views", self._cancellable))

    @property
    def maintenance(self) -> Maintenance:
        return cast(Maintenance, RemoteVerbs("maintenance", self._cancellable))

    @property
    def profile(self) -> CancellableProfiling:
        return cast(CancellableProfiling, RemoteVerbs("profile", self._cancellable))

    @property
    def export(self) -> Exporting:
        return cast(Exporting, RemoteVerbs("export", self._cancellable))

    @property
    def querying(self) -> CancellableQuerying:
        return cast(CancellableQuerying, RemoteVerbs("querying", self._cancellable))

    @property
    def past(self) -> PastVerbs:
        return cast(PastVerbs, RemoteVerbs("past", self._cancellable))

    @property
    def reshaping(self) -> Reshaping:
        return cast(Reshaping, RemoteVerbs("reshaping", self._cancellable))

    @property
    def picking(self) -> Picking:
        return cast(Picking, RemoteVerbs("picking", self._cancellable))

    @property
    def saving(self) -> Saving:
        return cast(Saving, RemoteVerbs("saving", self._cancellable))
