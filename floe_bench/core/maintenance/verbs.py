"""Looking after tables, as the bench offers it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from floe_bench.core.maintenance.compaction import compact
from floe_bench.core.maintenance.expiry import judged, policy, read_by_runs
from floe_bench.core.maintenance.health import Looked, symptoms, symptoms_then
from floe_bench.core.maker import refuse_while_made
from floe_bench.core.parts import Parts
from floe_bench.errors import CommitConflict, NoSuchSnapshot, StackUnavailable, TableError, UsageError
from floe_bench.model.asset import Asset
from floe_bench.model.command import to_type
from floe_bench.model.health import Health
from floe_bench.model.maintenance import (
    Compacted,
    CompactPlan,
    Deleted,
    Expired,
    ExpirePlan,
    ManifestPlan,
    ManifestsRewritten,
    OrphanPlan,
    PropertyPlan,
    RefPlan,
)
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName
from floe_bench.model.undo import Undo
from floe_bench.ports.anatomy import AnatomyReader, HasAnatomy
from floe_bench.ports.head import HeadMover
from floe_bench.ports.maintenance import HasMaintainer, Maintainer

Plan = TypeVar("Plan")
_never: Callable[[], bool] = lambda: False  # noqa: E731
SMALL_BYTES = 8 * 1024 * 1024
_ORPHAN_AGE = timedelta(days=3)
"""As Iceberg's own procedure has it: whoever writes for longer than that is not writing any more."""
_RUNS_SEARCHED = 200
_MADE_ANEW = ("seed", "table", "view", "incremental")
"""Kinds of assets."""
_RESERVED = frozenset({
    "format-version", "uuid", "snapshot-count", "current-snapshot-summary", "current-snapshot-id",
    "current-snapshot-timestamp-ms", "current-schema", "default-partition-spec", "default-sort-order",
})  # fmt: skip
"""Source: Iceberg documentation, "Reserved table properties"."""


class LocalMaintenance:
    """Fulfils ``ports.maintenance.Maintenance``. ``undos`` are those that redo may bring back; ``changed`` is called
    after a table changed."""

    def __init__(
        self,
        parts: Parts,
        *,
        assets: Callable[[], Sequence[Asset]],
        undos: Callable[[], Sequence[Undo]],
        changed: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._parts, self._assets, self._undos = parts, assets, undos
        self._changed, self._now = changed, now
        self._one = threading.Lock()
        """One change at a time: files that one of them writes are nobody's until it is over."""

    def health(self, table: str, snapshot_id: int | None = None) -> Health:
        name, reader = TableName.parse(table), self._anatomy()
        anatomy = reader.table(name, snapshot_id)
        if not anatomy.current:
            assert anatomy.snapshot_id is not None
            then = anatomy.snapshot_id
            partitions = reader.files(name, then, offset=0, limit=1).partitions
            loss = _or_why(lambda: self._maintainer().loss(name, then))
            return Health(table, tuple(symptoms_then(anatomy, partitions, loss)))
        looked = Looked(
            anatomy=anatomy,
            partitions=reader.files(name, None, offset=0, limit=1).partitions,
            compact=_or_why(lambda: self.plan_compact(table)),
            manifests=_or_why(lambda: self.plan_manifests(table)),
            expire=_or_why(lambda: self.plan_expire(table)),
            survey=_or_why(lambda: self._maintainer().survey(name, self._now() - _ORPHAN_AGE)),
            maker=self._maker(table),
        )
        return Health(table, tuple(symptoms(looked)))

    def _maker(self, table: str) -> str:
        """Of what dbt can make from nothing: not the history that a dbt snapshot keeps."""
        asset = next((each for each in self._assets() if each.table == table and each.kind in _MADE_ANEW), None)
        return "" if asset is None else to_type("run", "--select", asset.asset.rpartition("/")[2], "--full-refresh")

    # ── refs ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_ref(
        self, table: str, name: str, kind: str, snapshot_id: int | None = None, max_age_s: int | None = None
    ) -> RefPlan:
        if kind not in ("branch", "tag") or not name.strip():
            raise UsageError(f"'{name}' is no name of a branch or tag", remedy=to_type(kind, "--help"))
        if name == "main":
            raise UsageError("main is moved by a rollback", remedy=to_type("rollback", table, "--help"))
        of = TableName.parse(table)
        uuid, is_kind, before = self._maintainer().ref(of, name)
        if is_kind and is_kind != kind:
            raise UsageError(f"{name} of {table} is a {is_kind}", remedy=to_type(is_kind, "--help"))
        if snapshot_id is None and before is None:
            raise NoSuchSnapshot(f"{table} has no {kind} {name}", remedy=to_type("table", table))
        if snapshot_id is not None:
            self._parts.catalog().columns(of, snapshot_id)  # raises NoSuchSnapshot
        return RefPlan(table, uuid, name, kind, before, snapshot_id, max_age_s)

    def set_ref(self, plan: RefPlan) -> RefPlan:
        with self._changing(plan.table, may_run=True):
            self._maintainer().set_ref(TableName.parse(plan.table), plan)
        return plan

    # ── properties ────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_properties(self, table: str, wanted: Mapping[str, str], unwanted: tuple[str, ...] = ()) -> PropertyPlan:
        for key in (*wanted, *unwanted):
            if key in _RESERVED or not key.strip():
                raise UsageError(f"'{key}' is not a property that can be set", remedy=to_type("table", table))
        twice = next((key for key in unwanted if key in wanted), None)
        if twice is not None:
            raise UsageError(f"'{twice}' is both set and unset", remedy="floe-bench properties --help")
        uuid, now = self._maintainer().properties(TableName.parse(table))
        before = {key: now[key] for key in (*wanted, *unwanted) if key in now}
        return PropertyPlan(table, uuid, before, dict(wanted))

    def set_properties(self, plan: PropertyPlan) -> PropertyPlan:
        with self._changing(plan.table, may_run=True):
            self._maintainer().set_properties(TableName.parse(plan.table), plan)
        return plan

    # ── snapshots ─────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_expire(self, table: str, older_than: datetime | None = None, keep: int | None = None) -> ExpirePlan:
        name = TableName.parse(table)
        anatomy, snapshots = self._anatomy().table(name, None), self._parts.catalog().snapshots(name)
        wanted = policy(anatomy.properties, now=self._now(), older_than=older_than, keep=keep)
        tags = frozenset(ref.name for ref in anatomy.refs if ref.kind == "tag")
        found = judged(snapshots, wanted, tags=tags, needed=self._needed(table, snapshots))
        files, size = self._maintainer().freed(name, found.going) if found.going else (0, 0)
        staying = len(snapshots) - len(found.going)
        return ExpirePlan(
            table, anatomy.table_uuid, wanted.older_than, wanted.keep, found.going, staying, found.held, files, size
        )

    def expire(self, plan: ExpirePlan) -> Expired:
        name = TableName.parse(plan.table)
        with self._changing(plan.table, may_run=True):
            needed = self._needed(plan.table, self._parts.catalog().snapshots(name))
            wanted = next((each for each in plan.going if each in needed), None)
            if wanted is not None:
                raise CommitConflict(f"snapshot {wanted} of {name} is needed by now: {needed[wanted]}")
            return self._maintainer().expire(name, plan)

    def _needed(self, table: str, snapshots: Sequence[Snapshot]) -> Mapping[int, str]:
        """By a run that goes on, or by a redo."""
        found = dict[int, str]()
        for undo in self._undos():
            for move in undo.plan.moves:
                if move.table == table and move.before.snapshot_id is not None:
                    found[move.before.snapshot_id] = f"redo {undo.undo_id} would bring it back"
        since = self._oldest_run()
        return {**read_by_runs(snapshots, since, "a run that goes on may read it"), **found}

    def _oldest_run(self) -> datetime | None:
        """Stopped ones count: they go on some day."""
        runs = self._parts.orchestrator(parsed=False).runs(_RUNS_SEARCHED)
        begun = (run.started_at or run.queued_at for run in runs if not run.status.over)
        return min((at for at in begun if at is not None), default=None)

    # ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_compact(self, table: str, small_bytes: int | None = None) -> CompactPlan:
        least = SMALL_BYTES if small_bytes is None else small_bytes
        return self._maintainer().plan_compact(TableName.parse(table), least)

    def compact(self, plan: CompactPlan, cancelled: Callable[[], bool] = _never) -> Compacted:
        catalog = self._parts.catalog()
        if plan.idle:
            raise UsageError(f"{plan.table} has nothing to compact", remedy=to_type("files", plan.table))
        if not isinstance(catalog, HeadMover):
            raise StackUnavailable("this stack's catalog cannot move a table", remedy="floe-bench doctor")
        with self._changing(plan.table, may_run=False):
            return compact(
                plan,
                catalog=catalog,
                maintainer=self._maintainer(),
                mover=catalog,
                compute=self._parts.compute(),
                cancelled=cancelled,
            )

    def plan_manifests(self, table: str, target_bytes: int | None = None) -> ManifestPlan:
        return self._maintainer().plan_manifests(TableName.parse(table), target_bytes)

    def rewrite_manifests(self, plan: ManifestPlan) -> ManifestsRewritten:
        if plan.idle:
            raise UsageError(f"{plan.table} has no manifest files to rewrite", remedy=to_type("files", plan.table))
        with self._changing(plan.table, may_run=False):
            return self._maintainer().rewrite_manifests(TableName.parse(plan.table), plan)

    def plan_orphans(self, table: str, older_than: datetime | None = None) -> OrphanPlan:
        return self._maintainer().orphans(TableName.parse(table), older_than or self._now() - _ORPHAN_AGE)

    def delete_orphans(self, plan: OrphanPlan) -> Deleted:
        with self._changing(plan.table, may_run=False):
            return self._maintainer().delete_orphans(TableName.parse(plan.table), plan)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _anatomy(self) -> AnatomyReader:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HasAnatomy):
            raise StackUnavailable("this stack's catalog does not show what tables are made of")
        return catalog.anatomy

    def _maintainer(self) -> Maintainer:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HasMaintainer):
            raise StackUnavailable("this stack's catalog cannot be asked to look after tables")
        return catalog.maintainer

    @contextmanager
    def _changing(self, table: str, *, may_run: bool) -> Iterator[None]:
        with self._one:
            if not may_run:
                # What a node has written and not committed yet looks like files that nobody needs.
                refuse_while_made(self._assets(), table)
            try:
                yield
            finally:
                self._changed()


def _or_why(plan: Callable[[], Plan]) -> Plan | str:
    try:
        return plan()
    except TableError as error:
        return error.message
