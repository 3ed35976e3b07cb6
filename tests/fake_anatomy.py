"""What the tables of a ``FakeBench`` are made of, worked out from its commits: one file per snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.errors import NoSuchSnapshot
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
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Column
from tests.rows import columns_of
from tests.shop import Rows

if TYPE_CHECKING:
    from tests.fakes import FakeBench

UUID = "9c12d441-03fe-4693-9a96-a0705ddf69c1"


class FakeAnatomy:
    """Fills ``ports.anatomy.AnatomyVerbs``. ``faults`` are what a test says cannot be read."""

    def __init__(self, bench: FakeBench) -> None:
        self._bench = bench
        self.faults: tuple[str, ...] = ()
        self.properties: dict[str, dict[str, str]] = {}
        self.before_eyes: list[tuple[str, ...]] = []

    def seen(self, tables: tuple[str, ...]) -> None:
        self.before_eyes.append(tables)

    def table(self, table: str, snapshot_id: int | None = None) -> Anatomy:
        snapshots = self._bench.snapshots(table)
        now = next(each for each in snapshots if "main" in each.refs)
        at = self._at(table, snapshot_id)
        rows, versions = self._bench.rows_at(table, at.snapshot_id), self.schemas(table)
        columns = _columns(rows)
        return Anatomy(
            table=table,
            table_uuid=UUID,
            format_version=2,
            location=f"s3://warehouse/{table.replace('.', '/')}",
            metadata_location=f"s3://warehouse/{table.replace('.', '/')}/metadata/v{len(snapshots)}.metadata.json",
            snapshot_id=at.snapshot_id,
            committed_at=at.committed_at,
            current=at.snapshot_id == now.snapshot_id,
            rows=None if self.faults else len(rows),
            totals=_totals(rows),
            schema=next(version for version in versions if version.columns == columns),
            schemas=len(versions),
            spec=Spec(0, current=True),
            specs=(Spec(0, current=True),),
            sort_order=Spec(0, current=True),
            sort_orders=(Spec(0, current=True),),
            refs=(Ref("main", "branch", now.snapshot_id),),
            snapshots=len(snapshots),
            oldest_at=snapshots[0].committed_at,
            metadata_files=len(snapshots),
            metadata_log=tuple(
                MetadataFile(f"s3://warehouse/v{number}.metadata.json", each.committed_at)
                for number, each in enumerate(snapshots, 1)
            ),
            properties=self.properties.setdefault(table, {"write.format.default": "parquet"}),
            faults=self.faults,
        )

    def schemas(self, table: str) -> tuple[SchemaVersion, ...]:
        found: dict[tuple[Column, ...], Snapshot] = {}
        for snapshot in self._bench.snapshots(table):
            columns = _columns(self._bench.rows_at(table, snapshot.snapshot_id))
            found.setdefault(columns, snapshot)
        now = _columns(self._bench.rows_at(table, None))
        return tuple(
            SchemaVersion(number, columns, columns == now, first.snapshot_id, first.committed_at)
            for number, (columns, first) in enumerate(found.items())
        )

    def files(self, table: str, snapshot_id: int | None = None, offset: int = 0, limit: int = 100) -> FilePage:
        at = self._at(table, snapshot_id)
        rows, place = self._bench.rows_at(table, at.snapshot_id), f"s3://warehouse/{table.replace('.', '/')}"
        totals = _totals(rows)
        file = LakeFile(
            path=f"{place}/data/00000-{at.snapshot_id}.parquet",
            content=Content.DATA,
            format="parquet",
            partition="",
            spec_id=0,
            records=totals.records,
            bytes=totals.bytes,
            added_by=at.snapshot_id,
            bounds=tuple(_bounds(column.name, rows) for column in _columns(rows)),
        )
        manifest = Manifest(
            f"{place}/metadata/{at.snapshot_id}-m0.avro", "data", 0, 4000, 1, totals.records, at.snapshot_id
        )
        partition = Partition("", 0, 1, 0, totals.records, totals.bytes)
        page = (file,)[offset : offset + limit]
        return FilePage(table, at.snapshot_id, totals, (manifest,), (partition,), page, offset, self.faults)

    def metadata_log(self, table: str) -> tuple[MetadataFile, ...]:
        """The first is gone."""
        log = self.table(table).metadata_log
        return tuple(replace(each, bytes=1_000 * place or None, gone=not place) for place, each in enumerate(log))

    def _at(self, table: str, snapshot_id: int | None) -> Snapshot:
        wanted = self._bench.heads.get(table) if snapshot_id is None else snapshot_id
        found = [each for each in self._bench.snapshots(table) if each.snapshot_id == wanted]
        if not found:
            raise NoSuchSnapshot(f"no snapshot {snapshot_id}")
        return found[0]


def _columns(rows: Rows) -> tuple[Column, ...]:
    return tuple(columns_of(rows).values())


def _totals(rows: Rows) -> Totals:
    return Totals(data_files=1, manifests=1, records=len(rows), bytes=100 * len(rows))


def _bounds(name: str, rows: Rows) -> Bounds:
    values = [row[name] for row in rows if row[name] is not None]
    told = sorted(str(value) for value in values)
    return Bounds(name, len(rows) - len(values), told[0] if told else None, told[-1] if told else None)
