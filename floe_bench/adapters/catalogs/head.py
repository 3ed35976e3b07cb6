"""Moving ``main`` of tables, by commits that only touch metadata."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from floe_bench.adapters.catalogs.landing import pause
from floe_bench.adapters.catalogs.mapping import schema_at
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.adapters.iceberg.mark import EMPTY, EMPTY_WORDS
from floe_bench.errors import CatalogUnreachable, CommitConflict
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove, TableHead

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.schema import Schema
    from pyiceberg.table import CommitTableRequest
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot
    from pyiceberg.table.update import TableRequirement, TableUpdate

MAIN = "main"
_UNSORTED = 0
_TOTALS = ("total-data-files", "total-delete-files", "total-files-size", "total-records", "total-position-deletes",
           "total-equality-deletes")  # fmt: skip
_LOOKS = 5
_ATTEMPTS = 8


def head_of(table: IcebergTable) -> TableHead:
    metadata = table.metadata
    main = metadata.refs.get(MAIN)
    return TableHead(
        table_uuid=str(metadata.table_uuid),
        snapshot_id=main.snapshot_id if main else None,
        schema_id=metadata.current_schema_id,
        spec_id=metadata.default_spec_id,
        sort_order_id=metadata.default_sort_order_id,
        empty=main is not None and _is_empty(table, main.snapshot_id),
    )


def head_at(name: TableName, table: IcebergTable, snapshot_id: int | None) -> TableHead:
    """A partitioning or order by a column that the older schema has not would leave a table nobody can write."""
    now, metadata = head_of(table), table.metadata
    if snapshot_id is None:
        return replace(now, snapshot_id=metadata.new_snapshot_id(), empty=True)
    schema = schema_at(name, table, snapshot_id)
    known = _field_ids(schema)
    specs = {spec.spec_id: {field.source_id for field in spec.fields} for spec in metadata.partition_specs}
    orders = {order.order_id: {field.source_id for field in order.fields} for order in metadata.sort_orders}
    return TableHead(
        table_uuid=now.table_uuid,
        snapshot_id=snapshot_id,
        schema_id=schema.schema_id,
        spec_id=_fitting(specs, now.spec_id, known),
        sort_order_id=_fitting({_UNSORTED: set(), **orders}, now.sort_order_id, known),
        empty=_is_empty(table, snapshot_id),
    )


def _is_empty(table: IcebergTable, snapshot_id: int) -> bool:
    found = table.metadata.snapshot_by_id(snapshot_id)
    return found is not None and found.summary is not None and EMPTY in found.summary.additional_properties


def _field_ids(schema: Schema) -> set[int]:
    from pyiceberg.schema import index_by_id

    return set(index_by_id(schema))


def _fitting(sources: dict[int, set[int]], current: int, known: set[int]) -> int:
    """The current one if the schema has all that it needs, else the newest that does."""
    if sources.get(current, set()) <= known:
        return current
    return max((id_ for id_, needed in sources.items() if needed <= known), default=current)


def move(catalog: RestCatalog, moves: Sequence[HeadMove]) -> None:
    """As ``ports.head.HeadMover.move``; several moves are one multi-table commit."""
    from pyiceberg.exceptions import CommitFailedException

    named = ", ".join(each.table for each in moves)
    with translated(f"table {named}"):
        for number in range(_ATTEMPTS):
            # Loading also renews a token that ran out, which a plain request would not.
            tables = _loaded(catalog, moves)
            _check(moves, tables)
            try:
                _sent(catalog, moves, tables, named)
            except CommitFailedException:
                # About another branch, or a name: SeaweedFS refuses any commit that came second. Where it was about
                # what is moved, the next look says so.
                pause(number)
            else:
                return
    raise CommitConflict(f"others wrote to {named} in between, {_ATTEMPTS} times in a row", remedy="try again")


def _sent(catalog: RestCatalog, moves: Sequence[HeadMove], tables: Sequence[IcebergTable], named: str) -> None:
    import requests
    from pyiceberg import exceptions as theirs

    try:
        _send(catalog, [_request(each, table) for each, table in zip(moves, tables, strict=True)])
    except (theirs.CommitStateUnknownException, theirs.ServerError, requests.RequestException) as error:
        # The answer was lost, or never made: only the tables know.
        if not _has_happened(catalog, moves):
            raise CatalogUnreachable(f"the catalog did not move {named}", remedy="floe-bench doctor") from error


def _send(catalog: RestCatalog, changes: list[CommitTableRequest]) -> None:
    from pyiceberg.catalog.rest.response import _handle_non_200_response
    from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException
    from requests import HTTPError

    known = {409: CommitFailedException, **dict.fromkeys((500, 502, 503, 504), CommitStateUnknownException)}
    if len(changes) == 1:
        change = changes[0]
        place = catalog._split_identifier_for_path(change.identifier)
        url, body = catalog.url("namespaces/{namespace}/tables/{table}", **place), change.model_dump_json()
    else:
        listed = ",".join(change.model_dump_json() for change in changes)
        url, body = catalog.url("transactions/commit"), f'{{"table-changes":[{listed}]}}'
    answer = catalog._session.post(url, data=body.encode())
    try:
        answer.raise_for_status()
    except HTTPError as error:
        _handle_non_200_response(error, known)


def _request(change: HeadMove, table: IcebergTable) -> CommitTableRequest:
    from pyiceberg.table import CommitTableRequest, Namespace, TableIdentifier

    name = TableName.parse(change.table)
    return CommitTableRequest(
        identifier=TableIdentifier(namespace=Namespace(list(name.namespace)), name=name.name),
        requirements=tuple(_requirements(change.before)),
        updates=tuple(_updates(change.before, change.after, table)),
    )


def _requirements(before: TableHead) -> Iterator[TableRequirement]:
    from pyiceberg.table import update

    yield update.AssertTableUUID(uuid=before.table_uuid)  # type: ignore[arg-type]  # pydantic reads the text
    yield update.AssertRefSnapshotId(ref=MAIN, **aliased(snapshot_id=before.snapshot_id))
    yield update.AssertCurrentSchemaId(**aliased(current_schema_id=before.schema_id))
    yield update.AssertDefaultSpecId(**aliased(default_spec_id=before.spec_id))
    yield update.AssertDefaultSortOrderId(**aliased(default_sort_order_id=before.sort_order_id))


def _updates(before: TableHead, after: TableHead, table: IcebergTable) -> Iterator[TableUpdate]:
    from pyiceberg.table import update
    from pyiceberg.table.refs import SnapshotRefType

    if after.schema_id != before.schema_id:
        yield update.SetCurrentSchemaUpdate(**aliased(schema_id=after.schema_id))
    if after.spec_id != before.spec_id:
        yield update.SetDefaultSpecUpdate(**aliased(spec_id=after.spec_id))
    if after.sort_order_id != before.sort_order_id:
        yield update.SetDefaultSortOrderUpdate(**aliased(sort_order_id=after.sort_order_id))
    if after.empty and table.metadata.snapshot_by_id(after.snapshot_id or 0) is None:
        yield update.AddSnapshotUpdate(snapshot=_empty(table, after))
    target = aliased(ref_name=MAIN, snapshot_id=after.snapshot_id)
    yield update.SetSnapshotRefUpdate(type=SnapshotRefType.BRANCH, **target)


def _empty(table: IcebergTable, head: TableHead) -> Snapshot:
    """Without a parent: what was written before is no part of its history. If it is refused, its list stays behind."""
    from pyiceberg.manifest import write_manifest_list
    from pyiceberg.table.snapshots import Operation, Snapshot, Summary

    metadata, snapshot_id = table.metadata, head.snapshot_id or 0
    place = table.location_provider().new_metadata_location(f"snap-{snapshot_id}-0-{uuid.uuid4()}.avro")
    number = metadata.next_sequence_number()
    with write_manifest_list(metadata.format_version, table.io.new_output(place), snapshot_id, None, number, "deflate"):
        pass
    totals = dict.fromkeys(_TOTALS, "0")
    return Snapshot(
        **aliased(
            snapshot_id=snapshot_id,
            sequence_number=number,
            timestamp_ms=max(time.time_ns() // 1_000_000, metadata.last_updated_ms + 1),
            manifest_list=place,
            schema_id=head.schema_id,
        ),
        summary=Summary(Operation.DELETE, **totals, **{EMPTY: EMPTY_WORDS}),
    )


def aliased(**fields: Any) -> dict[str, Any]:
    """Their models' types know a field by its name on the wire only."""
    return {name.replace("_", "-"): value for name, value in fields.items()}


def _has_happened(catalog: RestCatalog, moves: Sequence[HeadMove]) -> bool:
    """Raises CommitConflict where it cannot have."""
    import requests
    from pyiceberg import exceptions as theirs

    for look in range(_LOOKS):
        try:
            tables = _loaded(catalog, moves)
        except (theirs.ServerError, theirs.ServiceUnavailableError, requests.RequestException):
            time.sleep(0.2 * 2**look)
            continue
        if [head_of(table) for table in tables] == [each.after for each in moves]:
            return True
        _check(moves, tables)
        return False
    return False


def _loaded(catalog: RestCatalog, moves: Sequence[HeadMove]) -> list[IcebergTable]:
    return [catalog.load_table(TableName.parse(each.table).parts) for each in moves]


def _check(moves: Sequence[HeadMove], tables: Sequence[IcebergTable]) -> None:
    """Raises CommitConflict."""
    changed = [each.table for each, table in zip(moves, tables, strict=True) if head_of(table) != each.before]
    if changed:
        raise CommitConflict(f"somebody else wrote to {', '.join(changed)} in between")
