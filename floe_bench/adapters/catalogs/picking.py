"""Cherry-picking: what a snapshot appended or put in the place of whole partitions, once more on top of a branch.

Source: Iceberg's Java reference, ``CherryPickOperation``: an append is played again, and so is what replaced partitions
that nobody touched since; anything else only where the branch is at its parent. A snapshot that the branch has, or that
was picked or published there, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from floe_bench.adapters.catalogs.head import aliased
from floe_bench.adapters.catalogs.landing import Attempt, land
from floe_bench.adapters.catalogs.manifests import Manifests
from floe_bench.adapters.catalogs.mapping import snapshot_with
from floe_bench.adapters.catalogs.replacing import Change, change_of, live, refuse_touched, replaces_partitions
from floe_bench.adapters.iceberg.branch import MAIN, ancestry, redirect, seen_from
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.adapters.iceberg.mark import PICKED, PUBLISHED, STAGED
from floe_bench.adapters.iceberg.newer_format import refuse_newer
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict, NoSuchSnapshot, UsageError
from floe_bench.model.command import to_type
from floe_bench.model.picking import Picked, PickPlan
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

_Pick = tuple[PickPlan, int]
"""As of one look at the table, and the head that it gives the branch."""


class SnapshotPicker:
    """Fulfils ``ports.picking.Picker``."""

    def __init__(self, load: Callable[[TableName], IcebergTable], manifests: Manifests) -> None:
        self._load, self._manifests = load, manifests

    def plan(self, name: TableName, snapshot_id: int, onto: str) -> PickPlan:
        with translated(f"table {name}"):
            return self._planned(name, self._load(name), snapshot_id, onto)[0]

    def pick(self, name: TableName, plan: PickPlan) -> Picked:
        def prepare(table: IcebergTable) -> Attempt[_Pick]:
            if str(table.metadata.table_uuid) != plan.table_uuid:
                raise CommitConflict(f"{name} was dropped and made anew in between")
            now, change = self._planned(name, table, plan.snapshot_id, plan.onto)
            return _forward(table, now) if now.forward else _replay(table, now, change)

        (now, head), attempts = land(name, self._load, prepare)
        return Picked(
            table=str(name),
            onto=plan.onto,
            picked=plan.snapshot_id,
            from_snapshot=now.before,
            to_snapshot=head,
            forward=now.forward,
            files=now.files,
            rows=now.rows,
            attempts=attempts,
            replaced_rows=now.replaced_rows,
        )

    def _planned(self, name: TableName, table: IcebergTable, snapshot_id: int, onto: str) -> tuple[PickPlan, Change]:
        snapshot = snapshot_with(name, table, snapshot_id)
        before = _head(name, table, onto)
        line = list(ancestry(table, before))
        _refuse_known(name, table, snapshot, line, onto)
        forward = snapshot.parent_snapshot_id == before
        operation = snapshot.summary.operation.value if snapshot.summary else ""
        change = change_of(name, table, snapshot)
        if not forward:
            refuse_newer(name, table)
            if replaces_partitions(snapshot):
                refuse_touched(name, table, self._manifests, snapshot, change=change, line=line, onto=onto)
            else:
                _refuse_more_than_append(name, snapshot, operation, onto)
            self._refuse_twice(name, table, before, change.added, onto)
        plan = PickPlan(
            table=str(name),
            table_uuid=str(table.metadata.table_uuid),
            snapshot_id=snapshot_id,
            onto=onto,
            before=before,
            operation=operation,
            forward=forward,
            files=len(change.added),
            rows=sum(file.record_count for file in change.added),
            bytes=sum(file.file_size_in_bytes for file in change.added),
            wap_id=_summary(snapshot, STAGED),
            notes=tuple(_notes(table, snapshot)),
            replaced_files=len(change.removed),
            replaced_rows=sum(file.record_count for file in change.removed),
        )
        return plan, change

    def _refuse_twice(
        self, name: TableName, table: IcebergTable, before: int | None, files: tuple[DataFile, ...], onto: str
    ) -> None:
        """By hand, or by a pick whose snapshot has expired since."""
        head = table.metadata.snapshot_by_id(before) if before is not None else None
        known = live(name, table, self._manifests, head)
        twice = sum(file.file_path in known for file in files)
        if twice:
            raise UsageError(
                f"{onto} of {name} has {twice} of its {len(files)} data files already",
                remedy=to_type("files", name),
            )


def _head(name: TableName, table: IcebergTable, onto: str) -> int | None:
    from pyiceberg.table.refs import SnapshotRefType

    ref = table.metadata.refs.get(onto)
    if ref is None and onto != MAIN:
        raise NoSuchSnapshot(f"{name} has no branch {onto}", remedy=to_type("table", name))
    if ref is not None and ref.snapshot_ref_type != SnapshotRefType.BRANCH:
        raise UsageError(f"{onto} of {name} is a tag, which stays where it is", remedy=to_type("branch", name, "NAME"))
    return None if ref is None else ref.snapshot_id


def _summary(snapshot: Snapshot, key: str) -> str:
    return snapshot.summary.additional_properties.get(key, "") if snapshot.summary else ""


def _refuse_known(name: TableName, table: IcebergTable, snapshot: Snapshot, line: list[Snapshot], onto: str) -> None:
    snapshot_id, staged = snapshot.snapshot_id, _summary(snapshot, STAGED)
    remedy = to_type("snapshots", name)
    for each in line:
        if each.snapshot_id == snapshot_id:
            raise UsageError(f"{onto} of {name} has snapshot {snapshot_id} already: it is an ancestor", remedy=remedy)
        if _summary(each, PICKED) == str(snapshot_id):
            said = f"snapshot {snapshot_id} was picked onto {onto} of {name} already, as {each.snapshot_id}"
            raise UsageError(said, remedy=remedy)
        if staged and staged in (_summary(each, STAGED), _summary(each, PUBLISHED)):
            said = f"what was staged as {staged} is on {onto} of {name} already, as {each.snapshot_id}"
            raise UsageError(said, remedy=remedy)


def _refuse_more_than_append(name: TableName, snapshot: Snapshot, operation: str, onto: str) -> None:
    if operation == "append":
        return
    said = f"snapshot {snapshot.snapshot_id} of {name} is neither an append nor one that replaced whole partitions"
    said += f", but {operation or 'without an operation'}"
    parent = snapshot.parent_snapshot_id
    raise UsageError(
        f"{said}, and {onto} is not at its parent: what it took away may not be what {onto} has",
        remedy=to_type("diff", name, parent, snapshot.snapshot_id) if parent else to_type("snapshots", name),
    )


def _notes(table: IcebergTable, snapshot: Snapshot) -> Iterator[str]:
    now = table.metadata.current_schema_id
    if snapshot.schema_id is not None and snapshot.schema_id != now:
        yield f"it was written with schema {snapshot.schema_id}, and is read with the table's, which is {now}"


def _forward(table: IcebergTable, plan: PickPlan) -> Attempt[_Pick]:
    from pyiceberg.table import update
    from pyiceberg.table.refs import SnapshotRefType

    transaction = Steady(table)
    move = update.SetSnapshotRefUpdate(
        type=SnapshotRefType.BRANCH, **aliased(ref_name=plan.onto, snapshot_id=plan.snapshot_id), **_kept(table, plan)
    )
    require = update.AssertRefSnapshotId(ref=plan.onto, **aliased(snapshot_id=plan.before))
    transaction._stage((move,), (require,))

    def landed(now: IcebergTable) -> bool:
        ref = now.metadata.refs.get(plan.onto)
        return ref is not None and plan.snapshot_id in {each.snapshot_id for each in ancestry(now, ref.snapshot_id)}

    return Attempt((plan, plan.snapshot_id), transaction, landed)


def _kept(table: IcebergTable, plan: PickPlan) -> dict[str, Any]:
    """How long a branch is kept is set anew with each move."""
    ref = table.metadata.refs.get(plan.onto)
    if ref is None:
        return {}
    found = {
        "max_ref_age_ms": ref.max_ref_age_ms,
        "max_snapshot_age_ms": ref.max_snapshot_age_ms,
        "min_snapshots_to_keep": ref.min_snapshots_to_keep,
    }
    return aliased(**{key: value for key, value in found.items() if value is not None})


def _replay(table: IcebergTable, plan: PickPlan, change: Change) -> Attempt[_Pick]:
    from floe_bench.adapters.iceberg.replay import ReplayFiles

    beside = plan.onto != MAIN
    transaction = Steady(seen_from(table, plan.onto) if beside else table)
    marks = {PICKED: str(plan.snapshot_id)} | ({PUBLISHED: plan.wap_id} if plan.wap_id else {})
    removed = {file.file_path for file in change.removed}
    producer = ReplayFiles(transaction, change.added, removed, properties=marks)
    transaction._stage(*producer._commit())
    if beside:
        redirect(transaction, plan.onto)
    snapshot_id = producer.snapshot_id
    return Attempt(
        (plan, snapshot_id), transaction, lambda now: now.metadata.snapshot_by_id(snapshot_id) is not None, producer
    )
