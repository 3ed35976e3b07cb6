"""What a change of a table is asked with, and what is said when it was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from floe_bench.dataclass import dataclass
from floe_bench.model.maintenance import CompactPlan, ExpirePlan, ManifestPlan, OrphanPlan, PropertyPlan, RefPlan
from floe_bench.model.picking import PickPlan
from floe_bench.model.reshape import DropPlan, PartitionPlan, PromotePlan, RenamePlan, SchemaPlan, SortPlan
from floe_bench.tui.render import unit

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

NAME, SET, ALTER = "name", "set", "alter"
"""Verbs that change no snapshot."""


@dataclass(frozen=True, slots=True)
class Change:
    """``told`` is the question, empty where there is nothing to do; ``done`` carries it out and says what was."""

    verb: str
    doing: str
    told: Callable[[Any], str]
    done: Callable[[BenchClient, Any], str]


def _compact(plan: CompactPlan) -> str:
    return "" if plan.idle else f"Rewrite {unit.plural(plan.files, 'file')} as about {plan.files_after}, same rows?"


def _expire(plan: ExpirePlan) -> str:
    if not plan.going:
        return ""
    gone = unit.plural(plan.files, "file") + (f" with {unit.size(plan.bytes)}" if plan.bytes else " of metadata")
    return f"Expire {unit.plural(len(plan.going), 'snapshot')} for good, and delete {gone}? {plan.staying} stay."


def _orphans(plan: OrphanPlan) -> str:
    if not plan.orphans:
        return ""
    files = unit.plural(len(plan.orphans), "file")
    return f"Delete {files} with {unit.size(plan.bytes)} that nothing reaches, for good?"


def _ref(plan: RefPlan) -> str:
    if plan.after is None:
        return f"Remove {plan.kind} {plan.name}? Its snapshots stay until they expire."
    at = unit.short_snapshot(plan.after)
    if plan.before is None:
        return f"Make {plan.kind} {plan.name} at {at}?"
    return "" if plan.before == plan.after else f"Move {plan.kind} {plan.name} to {at}?"


def _property(plan: PropertyPlan) -> str:
    if plan.idle:
        return ""
    return "; ".join(
        f"{key}: {plan.before.get(key, 'not set')} → {plan.after.get(key, 'not set')}"
        for key in sorted({**plan.before, **plan.after})
    )


def _compacted(client: BenchClient, plan: CompactPlan) -> str:
    done = client.maintenance.compact(plan)
    return f"{done.files_before} files → {done.files_after}, the same {unit.plural(done.rows, 'row')}"


def _expired(client: BenchClient, plan: ExpirePlan) -> str:
    done = client.maintenance.expire(plan)
    return f"{unit.plural(done.snapshots, 'snapshot')} expired, {unit.plural(done.files, 'file')} deleted"


def _deleted(client: BenchClient, plan: OrphanPlan) -> str:
    done = client.maintenance.delete_orphans(plan)
    return f"{unit.plural(done.files, 'file')} deleted, {unit.size(done.bytes)}"


def _named(client: BenchClient, plan: RefPlan) -> str:
    client.maintenance.set_ref(plan)
    return f"{plan.kind} {plan.name} {'removed' if plan.after is None else 'set'}"


def _set(client: BenchClient, plan: PropertyPlan) -> str:
    client.maintenance.set_properties(plan)
    return f"{', '.join(sorted({**plan.before, **plan.after}))} changed"


def _manifests(plan: ManifestPlan) -> str:
    if plan.idle:
        return ""
    return f"Write {unit.plural(plan.manifests, 'manifest file')} anew as {plan.after}, for the same data files?"


def _schema(plan: SchemaPlan) -> str:
    if plan.idle:
        return ""
    if plan.schema_id is not None:
        return f"Make schema {plan.schema_id} the current one again?{_also(plan.notes)}"
    said = "; ".join(" ".join(filter(None, (each.how, each.column, each.to))) for each in plan.changes)
    return f"{said}?{_also(plan.notes)}"


def _partitioning(plan: PartitionPlan) -> str:
    if plan.idle:
        return ""
    before, after = (", ".join(each.told for each in fields) or "none" for fields in (plan.before, plan.after))
    if before == after:
        before, after = (", ".join(each.name for each in fields) for fields in (plan.before, plan.after))
    return f"Partition by: {before} → {after}?{_also(plan.notes)}"


def _sorting(plan: SortPlan) -> str:
    before, after = (", ".join(fields) or "nothing" for fields in (plan.before, plan.after))
    return "" if plan.idle else f"Sort by: {before} → {after}?{_also(plan.notes)}"


def _rename(plan: RenamePlan) -> str:
    return f"Rename to {plan.to}?{_also(plan.notes)}"


def _promote(plan: PromotePlan) -> str:
    more = unit.plural(plan.snapshots, "snapshot")
    return f"Move main forward to {plan.ref}, with {more} more?"


def _pick(plan: PickPlan) -> str:
    at = unit.short_snapshot(plan.snapshot_id)
    if plan.forward:
        rows = unit.plural(plan.rows, "row")
        return f"Move {plan.onto} forward to {at}, {plan.operation} of {rows}?{_also(plan.notes)}"
    instead = (
        f", in the place of {unit.count(plan.replaced_rows)} that nobody touched since" if plan.replaced_rows else ""
    )
    rows = unit.plural(plan.rows, "row")
    return f"Add {rows} of {at} to {plan.onto}{instead}, as one more snapshot?{_also(plan.notes)}"


def _also(notes: tuple[str, ...]) -> str:
    return "".join(f" {note[:1].upper()}{note[1:]}." for note in notes)


def _manifests_rewritten(client: BenchClient, plan: ManifestPlan) -> str:
    done = client.maintenance.rewrite_manifests(plan)
    files = unit.plural(done.files, "data file")
    return f"{unit.plural(done.before, 'manifest file')} → {done.after}, the same {files}"


def _altered(client: BenchClient, plan: SchemaPlan) -> str:
    client.reshaping.change_schema(plan)
    return f"columns changed; schema {plan.from_id} goes back"


def _repartitioned(client: BenchClient, plan: PartitionPlan) -> str:
    client.reshaping.change_partitioning(plan)
    return f"partitioning changed; spec {plan.from_id} goes back"


def _resorted(client: BenchClient, plan: SortPlan) -> str:
    client.reshaping.change_sorting(plan)
    return f"sort order changed; sort-order {plan.from_id} goes back"


def _renamed(client: BenchClient, plan: RenamePlan) -> str:
    client.reshaping.rename(plan)
    return f"{plan.table} is {plan.to} now"


def _dropped(client: BenchClient, plan: DropPlan) -> str:
    client.reshaping.drop(plan)
    return f"{plan.table} is gone"


def _promoted(client: BenchClient, plan: PromotePlan) -> str:
    client.reshaping.promote(plan)
    return f"main is at {plan.ref}"


def _picked(client: BenchClient, plan: PickPlan) -> str:
    done = client.picking.pick(plan)
    instead = f"in the place of {unit.count(done.replaced_rows)}" if done.replaced_rows else "more"
    return f"{done.onto} has {unit.plural(done.rows, 'row')} {instead}, as {unit.short_snapshot(done.to_snapshot)}"


CHANGES: dict[type, Change] = {
    CompactPlan: Change("compact", "compacting", _compact, _compacted),
    ExpirePlan: Change("expire", "expiring", _expire, _expired),
    OrphanPlan: Change("delete", "deleting", _orphans, _deleted),
    RefPlan: Change(NAME, "naming", _ref, _named),
    PropertyPlan: Change(SET, "changing the property", _property, _set),
    ManifestPlan: Change("rewrite_manifests", "rewriting manifest files", _manifests, _manifests_rewritten),
    SchemaPlan: Change(ALTER, "changing the columns", _schema, _altered),
    PartitionPlan: Change(ALTER, "changing the partitioning", _partitioning, _repartitioned),
    SortPlan: Change(ALTER, "changing the sort order", _sorting, _resorted),
    RenamePlan: Change("rename", "renaming", _rename, _renamed),
    DropPlan: Change("drop", "dropping", lambda plan: f"Drop {plan.table}?", _dropped),
    PromotePlan: Change("promote", "moving main", _promote, _promoted),
    PickPlan: Change("pick", "picking", _pick, _picked),
}
