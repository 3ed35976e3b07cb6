"""Moving ``main``, against the real server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import requests
from pyiceberg.catalog import Catalog
from pyiceberg.expressions import EqualTo
from pyiceberg.table import Table as IcebergTable
from pyiceberg.types import StringType

from floe_bench.adapters.catalogs import head
from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import CatalogUnreachable, CommitConflict, NoSuchSnapshot
from floe_bench.model.past import snapshot_then
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove
from floe_bench.ports.head import HeadMover
from tests.contracts.lakehouse import open_lake


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> Catalog:
    return open_catalog(endpoints)


@pytest.fixture
def mover(endpoints: Endpoints) -> Iterator[RestCatalogReader]:
    mover = RestCatalogReader(endpoints, moves_together=True)
    yield mover
    mover.close()


@pytest.fixture
def lake(endpoints: Endpoints, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(endpoints, tmp_path) as connection:
        yield connection


@pytest.fixture
def make(catalog: Catalog) -> Callable[..., TableName]:
    """A new table with a snapshot per list of numbers."""

    def made(*contents: list[int]) -> TableName:
        name = TableName((f"t{secrets.token_hex(4)}",), "orders")
        catalog.create_namespace(name.namespace)
        table = catalog.create_table(name.parts, pa.schema([("n", pa.int64())]))
        for numbers in contents:
            table.append(pa.table({"n": numbers}))
        return name

    return made


def numbers(catalog: Catalog, name: TableName) -> list[int]:
    return sorted(catalog.load_table(name.parts).scan().to_arrow()["n"].to_pylist())


def ids(table: IcebergTable) -> list[int]:
    return [each.snapshot_id for each in table.metadata.snapshots]


def back_to(mover: RestCatalogReader, name: TableName, snapshot_id: int | None) -> HeadMove:
    return HeadMove(str(name), mover.head(name), mover.head_at(name, snapshot_id))


def test_a_table_goes_back_to_the_snapshot_before_and_forward_again(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName]
) -> None:
    name = make([1], [2])
    first, second = ids(catalog.load_table(name.parts))
    move = back_to(mover, name, first)
    mover.move([move])
    assert numbers(catalog, name) == [1]
    assert mover.table(name).snapshot_id == first
    mover.move([move.back])
    assert numbers(catalog, name) == [1, 2]
    assert mover.head(name).snapshot_id == second
    assert isinstance(mover, HeadMover)


def test_the_tables_own_log_says_what_was_current_when_also_after_it_was_taken_back(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName]
) -> None:
    name = make([1], [2])
    first, second = mover.snapshots(name)
    mover.move([back_to(mover, name, first.snapshot_id)])
    after, taken_back = mover.snapshots(name)
    assert after.current_at[0] == first.committed_at and taken_back.current_at == (second.committed_at,)
    then = [
        snapshot_then((after, taken_back), at) for at in (first.committed_at, second.committed_at, datetime.now(UTC))
    ]
    assert [each.snapshot_id if each else None for each in then] == [
        first.snapshot_id,
        second.snapshot_id,
        first.snapshot_id,
    ]


def test_before_the_first_write_the_table_reads_as_empty_for_every_engine_and_its_snapshots_stay(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName], lake: duckdb.DuckDBPyConnection
) -> None:
    """Without ``main`` DuckDB would read the newest snapshot there is, and write on top of it."""
    name = make([1, 2])
    (only,) = ids(catalog.load_table(name.parts))
    move = back_to(mover, name, None)
    mover.move([move])
    table = f"lake.{name.namespace[0]}.{name.name}"
    assert numbers(catalog, name) == lake.execute(f"select n from {table}").fetchall() == []
    assert (mover.head(name).reads, mover.table(name).rows, mover.table(name).files) == (None, 0, 0)
    assert [each.snapshot_id for each in mover.snapshots(name)][:1] == [only]
    mover.move([move.back])
    assert numbers(catalog, name) == [1, 2]
    assert mover.head(name) == move.before


def test_what_is_written_after_the_first_write_was_taken_back_stands_alone(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName], lake: duckdb.DuckDBPyConnection
) -> None:
    name = make([1, 2])
    mover.move([back_to(mover, name, None)])
    lake.execute(f"insert into lake.{name.namespace[0]}.{name.name} values (7)")
    assert numbers(catalog, name) == [7]
    catalog.load_table(name.parts).append(pa.table({"n": [8]}))
    assert numbers(catalog, name) == [7, 8]


def test_the_schema_goes_back_with_the_snapshot(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName]
) -> None:
    name = make([1])
    table = catalog.load_table(name.parts)
    first = table.current_snapshot().snapshot_id
    with table.update_schema() as change:
        change.add_column("tier", StringType())
    table.append(pa.table({"n": [2], "tier": ["gold"]}))
    move = back_to(mover, name, first)
    mover.move([move])
    assert [column.name for column in mover.columns(name)] == ["n"]
    mover.move([move.back])
    assert [column.name for column in mover.columns(name)] == ["n", "tier"]


def test_a_partitioning_that_the_older_schema_does_not_allow_goes_back_too_and_the_table_can_be_written(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName]
) -> None:
    name = make([1])
    table = catalog.load_table(name.parts)
    first = table.current_snapshot().snapshot_id
    with table.update_schema() as change:
        change.add_column("tier", StringType())
    with table.update_spec() as spec:
        spec.add_identity("tier")
    table.append(pa.table({"n": [2], "tier": ["gold"]}))
    move = back_to(mover, name, first)
    assert move.after.spec_id != move.before.spec_id
    mover.move([move])
    catalog.load_table(name.parts).append(pa.table({"n": [7]}))
    assert numbers(catalog, name) == [1, 7]


def test_a_partitioning_that_still_fits_stays(mover: RestCatalogReader, catalog: Catalog) -> None:
    name = TableName((f"t{secrets.token_hex(4)}",), "parted")
    catalog.create_namespace(name.namespace)
    table = catalog.create_table(name.parts, pa.schema([("n", pa.int64())]))
    with table.update_spec() as spec:
        spec.add_identity("n")
    table.append(pa.table({"n": [1]}))
    first = table.current_snapshot().snapshot_id
    table.append(pa.table({"n": [2]}))
    move = back_to(mover, name, first)
    assert move.after.spec_id == move.before.spec_id
    mover.move([move])
    assert numbers(catalog, name) == [1]


@pytest.mark.parametrize("how", ["append", "delete", "schema", "again"])
def test_whoever_wrote_in_between_keeps_what_was_written(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName], how: str
) -> None:
    name = make([1], [2, 3])
    table = catalog.load_table(name.parts)
    move = back_to(mover, name, ids(table)[0])
    if how == "append":
        table.append(pa.table({"n": [4]}))
    elif how == "delete":
        table.delete(EqualTo("n", 2))
    elif how == "schema":
        with table.update_schema() as change:
            change.add_column("tier", StringType())
    else:
        catalog.drop_table(name.parts)
        catalog.create_table(name.parts, pa.schema([("n", pa.int64())])).append(pa.table({"n": [9]}))
    before = numbers(catalog, name)
    with pytest.raises(CommitConflict, match="orders"):
        mover.move([move])
    assert numbers(catalog, name) == before


def test_the_server_itself_refuses_a_move_from_what_is_no_longer_there(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look and our commit somebody may still write: then only the requirements help."""
    name = make([1], [2])
    move = back_to(mover, name, ids(catalog.load_table(name.parts))[0])
    looked, numbers_to_come = head._loaded, [3]

    def then_somebody_writes(session: object, moves: object) -> object:
        found = looked(session, moves)
        if numbers_to_come:
            catalog.load_table(name.parts).append(pa.table({"n": [numbers_to_come.pop()]}))
        return found

    monkeypatch.setattr(head, "_loaded", then_somebody_writes)
    with pytest.raises(CommitConflict):
        mover.move([move])
    assert numbers(catalog, name) == [1, 2, 3]


def test_several_tables_move_together_or_not_at_all(
    catalog: Catalog, mover: RestCatalogReader, make: Callable[..., TableName], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = make([1], [2]), make([3], [4])
    moves = [back_to(mover, name, ids(catalog.load_table(name.parts))[0]) for name in (one, two)]
    wrong = replace(moves[1], before=replace(moves[1].before, schema_id=99))
    monkeypatch.setattr(head, "_check", lambda moves, tables: None)
    with pytest.raises(CommitConflict):
        mover.move([moves[0], wrong])
    assert (numbers(catalog, one), numbers(catalog, two)) == ([1, 2], [3, 4])
    mover.move(moves)
    assert (numbers(catalog, one), numbers(catalog, two)) == ([1], [3])


@pytest.mark.parametrize("landed", [True, False])
def test_a_lost_answer_is_looked_up_in_the_tables(
    catalog: Catalog,
    mover: RestCatalogReader,
    make: Callable[..., TableName],
    monkeypatch: pytest.MonkeyPatch,
    landed: bool,
) -> None:
    name = make([1], [2])
    move = back_to(mover, name, ids(catalog.load_table(name.parts))[0])
    sent = head._send

    def lost(session: object, changes: object) -> None:
        if landed:
            sent(session, changes)
        raise requests.ConnectionError("the connection was reset")

    monkeypatch.setattr(head, "_send", lost)
    if landed:
        mover.move([move])
        assert numbers(catalog, name) == [1]
    else:
        with pytest.raises(CatalogUnreachable):
            mover.move([move])
        assert numbers(catalog, name) == [1, 2]


def test_a_snapshot_that_was_expired_is_none_to_go_back_to(
    mover: RestCatalogReader, make: Callable[..., TableName]
) -> None:
    with pytest.raises(NoSuchSnapshot):
        mover.head_at(make([1]), 4711)
