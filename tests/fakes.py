"""A bench without products: a small lakehouse in memory that computes what it answers.

Assets read the rows of those before them; every materialization commits a snapshot that keeps its rows, so diffs,
counts and time are worked out, and queries are run (by sqlite). Time stands still except where work takes some.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from floe_bench.core.export import LocalExporting
from floe_bench.core.maintenance.verbs import LocalMaintenance
from floe_bench.core.past import LocalPast
from floe_bench.core.picking import LocalPicking
from floe_bench.core.querying.verbs import LocalQuerying
from floe_bench.core.reshape import LocalReshaping
from floe_bench.core.undo.record import Records
from floe_bench.core.undo.verbs import UndoVerbs
from floe_bench.errors import (
    EngineError,
    NoSuchNode,
    NoSuchRun,
    NothingSelected,
    UsageError,
)
from floe_bench.events import (
    AssetsChanged,
    Event,
    Logged,
    NodeChanged,
    RunChanged,
    RunsListed,
    StackChanged,
    TablesChanged,
    ViewsChanged,
)
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.code import Code
from floe_bench.model.finding import Finding, FindingState
from floe_bench.model.reset import Reset
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunRequest, RunStatus
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Service, StackState, StackStatus
from tests.fake_anatomy import FakeAnatomy
from tests.fake_carrying import FakeCarrying
from tests.fake_checks import FakeChecks
from tests.fake_console import FakeConsole
from tests.fake_lake import FakeLake
from tests.fake_maintenance import FakeMaintainer
from tests.fake_profile import FakeProfiling
from tests.fake_rehearsing import FakeRehearsing
from tests.fake_reshape import FakeReshaper
from tests.fake_saving import FakeSaving
from tests.fake_services import FakeServices
from tests.fake_stepping import FakeStepping
from tests.fake_tables import Commit, FakeTables, answer
from tests.shop import Clock, Recipe, Rows, shop


@dataclass
class _Work:
    """One thing that a run still has to do."""

    recipe: Recipe
    is_check: bool


@dataclass
class _Going:
    request: RunRequest
    todo: deque[_Work]
    current: tuple[_Work, NodeRun] | None = None
    broken: set[str] = field(default_factory=set)


class FakeBench(FakeTables):
    """Fills ``ports.bench.Bench`` and what a client adds to it.

    Runs move on while somebody listens to ``events`` (or calls ``tick``), one step at a time. The stream ends when
    nothing is left to happen; with ``live`` it waits for more until ``close``. ``before_tick`` is a test's way in.
    """

    def __init__(
        self, recipes: Sequence[Recipe] | None = None, *, clock: Clock | None = None, live: bool = False
    ) -> None:
        self.recipes = tuple(shop() if recipes is None else recipes)
        super().__init__(clock or Clock())
        self.before_tick: Callable[[], None] = lambda: None
        self.left: Callable[[], None] = lambda: None
        self.kept = False
        self.closed: list[bool] = []
        self.secret = Secret("s3cr3t-value")
        self._live = live
        self._state = StackState.READY
        self._since = self.clock()
        self.lake = FakeLake(self)
        self.read: dict[str, dict[str, int]] = {}
        """What each asset's last materialization read, where a test says so."""
        self._undo: UndoVerbs | None = None
        self._runs: dict[str, Run] = {}
        self._going: dict[str, _Going] = {}
        self._failing: dict[str, str] = {}
        self._log: list[LogLine] = []
        self._streams: list[deque[Event]] = []
        self._changed = threading.Condition(threading.RLock())
        self.console = FakeConsole(self._emit)
        self.services = FakeServices(self.status)
        self.carrying = FakeCarrying()
        self.anatomy = FakeAnatomy(self)
        self.checks = FakeChecks(self._emit)
        self.maintainer = FakeMaintainer(self)
        self.reshaper = FakeReshaper(self)
        self.profile = FakeProfiling(self, self._emit)
        self.export = LocalExporting(self.lake)
        self.saving = FakeSaving()
        self.rehearsing = FakeRehearsing(self.submit)
        self.stepping = FakeStepping(self._emit)

    # ── a test's hands ────────────────────────────────────────────────────────────────────────────────────────────

    def break_model(self, name: str, message: str) -> None:
        self._failing[name] = message

    def mend_model(self, name: str) -> None:
        del self._failing[name]

    def change(self, asset: str, make: Callable[[dict[str, Rows]], Rows]) -> None:
        """Edit the code of one asset."""
        self.recipes = tuple(replace(each, make=make) if each.asset == asset else each for each in self.recipes)

    def write_from_outside(self, table: str, rows: Rows, *, by: str = "spark.app.id local-1") -> int:
        return self._commit(table, rows, run_id=None, asset=None, node_id=None, written_by=by)

    def write_by_typed_sql(self, table: str, rows: Rows) -> int:
        snapshot_id = self._commit(table, rows, run_id=None, asset=None, node_id=None, written_by="")
        last = self._commits[table][-1]
        self._commits[table][-1] = replace(last, snapshot=replace(last.snapshot, typed=True))
        return snapshot_id

    def log(self, text: str, *, source: str = "engine", level: str = "info", run_id: str | None = None) -> None:
        line = LogLine(self.clock(), level, source, text, run_id)
        with self._changed:
            self._log.append(line)
            self._emit(Logged((line,)))

    @property
    def undo(self) -> UndoVerbs:
        if self._undo is None:
            folder = tempfile.mkdtemp(prefix="floe-fake-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            records = Records(Path(folder))
            self._undo = UndoVerbs(self.lake, records, assets=self.assets, changed=self.refresh)
        return self._undo

    @property
    def past(self) -> LocalPast:
        return LocalPast(self.lake, assets=self.assets)

    @property
    def querying(self) -> LocalQuerying:
        return LocalQuerying(self.lake, history=Path(os.devnull), tables=self.tables, now=self.clock)

    @property
    def reshaping(self) -> LocalReshaping:
        return LocalReshaping(self.lake, assets=self.assets, changed=self.refresh)

    @property
    def picking(self) -> LocalPicking:
        return LocalPicking(self.lake, assets=self.assets, changed=self.refresh)

    @property
    def maintenance(self) -> LocalMaintenance:
        return LocalMaintenance(
            self.lake, assets=self.assets, undos=self.undo.in_force, changed=self.refresh, now=self.clock
        )

    # ── being there ───────────────────────────────────────────────────────────────────────────────────────────────

    def close(self, wait: bool = True) -> None:
        with self._changed:
            self.closed.append(wait)
            self._changed.notify_all()
        self.left()

    def boot(self) -> None:
        self._state, self._since, self.kept = StackState.READY, self.clock(), False

    def events(self) -> Iterator[Event]:
        stream: deque[Event] = deque()
        with self._changed:
            stream.extend(self._known())
            self._streams.append(stream)
        try:
            while True:
                while stream:
                    yield stream.popleft()
                if self._state is StackState.STOPPED:
                    raise EngineError("the engine ended")
                with self._changed:
                    if not self._going and not stream:
                        if not self._live or self.closed:
                            return
                        self._changed.wait(0.05)
                        continue
                self.tick()
        finally:
            self._streams.remove(stream)

    def _known(self) -> list[Event]:
        return [
            StackChanged(self.status()),
            AssetsChanged(self.assets()),
            RunsListed(tuple(self._runs[each.run_id] for each in self.runs())),
            TablesChanged(self.tables()),
            ViewsChanged(self.views.all()),
        ]

    def _emit(self, event: Event) -> None:
        with self._changed:
            for stream in self._streams:
                stream.append(event)
            self._changed.notify_all()

    # ── stack ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> StackStatus:
        ready = self._state is StackState.READY
        weed = Service(
            "weed", self._state, 4711 if ready else None, (8333, 8181), self._since, service="weed", image="weed"
        )
        uri = "http://127.0.0.1:8181" if ready else None
        return StackStatus("embedded", self._state, (weed,) if ready else (), uri, kept=self.kept)

    def keep(self, kept: bool) -> StackStatus:
        self.kept = kept
        self._emit(StackChanged(self.status()))
        return self.status()

    def shutdown(self) -> None:
        for run_id in list(self._going):
            self._end(run_id, RunStatus.CANCELLED)
        self._state = StackState.STOPPED
        self._emit(StackChanged(self.status()))

    def reset(self) -> Reset:
        lost = (f"{len(self._commits)} tables", f"{len(self._runs)} runs")
        self._commits.clear()
        self._runs.clear()
        self.shutdown()
        return Reset(lost)

    def logs(self, source: str = "", lines: int = 200) -> tuple[LogLine, ...]:
        found = [line for line in self._log if source in ("", line.source) or (line.run_id or " ").startswith(source)]
        return tuple(found[len(found) - min(lines, len(found)) :])

    def doctor(self) -> tuple[Finding, ...]:
        stack = Finding("stack", FindingState.OK, "weed answers on 8333")
        if self.unreachable:
            broken = Finding("catalog", FindingState.FAIL, "no answer on 8181", fix="floe-bench down")
            return stack, broken, Finding("tables", FindingState.SKIP, "waits for the catalog")
        return stack, Finding("catalog", FindingState.OK, f"{len(self._commits)} tables")

    def connect(self, tool: str, show_secrets: bool = False) -> str:
        secret = self.secret.reveal() if show_secrets else str(self.secret)
        return f"# {tool}\nuri={self.status().catalog_uri}\nsecret={secret}\n"

    def refresh(self) -> None:
        for event in self._known():
            self._emit(event)

    # ── assets and runs ───────────────────────────────────────────────────────────────────────────────────────────

    def assets(self) -> tuple[Asset, ...]:
        return tuple(self._asset(recipe) for recipe in self.recipes)

    def _asset(self, recipe: Recipe) -> Asset:
        ours = [each for each in self._commits.get(recipe.table, ()) if each.snapshot.run_id]
        last = self._head(recipe.table) if ours else None
        touched = [run for run in self._runs.values() if any(node.asset == recipe.asset for node in run.nodes)]
        why = self._why_stale(recipe, last)
        checks = 1 if recipe.check else 0
        failing = len(recipe.check(last.rows)) if last and recipe.check else 0
        return Asset(
            asset=recipe.asset,
            kind=recipe.kind,
            group=recipe.group,
            table=recipe.table,
            status=self._asset_status(recipe, last, touched, stale=bool(why)),
            last_run_id=touched[-1].run_id if touched else None,
            snapshot_id=last.snapshot.snapshot_id if last else None,
            rows=len(last.rows) if last else None,
            materialized_at=last.snapshot.committed_at if last else None,
            node_id=self._node_id(recipe),
            upstream=recipe.upstream,
            tags=recipe.tags,
            path=f"models/{recipe.table.replace('.', '/')}.sql",
            checks_passed=checks if last and not failing else 0,
            checks_failed=1 if failing else 0,
            checks_total=checks,
            why_stale=why,
            inputs=self.read.get(recipe.asset, {}),
        )

    def _asset_status(self, recipe: Recipe, last: Commit | None, touched: list[Run], *, stale: bool) -> AssetStatus:
        nodes = [node for run in touched[-1:] for node in run.nodes if node.asset == recipe.asset and not node.is_check]
        if nodes and nodes[-1].status is NodeStatus.RUNNING:
            return AssetStatus.RUNNING
        if nodes and nodes[-1].status is NodeStatus.FAILED:
            return AssetStatus.FAILED
        if last is None:
            return AssetStatus.NEVER
        return AssetStatus.STALE if stale else AssetStatus.FRESH

    def _why_stale(self, recipe: Recipe, last: Commit | None) -> tuple[str, ...]:
        if last is None:
            return ()
        if recipe.table in self.undo.taken_back():
            move = self.undo.taken_back()[recipe.table].move
            if move.after.snapshot_id == self.heads[recipe.table]:
                return (f"taken back to snapshot {move.after.reads}",)
        heads = {key: self._commits.get(self._recipe(key).table, []) for key in recipe.upstream}
        newer = [
            key
            for key, commits in heads.items()
            if commits and commits[-1].snapshot.committed_at > last.snapshot.committed_at
        ]
        return tuple(f"{key} has a newer snapshot" for key in newer)

    def submit(self, request: RunRequest) -> str:
        chosen = self._select(request.select, default=True) - self._select(request.exclude, default=False)
        todo = deque(
            work
            for recipe in self.recipes
            if recipe.asset in chosen
            for work in (_Work(recipe, False), *([_Work(recipe, True)] if recipe.check else []))
        )
        if not todo:
            raise NothingSelected(f"nothing matches '{request.select}'", remedy="floe-bench assets")
        run_id = f"{0x7F3A0000 + 0x1111 * len(self._runs):08x}-0000-4000-8000-{len(self._runs):012d}"
        self._going[run_id] = _Going(request, todo)
        self._put(
            Run(
                run_id,
                RunStatus.QUEUED,
                launched_by=request.launched_by,
                selection=request.select or "",
                exclude=request.exclude or "",
                full_refresh=request.full_refresh,
                repeats=request.repeats,
                queued_at=self.clock(),
            )
        )
        return run_id

    def _select(self, text: str | None, *, default: bool) -> set[str]:
        """Names, ``tag:``, and a + on either side: the part of dbt's syntax that tests speak."""
        if text is None:
            return {recipe.asset for recipe in self.recipes} if default else set()
        found: set[str] = set()
        for word in text.split():
            core = word.strip("+")
            tag = core.removeprefix("tag:")
            hit = {each.asset for each in self.recipes if core in (each.name, each.group) or tag in each.tags}
            found |= hit
            if word.startswith("+"):
                found |= self._upstream(hit)
            if word.endswith("+"):
                found |= {each.asset for each in self.recipes if self._upstream({each.asset}) & hit}
        return found

    def _upstream(self, keys: set[str]) -> set[str]:
        direct = {key for each in keys for key in self._recipe(each).upstream}
        return direct | self._upstream(direct) if direct else set()

    def cancel(self, run_id: str) -> None:
        run = self.run(run_id)
        if not run.status.over:
            self._put(replace(run, status=RunStatus.CANCELLING))

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        newest = sorted(self._runs.values(), key=lambda run: run.run_id, reverse=True)
        return tuple(replace(run, nodes=()) for run in newest[:limit])

    def run(self, run_id: str) -> Run:
        found = [run for each, run in self._runs.items() if run_id and each.startswith(run_id)]
        if len(found) != 1:
            raise NoSuchRun(f"no run '{run_id}'", remedy="floe-bench runs")
        return found[0]

    # ── what happens ──────────────────────────────────────────────────────────────────────────────────────────────

    def tick(self) -> None:
        """One step of every run that goes on."""
        self.before_tick()
        with self._changed:
            for run_id in list(self._going):
                self._step(run_id)

    def _step(self, run_id: str) -> None:
        run, going = self._runs[run_id], self._going[run_id]
        if run.status is RunStatus.QUEUED:
            self._put(replace(run, status=RunStatus.RUNNING, started_at=self.clock.pass_(0.1)))
        elif run.status is RunStatus.CANCELLING:
            self._end(run_id, RunStatus.CANCELLED)
        elif going.current is not None:
            work, node = going.current
            going.current = None
            self._finish(run_id, going, work=work, node=node)
        elif going.todo:
            self._begin(run_id, going, going.todo.popleft())
        else:
            self._end(run_id, RunStatus.FAILED if going.broken else RunStatus.SUCCESS)

    def _begin(self, run_id: str, going: _Going, work: _Work) -> None:
        recipe = work.recipe
        name = f"not_null_{recipe.name}" if work.is_check else recipe.name
        node = NodeRun(
            node_id=f"test.shop.{name}" if work.is_check else self._node_id(recipe),
            name=name,
            kind="test" if work.is_check else recipe.node_kind,
            status=NodeStatus.RUNNING,
            asset=recipe.asset,
            started_at=self.clock(),
        )
        if recipe.asset in going.broken or going.broken & self._upstream({recipe.asset}):
            self._put_node(run_id, replace(node, status=NodeStatus.SKIPPED, started_at=None))
            return
        going.current = (work, node)
        self._put_node(run_id, node)

    def _finish(self, run_id: str, going: _Going, *, work: _Work, node: NodeRun) -> None:
        self.clock.pass_(work.recipe.takes_s)
        node = replace(node, status=NodeStatus.SUCCESS, duration_s=work.recipe.takes_s)
        if work.is_check:
            node = self._checked(going, work.recipe, node)
        elif work.recipe.name in self._failing:
            going.broken.add(work.recipe.asset)
            node = replace(node, status=NodeStatus.FAILED, message=self._failing[work.recipe.name])
        else:
            node = self._made(run_id, work.recipe, node)
        self._put_node(run_id, node)

    def _checked(self, going: _Going, recipe: Recipe, node: NodeRun) -> NodeRun:
        bad = recipe.check(self._head(recipe.table).rows) if recipe.check else []
        if not bad:
            return replace(node, rows=0)
        going.broken.add(recipe.asset)
        return replace(
            node, status=NodeStatus.FAILED, rows=len(bad), message=f"got {len(bad)} results, configured to fail if != 0"
        )

    def _made(self, run_id: str, recipe: Recipe, node: NodeRun) -> NodeRun:
        heads = {
            key: self._head(self._recipe(key).table).rows
            for key in recipe.upstream
            if self._commits.get(self._recipe(key).table)
        }
        missing = set(recipe.upstream) - set(heads)
        if missing:
            self._going[run_id].broken.add(recipe.asset)
            return replace(node, status=NodeStatus.FAILED, message=f"table {sorted(missing)[0]} does not exist")
        rows = recipe.make(heads)
        snapshot_id = self._commit(
            recipe.table, rows, run_id=run_id, asset=recipe.asset, node_id=node.node_id, written_by=""
        )
        return replace(node, rows=len(rows), snapshot_id=snapshot_id)

    def _end(self, run_id: str, status: RunStatus) -> None:
        del self._going[run_id]
        self._put(replace(self._runs[run_id], status=status, ended_at=self.clock()))
        self._emit(AssetsChanged(self.assets()))
        self._emit(TablesChanged(self.tables()))

    def _put(self, run: Run) -> None:
        with self._changed:
            self._runs[run.run_id] = run
            self._emit(RunChanged(replace(run, nodes=())))

    def _put_node(self, run_id: str, node: NodeRun) -> None:
        run = self._runs[run_id]
        others = tuple(each for each in run.nodes if each.node_id != node.node_id)
        self._runs[run_id] = replace(run, nodes=(*others, node))
        self._emit(NodeChanged(run_id, node))

    def _recipe(self, key: str) -> Recipe:
        return next(recipe for recipe in self.recipes if recipe.asset == key)

    def _node_id(self, recipe: Recipe) -> str:
        return f"{recipe.node_kind}.shop.{recipe.name}"

    # ── code ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def code(self, run_id: str | None, node_id: str, cancelled: Callable[[], bool] | None = None) -> Code:
        if run_id is not None:
            run_id = self.run(run_id).run_id
        recipe = self._recipe_of(node_id)
        path = f"models/{recipe.table.replace('.', '/')}.sql"
        kind = node_id.partition(".")[0]
        text = f"select * from {recipe.table} where not ok" if kind == "test" else f"select * from {recipe.table}"
        ran = [run.run_id for run in self._runs.values() if any(node.node_id == node_id for node in run.nodes)]
        run_id = run_id or (ran[-1] if ran else None)
        before = next((each for each in reversed(ran) if run_id is not None and each < run_id), None)
        compiled = text if run_id in ran else ""
        return Code(node_id, kind, text, path, run_id, compiled, "", text if before else None, before)

    def failing_rows(
        self, run_id: str | None, node_id: str, limit: int = 50, cancelled: Callable[[], bool] | None = None
    ) -> QueryAnswer:
        recipe, code = self._recipe_of(node_id), self.code(run_id, node_id)
        if code.kind != "test" or recipe.check is None:
            raise UsageError(f"{node_id} is a {code.kind}, not a test")
        return answer(recipe.check(self._of(recipe.table)[-1].rows), limit)

    def _recipe_of(self, node_id: str) -> Recipe:
        """By the id of the node that makes it, or of its test."""
        for recipe in self.recipes:
            if node_id in (self._node_id(recipe), f"test.shop.not_null_{recipe.name}"):
                return recipe
        raise NoSuchNode(f"there is no node '{node_id}'", remedy="floe-bench assets")
