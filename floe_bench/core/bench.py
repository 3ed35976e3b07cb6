"""The verbs over one open project, in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from floe_bench.core.anatomy import LocalAnatomy
from floe_bench.core.bisection.verbs import LocalChecks
from floe_bench.core.board import Board, cleaned_run
from floe_bench.core.boot import Boot
from floe_bench.core.carry import LocalCarrying
from floe_bench.core.console import LocalConsole
from floe_bench.core.difference import difference
from floe_bench.core.export import LocalExporting
from floe_bench.core.inspection import Page, cleaned_code, failing, preview
from floe_bench.core.maintenance.verbs import LocalMaintenance
from floe_bench.core.pairing import paired
from floe_bench.core.past import LocalPast
from floe_bench.core.picking import LocalPicking
from floe_bench.core.profile import LocalProfiling
from floe_bench.core.querying.typed import Typed
from floe_bench.core.querying.verbs import LocalQuerying
from floe_bench.core.refresh import Refresher
from floe_bench.core.rehearsal.record import Records as RehearsalRecords
from floe_bench.core.rehearsal.verbs import LocalRehearsing
from floe_bench.core.reread import Rereader
from floe_bench.core.reshape import LocalReshaping
from floe_bench.core.saving import LocalSaving
from floe_bench.core.service import LocalServices
from floe_bench.core.silence import SilenceWatch
from floe_bench.core.stepping.verbs import LocalStepping
from floe_bench.core.undo.record import Records
from floe_bench.core.undo.verbs import UndoVerbs
from floe_bench.core.view import LocalViews
from floe_bench.errors import UsageError
from floe_bench.events import ComparisonProgressed, Event, StackChanged
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset
from floe_bench.model.code import Code
from floe_bench.model.finding import Finding
from floe_bench.model.reset import Reset
from floe_bench.model.run import Run, RunRequest
from floe_bench.model.snapshot import Diff, Snapshot
from floe_bench.model.stack import StackStatus
from floe_bench.model.table import Table, TableName
from floe_bench.ports.site import Site
from floe_bench.ports.undo import Undoing
from floe_bench.state import silence

_never: Callable[[], bool] = lambda: False  # noqa: E731


class LocalBench:
    """``site`` makes everything that the verbs need; nothing is started before ``start``."""

    def __init__(self, site: Site, *, kept: bool = False) -> None:
        self._site = site
        self._kept = kept
        self._board = Board(site.clean)
        self._boot = Boot(site, self._board)
        self._console = LocalConsole(self._boot, self._board)
        self._anatomy = LocalAnatomy(self._boot)
        self._profile = LocalProfiling(self._boot, emit=self._board.emit)
        self._views = LocalViews(self._boot)
        self._export = LocalExporting(self._boot)
        self._typed = Typed(site.project.state_dir / "typed_snapshots.txt")
        self._past = LocalPast(self._boot, assets=self._assets_known, typed=self._typed.ids)
        self._querying = LocalQuerying(
            self._boot,
            history=site.project.state_dir / "queries.jsonl",
            tables=lambda: self._refresher.tables_now(),
            wrote=self._typed.add,
            clean=site.clean,
        )
        self._undo = UndoVerbs(
            self._boot,
            Records(site.project.state_dir / "undo"),
            assets=self._assets_known,
            changed=lambda: self._refresher.all_changed(),
            typed=self._typed.ids,
        )
        self._maintenance = LocalMaintenance(
            self._boot,
            assets=self._assets_known,
            undos=self._undo.in_force,
            changed=lambda: self._refresher.all_changed(),
        )
        self._reshaping = LocalReshaping(
            self._boot, assets=self._assets_known, changed=lambda: self._refresher.all_changed()
        )
        self._picking = LocalPicking(
            self._boot, assets=self._assets_known, changed=lambda: self._refresher.all_changed()
        )
        self._saving = LocalSaving(self._boot, changed=lambda: self._refresher.all_changed())
        self._rehearsing = LocalRehearsing(
            self._boot,
            RehearsalRecords(site.project.state_dir / "rehearsals"),
            assets=self._assets_known,
            changed=lambda: self._refresher.all_changed(),
        )
        self._refresher = Refresher(
            self._boot, self._board, taken_back=self._undo.taken_back, is_published=self._rehearsing.is_published
        )
        self._silence = SilenceWatch(self._board, site.stack)
        self._rereader = Rereader(self._boot, self._board, read=self._refresher.all_changed)
        self._boot.end_with(self._undo, self._rehearsing)
        self._stepping = LocalStepping(self._boot, self._board, site.project.state_dir)
        self._checks = LocalChecks(
            self._boot,
            assets=self._assets_known,
            emit=self._board.emit,
            clean=site.clean,
            typed=self._typed.ids,
        )
        self._services = LocalServices(
            self._boot, self._board, site.stack, told=self.status, changed=lambda: self._refresher.all_changed()
        )
        self._carrying = LocalCarrying(
            self._boot, site, emit=self._board.emit, changed=lambda: self._refresher.all_changed()
        )
        self._closing = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Boot in the background; progress comes as events."""
        self._boot.start()
        self._refresher.start()
        self._rereader.start()
        self._silence.start()

    def events(self, ended: Callable[[], bool] = _never) -> Iterator[Event]:
        return self._board.events(ended)

    @property
    def kept(self) -> bool:
        return self._kept

    def close(self, *, stop_stack: bool = True) -> None:
        """End runs, then the stack; idempotent."""
        # Held to the end: whoever comes second must not end the process under the first.
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._refresher.stop()
            self._rereader.stop()
            self._silence.stop()
            self._stepping.close()
            self._boot.close(stop_stack=stop_stack)
            self._board.close()

    # ── stack ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> StackStatus:
        waits = silence(self._board.state)
        return replace(self._boot.status(), kept=self._kept, waiting_since=waits.at if waits is not None else None)

    def keep(self, kept: bool) -> StackStatus:
        if kept:
            self._boot.endpoints()
            self._boot.wake()
        self._kept = kept
        status = self.status()
        self._board.emit(StackChanged(status))
        return status

    def shutdown(self) -> None:
        self.close()

    def reset(self) -> Reset:
        self._refresher.stop()
        self._rereader.stop()
        self._stepping.close()
        self._kept = False
        return self._boot.reset()

    def logs(self, source: str = "", lines: int = 200) -> tuple[LogLine, ...]:
        return self._site.logs(source, lines, self._boot)

    def doctor(self) -> tuple[Finding, ...]:
        return self._site.examine(self._boot)

    def connect(self, tool: str, show_secrets: bool = False) -> str:
        return self._site.connect(tool, show_secrets=show_secrets, endpoints=self._boot.endpoints())

    @property
    def services(self) -> LocalServices:
        return self._services

    @property
    def carrying(self) -> LocalCarrying:
        return self._carrying

    @property
    def console(self) -> LocalConsole:
        return self._console

    # ── runs ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def assets(self) -> tuple[Asset, ...]:
        self._boot.orchestrator()
        return self._refresher.assets_now()

    def submit(self, request: RunRequest) -> str:
        self._boot.catch_up()
        return self._boot.orchestrator().submit(request)

    def cancel(self, run_id: str) -> None:
        orchestrator = self._boot.orchestrator()
        step_id = orchestrator.run(run_id).step_id
        if step_id is not None and self._stepping.knows(step_id):
            self._stepping.abort(step_id)
        else:
            orchestrator.cancel(run_id)

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        return self._boot.orchestrator(parsed=False).runs(limit)

    def run(self, run_id: str) -> Run:
        return cleaned_run(self._boot.orchestrator(parsed=False).run(run_id), self._site.clean)

    @property
    def stepping(self) -> LocalStepping:
        return self._stepping

    def refresh(self) -> None:
        self._refresher.all_changed()

    # ── tables ────────────────────────────────────────────────────────────────────────────────────────────────────

    def tables(self) -> tuple[Table, ...]:
        return self._refresher.tables_now()

    def snapshots(self, table: str) -> tuple[Snapshot, ...]:
        name = TableName.parse(table)
        found = self._boot.catalog().snapshots(name)
        links = self._boot.orchestrator(parsed=False).snapshot_links()
        assets = tuple((self._board.state.assets or {}).values())
        return paired(found, table=str(name), assets=assets, links=links, typed=self._typed.ids())

    def diff(
        self,
        table: str,
        from_snapshot: int | None = None,
        to_snapshot: int | None = None,
        key: tuple[str, ...] = (),
        limit: int = 20,
        offset: int = 0,
        cancelled: Callable[[], bool] = _never,
    ) -> Diff:
        return difference(
            self._boot.catalog(),
            self._boot.compute(),
            TableName.parse(table),
            before=from_snapshot,
            after=to_snapshot,
            key=key or self._unique_key(table),
            declared=not key,
            limit=limit,
            offset=offset,
            cancelled=cancelled,
            told=lambda percent: self._board.emit(ComparisonProgressed(table, to_snapshot, percent)),
        )

    def query(self, sql: str, limit: int = 1000, cancelled: Callable[[], bool] = _never) -> QueryAnswer:
        if limit < 1:
            raise UsageError(f"a limit of {limit} rows shows nothing", remedy="--limit 1000")
        return self._boot.compute().query(sql, limit=limit, cancelled=cancelled)

    def rows(
        self,
        table: str,
        snapshot_id: int | None = None,
        offset: int = 0,
        limit: int = 100,
        cancelled: Callable[[], bool] = _never,
    ) -> QueryAnswer:
        page = Page(offset, limit)
        name = TableName.parse(table)
        return preview(self._boot.catalog(), self._boot.compute(), name, snapshot_id, page=page, cancelled=cancelled)

    @property
    def undo(self) -> Undoing:
        return self._undo

    @property
    def anatomy(self) -> LocalAnatomy:
        return self._anatomy

    @property
    def views(self) -> LocalViews:
        return self._views

    @property
    def rehearsing(self) -> LocalRehearsing:
        return self._rehearsing

    @property
    def checks(self) -> LocalChecks:
        return self._checks

    @property
    def reshaping(self) -> LocalReshaping:
        return self._reshaping

    @property
    def picking(self) -> LocalPicking:
        return self._picking

    @property
    def maintenance(self) -> LocalMaintenance:
        return self._maintenance

    @property
    def profile(self) -> LocalProfiling:
        return self._profile

    @property
    def export(self) -> LocalExporting:
        return self._export

    @property
    def past(self) -> LocalPast:
        return self._past

    @property
    def querying(self) -> LocalQuerying:
        return self._querying

    @property
    def saving(self) -> LocalSaving:
        return self._saving

    # ── code ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def code(self, run_id: str | None, node_id: str) -> Code:
        return cleaned_code(self._boot.orchestrator(parsed=False).code(run_id, node_id), self._site.clean)

    def failing_rows(
        self, run_id: str | None, node_id: str, limit: int = 50, cancelled: Callable[[], bool] = _never
    ) -> QueryAnswer:
        code = self._boot.orchestrator(parsed=False).code(run_id, node_id)
        return failing(code, self._boot.compute(), page=Page(0, limit), cancelled=cancelled)

    def _assets_known(self) -> tuple[Asset, ...]:
        """In dependency order; with the status as it was last judged, which is moments ago."""
        known = self._board.state.assets
        return tuple(known.values()) if known is not None else self.assets()

    def _unique_key(self, table: str) -> tuple[str, ...]:
        """What the project declares as unique; it pairs changed rows."""
        assets = (self._board.state.assets or {}).values()
        return next((asset.unique_key for asset in assets if asset.table == table), ())
