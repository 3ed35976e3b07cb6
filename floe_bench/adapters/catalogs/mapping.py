"""Iceberg table metadata in our nouns."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.mark import CARRIED, EMPTY, PICKED, SAME_AS
from floe_bench.errors import NoSuchSnapshot
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Column, Member, Table, TableName

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot
    from pyiceberg.types import NestedField

RUN_ID = ("floe.run-id", "dagster-run-id")
"""Ours, and what dagster-iceberg's IO manager writes."""
WRITERS = ("engine-name", "spark.app.id", "trino_query_id", "flink.job-id", "app-id", "engine-version")
Summary = Mapping[str, str]


def table_of(name: TableName, table: IcebergTable) -> Table:
    current = table.metadata.current_snapshot_id
    snapshot = table.metadata.snapshot_by_id(current) if current is not None else None
    summary = _summary(snapshot) if snapshot else {}
    return Table(
        table=str(name),
        namespace=name.place,
        snapshot_id=snapshot.snapshot_id if snapshot else None,
        rows=_live_rows(summary) if snapshot else None if current is not None else 0,
        files=_number(summary, "total-data-files") or 0,
        bytes=_number(summary, "total-files-size") or 0,
        updated_at=moment(snapshot.timestamp_ms) if snapshot else None,
        same_as=rewritten(table, snapshot),
    )


def rewritten(table: IcebergTable, snapshot: IcebergSnapshot | None) -> tuple[int, ...]:
    """A replace has the rows of its parent.

    Source: Iceberg spec, "Snapshots", operation.
    """
    found: list[int] = []
    while snapshot is not None and snapshot.summary is not None and snapshot.summary.operation.value == "replace":
        marked = _marked(_summary(snapshot))
        parent = snapshot.parent_snapshot_id
        if parent is None or parent in found:
            break
        found += [parent, *(each for each in marked if each != parent)]
        snapshot = table.metadata.snapshot_by_id(parent)
    return tuple(dict.fromkeys(found))


def _marked(summary: Summary) -> tuple[int, ...]:
    return tuple(int(each) for each in summary.get(SAME_AS, "").split(",") if each.isdecimal())


def lost_snapshot(table: IcebergTable) -> str:
    """What is wrong where the table's metadata names a current snapshot that it does not have; else empty."""
    current = table.metadata.current_snapshot_id
    lost = current is not None and table.metadata.snapshot_by_id(current) is None
    return f"the current snapshot {current} is not among those that the table's metadata lists" if lost else ""


def snapshots_of(table: IcebergTable) -> tuple[Snapshot, ...]:
    """In commit order: a branch that was taken back stays where it was."""
    refs = defaultdict[int, list[str]](list)
    for ref, target in table.metadata.refs.items():
        refs[target.snapshot_id].append(ref)
    summaries = {snapshot.snapshot_id: _summary(snapshot) for snapshot in table.metadata.snapshots}
    became = defaultdict[int, list[datetime]](list)
    for entry in table.metadata.snapshot_log:
        became[entry.snapshot_id].append(moment(entry.timestamp_ms))
    ordered = sorted(table.metadata.snapshots, key=lambda found: (found.sequence_number or 0, found.timestamp_ms))
    return tuple(
        replace(
            _snapshot(found, summaries, tuple(sorted(refs[found.snapshot_id]))),
            current_at=tuple(became.get(found.snapshot_id, ())),
        )
        for found in ordered
    )


def snapshot_with(name: TableName, table: IcebergTable, snapshot_id: int) -> IcebergSnapshot:
    """Raises NoSuchSnapshot."""
    found = table.metadata.snapshot_by_id(snapshot_id)
    if found is None:
        raise NoSuchSnapshot(f"table {name} keeps no snapshot {snapshot_id}", remedy=to_type("snapshots", name))
    return found


def schema_at(name: TableName, table: IcebergTable, snapshot_id: int | None) -> Schema:
    """The schema that was current when the snapshot was committed; the table's own when the writer left it out."""
    if snapshot_id is None:
        return table.schema()
    schema_id = snapshot_with(name, table, snapshot_id).schema_id
    return table.schemas().get(-1 if schema_id is None else schema_id, table.schema())


def columns_of(schema: Schema) -> tuple[Column, ...]:
    return tuple(
        Column(field.field_id, field.name, str(field.field_type), field.required, field.doc or "")
        for field in schema.fields
    )


def members_of(schema: Schema) -> tuple[Member, ...]:
    return tuple(_members(schema.fields, (), ""))


def _members(fields: Iterable[NestedField], path: tuple[str, ...], inside: str) -> Iterator[Member]:
    from pyiceberg.types import ListType, MapType, StructType

    for field in fields:
        at, of = (*path, field.name), field.field_type
        yield Member(field.field_id, at, str(of), inside)
        if isinstance(of, StructType):
            yield from _members(of.fields, at, inside)
        elif isinstance(of, ListType):
            yield from _members((of.element_field,), at, inside or "list")
        elif isinstance(of, MapType):
            yield from _members((of.key_field, of.value_field), at, inside or "map")


def _snapshot(snapshot: IcebergSnapshot, summaries: Mapping[int, Summary], refs: tuple[str, ...]) -> Snapshot:
    summary = summaries[snapshot.snapshot_id]
    run_id = next((summary[key] for key in RUN_ID if key in summary), None)
    return Snapshot(
        snapshot_id=snapshot.snapshot_id,
        parent_id=snapshot.parent_snapshot_id,
        committed_at=moment(snapshot.timestamp_ms),
        operation=snapshot.summary.operation.value if snapshot.summary else "",
        added_records=_number(summary, "added-records"),
        deleted_records=_number(summary, "deleted-records"),
        total_records=_number(summary, "total-records"),
        run_id=run_id,
        asset=summary.get("floe.asset-key"),
        refs=refs,
        node_id=summary.get("floe.dbt-node"),
        total_bytes=_number(summary, "total-files-size"),
        total_files=_number(summary, "total-data-files"),
        unchanged=_unchanged(summary, summaries.get(snapshot.parent_snapshot_id or 0, {})),
        code_hash=summary.get("floe.code-hash"),
        inputs=_inputs(summary),
        written_by="" if run_id else _writer(summary),
        empty=EMPTY in summary,
        live_records=_live_rows(summary),
        same_as=_marked(summary),
    )


def _inputs(summary: Summary) -> Mapping[str, int]:
    """Summaries are anybody's text: what does not read as ours is as good as left out."""
    try:
        found = json.loads(summary.get("floe.inputs", "{}"))
        return {str(table): int(snapshot_id) for table, snapshot_id in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _unchanged(summary: Summary, parent: Summary) -> bool:
    data_hash = summary.get("floe.data-hash")
    return data_hash is not None and data_hash == parent.get("floe.data-hash")


def _writer(summary: Summary) -> str:
    """``spark 3.5.1`` where the engine gives its name, else the first mark there is, as ``key value``."""
    if CARRIED in summary:
        return f"carried from {summary[CARRIED]}"
    if PICKED in summary:
        return f"picked from {summary[PICKED]}"
    if "engine-name" in summary:
        return f"{summary['engine-name']} {summary.get('engine-version', '')}".strip()
    return next((f"{key} {summary[key]}" for key in WRITERS if key in summary), "")


def _live_rows(summary: Summary) -> int | None:
    """Some writers do not subtract row-level deletes from ``total-records``: known only where there are none."""
    if _number(summary, "total-delete-files") != 0:
        return None
    deletes = (_number(summary, f"total-{kind}-deletes") for kind in ("position", "equality"))
    return None if any(deletes) else _number(summary, "total-records")


def _summary(snapshot: IcebergSnapshot) -> Summary:
    return dict(snapshot.summary.additional_properties) if snapshot.summary else {}


def _number(summary: Summary, key: str) -> int | None:
    """Summaries are text, and any engine's; what is no number is as good as left out."""
    text = summary.get(key, "")
    return int(text) if text.isdecimal() else None


def moment(timestamp_ms: int) -> datetime:
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
