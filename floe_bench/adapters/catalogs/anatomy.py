"""What a table is made of, from its metadata and its manifest files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.manifests import ManifestRead, Manifests
from floe_bench.adapters.catalogs.mapping import lost_snapshot, moment, schema_at, snapshot_with
from floe_bench.adapters.catalogs.reach import sizes_of
from floe_bench.adapters.iceberg.human import bound, order_fields, partition, spec_fields
from floe_bench.errors import TableError
from floe_bench.model.anatomy import (
    Anatomy,
    Bounds,
    Content,
    FilePage,
    LakeFile,
    Manifest,
    MetadataFile,
    Partition,
    Ref,
    SchemaVersion,
    Spec,
    Totals,
)
from floe_bench.model.table import Column, TableName

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile, ManifestEntry
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot as IcebergSnapshot
    from pyiceberg.typedef import Record

_CONTENTS = (Content.DATA, Content.POSITION_DELETES, Content.EQUALITY_DELETES)
"""By Iceberg's number."""


class TableAnatomy:
    """Fulfils ``ports.anatomy.AnatomyReader``. ``load`` asks the catalog for a table's metadata."""

    def __init__(self, load: Callable[[TableName], IcebergTable], manifests: Manifests) -> None:
        self._load, self._manifests = load, manifests

    def table(self, name: TableName, snapshot_id: int | None) -> Anatomy:
        table = self._load(name)
        metadata, snapshot = table.metadata, _snapshot(name, table, snapshot_id)
        schema = schema_at(name, table, snapshot_id)
        reads, fault = self._read(table, snapshot) if snapshot else ((), lost_snapshot(table))
        totals, faults = _totals(reads), _faults(reads, fault)
        spec = next((spec for spec in _specs(table, schema) if spec.current), Spec(0))
        return Anatomy(
            table=str(name),
            table_uuid=str(metadata.table_uuid),
            format_version=metadata.format_version,
            location=metadata.location,
            metadata_location=table.metadata_location,
            snapshot_id=snapshot.snapshot_id if snapshot else metadata.current_snapshot_id,
            committed_at=moment(snapshot.timestamp_ms) if snapshot else None,
            current=snapshot is None or snapshot.snapshot_id == metadata.current_snapshot_id,
            rows=None if totals.delete_files or faults else totals.records,
            totals=totals,
            schema=_version(table, schema),
            schemas=len(metadata.schemas),
            spec=spec,
            specs=_specs(table, schema),
            sort_order=Spec(metadata.default_sort_order_id, order_fields(table.sort_order(), schema), current=True),
            sort_orders=_sort_orders(table, schema),
            refs=_refs(table),
            snapshots=len(metadata.snapshots),
            oldest_at=min((moment(each.timestamp_ms) for each in metadata.snapshots), default=None),
            metadata_files=len(metadata.metadata_log) + 1,
            metadata_log=_metadata_log(table),
            properties=dict(metadata.properties),
            faults=faults,
        )

    def schemas(self, name: TableName) -> tuple[SchemaVersion, ...]:
        table = self._load(name)
        return tuple(_version(table, schema) for schema in sorted(table.schemas().values(), key=lambda s: s.schema_id))

    def files(self, name: TableName, snapshot_id: int | None, *, offset: int, limit: int) -> FilePage:
        table = self._load(name)
        snapshot = _snapshot(name, table, snapshot_id)
        if snapshot is None:
            fault = lost_snapshot(table)
            return FilePage(str(name), None, Totals(), offset=offset, faults=(fault,) if fault else ())
        reads, fault = self._read(table, snapshot)
        entries = [entry for read in reads for entry in read.entries]
        schema = schema_at(name, table, snapshot_id)
        describe = _Describe(table, schema)
        return FilePage(
            table=str(name),
            snapshot_id=snapshot.snapshot_id,
            totals=_totals(reads),
            manifests=tuple(_manifest(read) for read in reads),
            partitions=describe.partitions(entries),
            files=tuple(describe.file(entry) for entry in entries[offset : offset + limit]),
            offset=offset,
            faults=_faults(reads, fault),
        )

    def metadata_log(self, name: TableName) -> tuple[MetadataFile, ...]:
        table = self._load(name)
        log = _metadata_log(table)
        sizes = sizes_of([each.path for each in log], table.io)
        return tuple(replace(each, bytes=size, gone=size is None) for each, size in zip(log, sizes, strict=True))

    def _read(self, table: IcebergTable, snapshot: IcebergSnapshot) -> tuple[tuple[ManifestRead, ...], str]:
        """And why there are none, where the list of manifest files cannot be read."""
        try:
            return self._manifests.of(snapshot, table.io), ""
        except TableError as error:
            return (), error.message


def _snapshot(name: TableName, table: IcebergTable, snapshot_id: int | None) -> IcebergSnapshot | None:
    return table.metadata.current_snapshot() if snapshot_id is None else snapshot_with(name, table, snapshot_id)


def _faults(reads: Iterable[ManifestRead], fault: str) -> tuple[str, ...]:
    return tuple(each for each in (fault, *(read.fault for read in reads)) if each)


def _version(table: IcebergTable, schema: Schema) -> SchemaVersion:
    first = min(
        (each for each in table.metadata.snapshots if each.schema_id == schema.schema_id),
        key=lambda each: each.timestamp_ms,
        default=None,
    )
    return SchemaVersion(
        schema_id=schema.schema_id,
        columns=all_columns(schema),
        current=schema.schema_id == table.metadata.current_schema_id,
        snapshot_id=first.snapshot_id if first else None,
        since=moment(first.timestamp_ms) if first else None,
    )


def all_columns(schema: Schema) -> tuple[Column, ...]:
    """Nested ones too, each behind what it lies in."""
    from pyiceberg.schema import index_by_id, index_name_by_id

    names, fields = index_name_by_id(schema), index_by_id(schema)
    top = {field.field_id: place for place, field in enumerate(schema.fields)}
    outer = {field.name: top[field.field_id] for field in schema.fields}

    def place(field_id: int) -> tuple[int, int]:
        name = names[field_id]
        root = top.get(field_id)
        if root is None:
            root = max((at for known, at in outer.items() if name.startswith(f"{known}.")), default=len(top))
        return root, -1 if field_id in top else field_id

    return tuple(
        Column(each, names[each], _kind(str(fields[each].field_type)), fields[each].required, fields[each].doc or "")
        for each in sorted(names, key=place)
    )


def _kind(spelled: str) -> str:
    """Of a nested type its name: what lies in it has lines of its own."""
    return spelled.partition("<")[0] if spelled.startswith(("struct<", "map<", "list<")) else spelled


def _specs(table: IcebergTable, schema: Schema) -> tuple[Spec, ...]:
    current = table.metadata.default_spec_id
    return tuple(
        Spec(spec.spec_id, spec_fields(spec, schema), current=spec.spec_id == current)
        for spec in sorted(table.specs().values(), key=lambda spec: spec.spec_id)
    )


def _sort_orders(table: IcebergTable, schema: Schema) -> tuple[Spec, ...]:
    current = table.metadata.default_sort_order_id
    return tuple(
        Spec(order.order_id, order_fields(order, schema), current=order.order_id == current)
        for order in sorted(table.metadata.sort_orders, key=lambda order: order.order_id)
    )


def _refs(table: IcebergTable) -> tuple[Ref, ...]:
    return tuple(
        Ref(name, ref.snapshot_ref_type.value, ref.snapshot_id, _seconds(ref.max_ref_age_ms))
        for name, ref in sorted(table.metadata.refs.items())
    )


def _metadata_log(table: IcebergTable) -> tuple[MetadataFile, ...]:
    """Source: Iceberg spec, "Table Metadata Fields", metadata-log."""
    earlier = (MetadataFile(each.metadata_file, moment(each.timestamp_ms)) for each in table.metadata.metadata_log)
    return (*earlier, MetadataFile(table.metadata_location, moment(table.metadata.last_updated_ms)))


def _seconds(milliseconds: int | None) -> int | None:
    return None if milliseconds is None else milliseconds // 1000


def _totals(reads: Sequence[ManifestRead]) -> Totals:
    """In one pass of plain numbers: there may be a hundred thousand files."""
    files, records, size = [0, 0, 0], [0, 0, 0], [0, 0, 0]
    shared = set[str]()
    for read in reads:
        for entry in read.entries:
            file = entry.data_file
            content = int(file.content)
            files[content] += 1
            records[content] += file.record_count
            if content:  # a Puffin file holds the deletion vectors of several data files
                if file.file_path in shared:
                    continue
                shared.add(file.file_path)
            size[content] += file.file_size_in_bytes
    return Totals(
        data_files=files[0],
        delete_files=files[1] + files[2],
        manifests=len(reads),
        records=records[0],
        deleted_records=records[1],
        equality_deletes=records[2],
        bytes=size[0],
        delete_bytes=size[1] + size[2],
    )


def _manifest(read: ManifestRead) -> Manifest:
    found = read.manifest
    return Manifest(
        path=found.manifest_path,
        content="deletes" if found.content else "data",
        spec_id=found.partition_spec_id,
        bytes=found.manifest_length,
        files=(found.added_files_count or 0) + (found.existing_files_count or 0),
        records=(found.added_rows_count or 0) + (found.existing_rows_count or 0),
        added_by=found.added_snapshot_id,
    )


class _Describe:
    """Files of one table in words: its partitionings and the primitive columns of one schema, looked up once."""

    def __init__(self, table: IcebergTable, schema: Schema) -> None:
        from pyiceberg.types import PrimitiveType

        self._specs, self._schema = table.specs(), schema
        named = {column.field_id: column.name for column in all_columns(schema)}
        kinds = {field_id: schema.find_type(field_id) for field_id in named}
        self._columns = [
            (field_id, named[field_id], kind) for field_id, kind in kinds.items() if isinstance(kind, PrimitiveType)
        ]

    def file(self, entry: ManifestEntry) -> LakeFile:
        file = entry.data_file
        return LakeFile(
            path=file.file_path,
            content=_CONTENTS[file.content],
            format=str(file.file_format.value).lower(),
            partition=self._partition(file),
            spec_id=file.spec_id,
            records=file.record_count,
            bytes=file.file_size_in_bytes,
            added_by=entry.snapshot_id,
            bounds=tuple(self._bounds(file)),
        )

    def _bounds(self, file: DataFile) -> Iterator[Bounds]:
        nulls, lower, upper = file.null_value_counts or {}, file.lower_bounds or {}, file.upper_bounds or {}
        for field_id, name, kind in self._columns:
            if field_id in nulls or field_id in lower or field_id in upper:
                yield Bounds(
                    name, nulls.get(field_id), bound(kind, lower.get(field_id)), bound(kind, upper.get(field_id))
                )

    def partitions(self, entries: Iterable[ManifestEntry]) -> tuple[Partition, ...]:
        groups: dict[tuple[int, Record], list[DataFile]] = defaultdict(list)
        for file in (entry.data_file for entry in entries):
            groups[file.spec_id, file.partition].append(file)
        found = [self._told(spec_id, files) for (spec_id, _), files in groups.items()]
        return tuple(sorted(found, key=lambda each: (-each.bytes, each.partition)))

    def _told(self, spec_id: int, files: Sequence[DataFile]) -> Partition:
        data = [file for file in files if _CONTENTS[file.content] is Content.DATA]
        return Partition(
            partition=self._partition(files[0]),
            spec_id=spec_id,
            data_files=len(data),
            delete_files=len(files) - len(data),
            records=sum(file.record_count for file in data),
            bytes=sum({file.file_path: file.file_size_in_bytes for file in files}.values()),
        )

    def _partition(self, file: DataFile) -> str:
        return partition(self._specs[file.spec_id], self._schema, file)
