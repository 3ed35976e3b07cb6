"""Changing a table's metadata: refs, expired snapshots, files that lie about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from floe_bench.adapters.catalogs import compaction, regrouping
from floe_bench.adapters.catalogs.landing import pause
from floe_bench.adapters.catalogs.loss import Needs, are_gone, lacking, needs, whole
from floe_bench.adapters.catalogs.manifests import Manifests
from floe_bench.adapters.catalogs.mapping import snapshot_with
from floe_bench.adapters.catalogs.reach import delete, freed, lying, needed, place, reached, strays
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict, TableError
from floe_bench.model.health import Loss, Survey
from floe_bench.model.maintenance import (
    CompactPlan,
    Deleted,
    Expired,
    ExpirePlan,
    ManifestPlan,
    ManifestsRewritten,
    Orphan,
    OrphanPlan,
    PropertyPlan,
    RefPlan,
)
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot
    from pyiceberg.table.update import TableRequirement

_ATTEMPTS = 12


class TableMaintainer:
    """Fulfils ``ports.maintenance.Maintainer``. ``load`` asks the catalog for a table's metadata."""

    def __init__(self, load: Callable[[TableName], IcebergTable], pool: Executor, manifests: Manifests) -> None:
        self._load, self._pool, self._manifests = load, pool, manifests

    def ref(self, name: TableName, ref: str) -> tuple[str, str, int | None]:
        metadata = self._load(name).metadata
        found = metadata.refs.get(ref)
        kind, at = (found.snapshot_ref_type.value, found.snapshot_id) if found else ("", None)
        return str(metadata.table_uuid), kind, at

    def set_ref(self, name: TableName, plan: RefPlan) -> None:
        from pyiceberg.exceptions import CommitFailedException

        for attempt in range(_ATTEMPTS):
            table = self._load(name)
            self._same_table(name, table, plan.table_uuid)
            ref = table.metadata.refs.get(plan.name)
            if (ref.snapshot_id if ref else None) != plan.before:
                raise CommitConflict(f"somebody moved {plan.kind} {plan.name} of {name} in between")
            with translated(f"table {name}"):
                try:
                    _write_ref(table, plan)
                    return
                except CommitFailedException:  # about something else: SeaweedFS refuses any commit that came second
                    pause(attempt)
        raise _busy(name)

    def properties(self, name: TableName) -> tuple[str, Mapping[str, str]]:
        metadata = self._load(name).metadata
        return str(metadata.table_uuid), dict(metadata.properties)

    def set_properties(self, name: TableName, plan: PropertyPlan) -> None:
        """Iceberg has no requirement for a property: one that somebody sets in the moment of the commit is not seen."""
        from pyiceberg.exceptions import CommitFailedException

        for attempt in range(_ATTEMPTS):
            table = self._load(name)
            self._same_table(name, table, plan.table_uuid)
            now = table.metadata.properties
            changed = [key for key in {**plan.before, **plan.after} if now.get(key) != plan.before.get(key)]
            if changed:
                raise CommitConflict(f"somebody changed {', '.join(changed)} of {name} in between")
            with translated(f"table {name}"):
                try:
                    with Steady(table) as transaction:
                        transaction.set_properties(dict(plan.after))
                        transaction.remove_properties(*(key for key in plan.before if key not in plan.after))
                    return
                except CommitFailedException:
                    pause(attempt)
        raise _busy(name)

    def freed(self, name: TableName, going: Sequence[int]) -> tuple[int, int]:
        table = self._load(name)
        found = freed(table, *_parted(table, going), self._manifests)
        return len(found), sum(found.values())

    def expire(self, name: TableName, plan: ExpirePlan) -> Expired:
        from pyiceberg.exceptions import CommitFailedException

        for attempt in range(_ATTEMPTS):
            table = self._load(name)
            self._same_table(name, table, plan.table_uuid)
            held = {ref.snapshot_id: each for each, ref in table.metadata.refs.items()}
            for snapshot_id in plan.going:
                if snapshot_id in held:
                    raise CommitConflict(f"{held[snapshot_id]} of {name} points to snapshot {snapshot_id} by now")
            going, staying = _parted(table, plan.going)
            if not going:
                return Expired(str(name), 0, 0, 0)
            # Read before the commit: afterwards nothing leads to them any more.
            doomed = freed(table, going, staying, self._manifests)
            with translated(f"table {name}"):
                try:
                    _take_out(table, going)
                except CommitFailedException:
                    pause(attempt)
                    continue
            return self._cleaned(name, going, staying, doomed)
        raise _busy(name)

    def _cleaned(
        self, name: TableName, going: Sequence[Snapshot], staying: Sequence[Snapshot], doomed: dict[str, int]
    ) -> Expired:
        """Somebody may have brought a file back between the look and the commit, so what is needed now stays. Snapshots
        that were there at the look need none of them, and never will."""
        table = self._load(name)
        known = {each.snapshot_id for each in staying}
        came = [each for each in table.metadata.snapshots if each.snapshot_id not in known]
        brought_back = reached(table, came, self._manifests, all_of=True)
        doomed = {path: size for path, size in doomed.items() if path not in brought_back}
        files, size = delete(doomed, table.io, self._pool)
        return Expired(str(name), len(going), files, size, left=len(doomed) - files)

    def plan_compact(self, name: TableName, small_bytes: int) -> CompactPlan:
        with translated(f"table {name}"):
            return compaction.plan(name, self._load(name), self._manifests, small_bytes)

    @contextmanager
    def rewriting(self, name: TableName, small_bytes: int) -> Iterator[compaction.Compaction]:
        with translated(f"table {name}"):
            work = compaction.Compaction(name, self._load, self._manifests, small_bytes)
            try:
                yield work
            finally:
                work.close()

    def plan_manifests(self, name: TableName, target_bytes: int | None) -> ManifestPlan:
        with translated(f"table {name}"):
            return regrouping.plan(name, self._load(name), self._manifests, target_bytes)

    def rewrite_manifests(self, name: TableName, plan: ManifestPlan) -> ManifestsRewritten:
        return regrouping.regroup(name, self._load, self._manifests, plan)

    def files_of(self, name: TableName, snapshot_id: int) -> tuple[int, int]:
        table = self._load(name)
        reads = self._manifests.of(snapshot_with(name, table, snapshot_id), table.io)
        files = [entry.data_file for read in reads for entry in read.entries]
        return len(files), sum(file.file_size_in_bytes for file in files)

    def orphans(self, name: TableName, older_than: datetime) -> OrphanPlan:
        table = self._load(name)
        with translated(f"table {name}"):
            reaches = needed(table, self._manifests)
            found, young = strays(reaches, lying(table), older_than=older_than)
        return OrphanPlan(str(name), str(table.metadata.table_uuid), older_than, tuple(found), young)

    def delete_orphans(self, name: TableName, plan: OrphanPlan) -> Deleted:
        now, table = self.orphans(name, plan.older_than), self._load(name)
        self._same_table(name, table, plan.table_uuid)
        still = {each.path: each.bytes for each in now.orphans}
        doomed = {each.path: each.bytes for each in plan.orphans if each.path in still}
        files, size = delete(doomed, table.io, self._pool)
        return Deleted(str(name), files, size, left=len(plan.orphans) - files)

    def loss(self, name: TableName, snapshot_id: int) -> Loss:
        return self._seen(name, snapshot_id)[0]

    def survey(self, name: TableName, older_than: datetime) -> Survey:
        found, table, reaches, there = self._seen(name, None)
        if isinstance(reaches, str):
            return Survey(reaches, found)
        old, young = strays(reaches, there, older_than=older_than)
        return Survey(OrphanPlan(str(name), str(table.metadata.table_uuid), older_than, tuple(old), young), found)

    def _seen(
        self, name: TableName, snapshot_id: int | None
    ) -> tuple[Loss, IcebergTable, Collection[str] | str, tuple[Orphan, ...]]:
        """And, for the snapshot of now, what the table reaches, or why nobody knows; and what lies there."""
        for attempt in range(_ATTEMPTS):
            table = self._load(name)
            now = snapshot_id is None
            current = table.metadata.current_snapshot()
            snapshot = current if snapshot_id is None else snapshot_with(name, table, snapshot_id)
            with translated(f"table {name}"):
                wanted = needs(table, snapshot, self._manifests)
                reaches = _needed(table, self._manifests) if now else ""
                there = tuple(lying(table))
                here = {place(each.path) for each in there}
                found = lacking(table, wanted, here)
                if found.lost and (self._moved(name, table) or not self._stay_away(table, found, wanted)):
                    pause(attempt)
                    continue
                if found.lost:
                    line, left = whole(table, snapshot, self._manifests, here)
                    found = replace(found, line=line, whole=left)
            return found, table, reaches, there
        raise _busy(name)

    def _stay_away(self, table: IcebergTable, found: Loss, wanted: Needs) -> bool:
        """Those that cannot be read may well be there."""
        unread = () if wanted.unlisted else tuple(each for each in found.unread if each not in wanted.faulty)
        return are_gone((*found.gone, *unread), table.io, self._pool)

    def _moved(self, name: TableName, table: IcebergTable) -> bool:
        """Somebody committed meanwhile, and may have expired what it was."""
        return self._load(name).metadata.current_snapshot_id != table.metadata.current_snapshot_id

    def _same_table(self, name: TableName, table: IcebergTable, uuid: str) -> None:
        if str(table.metadata.table_uuid) != uuid:
            raise CommitConflict(f"{name} was dropped and made anew in between")


def _needed(table: IcebergTable, manifests: Manifests) -> Collection[str] | str:
    """Text: why nobody knows."""
    try:
        return needed(table, manifests)
    except TableError as error:
        return error.message


def _parted(table: IcebergTable, going: Sequence[int]) -> tuple[list[Snapshot], list[Snapshot]]:
    chosen, snapshots = set(going), table.metadata.snapshots
    return [each for each in snapshots if each.snapshot_id in chosen], [
        each for each in snapshots if each.snapshot_id not in chosen
    ]


def _write_ref(table: IcebergTable, plan: RefPlan) -> None:
    from pyiceberg.table.update.snapshot import ManageSnapshots

    with Steady(table) as transaction:
        manage = ManageSnapshots(transaction)
        if plan.after is None:
            change = (manage.remove_tag if plan.kind == "tag" else manage.remove_branch)(plan.name)
        else:
            make = manage.create_tag if plan.kind == "tag" else manage.create_branch
            max_age_ms = None if plan.max_age_s is None else plan.max_age_s * 1000
            change = make(plan.after, plan.name, max_ref_age_ms=max_age_ms)
        change.commit()


def _take_out(table: IcebergTable, going: Sequence[Snapshot]) -> None:
    """PyIceberg requires nothing of the table; we do, that every ref is where we saw it."""
    from pyiceberg.table.update.snapshot import ExpireSnapshots

    transaction = Steady(table)
    transaction._stage((), tuple(_refs_unmoved(table)))
    expiry = ExpireSnapshots(transaction).by_ids([each.snapshot_id for each in going])
    transaction._stage(*expiry._commit())
    transaction.commit_transaction()


def _refs_unmoved(table: IcebergTable) -> Iterator[TableRequirement]:
    from pyiceberg.table.update import AssertRefSnapshotId

    for name, ref in table.metadata.refs.items():
        # Their models' types know a field by its name on the wire only.
        at: dict[str, Any] = {"snapshot-id": ref.snapshot_id}
        yield AssertRefSnapshotId(ref=name, **at)


def _busy(name: TableName) -> CommitConflict:
    return CommitConflict(f"others wrote to {name} in between, {_ATTEMPTS} times in a row", remedy="try again")
