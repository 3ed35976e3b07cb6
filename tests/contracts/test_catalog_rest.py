"""The catalog reader, against the real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psutil
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Table as IcebergTable
from pyiceberg.types import StringType

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.connection import Connection
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.probe import PROBE_NAMESPACE
from floe_bench.errors import AccessDenied, CatalogUnreachable, NoSuchSnapshot, NoSuchTable
from floe_bench.model.secret import Secret
from floe_bench.model.snapshot import Ground, Snapshot
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import Column, TableName


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> Catalog:
    return open_catalog(endpoints)


@pytest.fixture
def reader(endpoints: Endpoints) -> Iterator[RestCatalogReader]:
    reader = RestCatalogReader(endpoints)
    yield reader
    reader.close()


def connections(port: int) -> set[int]:
    """By the port at our end."""
    found = psutil.Process().net_connections("tcp")
    return {each.laddr.port for each in found if each.raddr and each.raddr.port == port}


def test_a_reader_that_is_closed_leaves_no_connection(endpoints: Endpoints) -> None:
    port = urlsplit(endpoints.catalog_uri).port
    assert port is not None
    before = connections(port)
    reader = RestCatalogReader(endpoints)
    reader.tables()
    opened = connections(port) - before
    assert opened
    reader.close()
    assert not opened & connections(port)


@pytest.fixture
def name(catalog: Catalog) -> TableName:
    """A table name in a namespace of the test's own."""
    namespace = f"t{secrets.token_hex(4)}"
    catalog.create_namespace(namespace)
    return TableName((namespace,), "orders")


def rows(*numbers: int) -> pa.Table:
    return pa.table({"n": list(numbers)})


def created(catalog: Catalog, name: TableName, schema: pa.Schema | None = None) -> IcebergTable:
    return catalog.create_table(name.parts, schema or pa.schema([("n", pa.int64())]))


def test_a_table_that_was_never_written_has_no_snapshot_and_no_rows(
    catalog: Catalog, reader: RestCatalogReader, name: TableName
) -> None:
    created(catalog, name)
    table = reader.table(name)
    assert (table.snapshot_id, table.rows, table.files, table.bytes, table.updated_at) == (None, 0, 0, 0, None)
    assert reader.snapshots(name) == ()
    assert reader.columns(name) == (Column(1, "n", "long"),)


def test_a_table_shows_its_current_snapshot_and_its_size(
    catalog: Catalog, reader: RestCatalogReader, name: TableName
) -> None:
    iceberg = created(catalog, name)
    iceberg.append(rows(1, 2))
    iceberg.append(rows(3))
    table = reader.table(name)
    assert table.table == str(name)
    assert table.namespace == name.namespace[0]
    assert table.snapshot_id == iceberg.current_snapshot().snapshot_id
    assert (table.rows, table.files) == (3, 2)
    assert table.bytes > 0
    assert table.updated_at == reader.snapshots(name)[-1].committed_at
    assert table.updated_at.tzinfo is not None


def test_nested_namespaces_are_listed_once_and_the_probes_never(
    catalog: Catalog, reader: RestCatalogReader, name: TableName
) -> None:
    outer = name.namespace[0]
    deep = TableName((outer, "middle", "inner"), "deep")
    catalog.create_namespace((outer, "middle"))
    catalog.create_namespace((outer, "middle", "inner"))
    created(catalog, name)
    created(catalog, deep)
    catalog.create_namespace_if_not_exists(PROBE_NAMESPACE)
    created(catalog, TableName((PROBE_NAMESPACE,), "left"))
    try:
        listed = [table.table for table in reader.tables()]
    finally:
        catalog.drop_table((PROBE_NAMESPACE, "left"))
        catalog.drop_namespace(PROBE_NAMESPACE)
    assert [table for table in listed if table.startswith(outer)] == [str(name), str(deep)]
    assert listed == sorted(listed, key=TableName.parse)
    assert not any(table.startswith(PROBE_NAMESPACE) for table in listed)
    assert reader.table(deep).namespace == f"{outer}.middle.inner"


def test_a_hundred_tables_are_listed_with_their_numbers(
    catalog: Catalog, reader: RestCatalogReader, name: TableName
) -> None:
    for number in range(100):
        created(catalog, TableName(name.namespace, f"t{number:03}"))
    found = [table for table in reader.tables() if table.namespace == name.namespace[0]]
    assert len(found) == 100
    assert {table.rows for table in found} == {0}


@pytest.mark.parametrize("missing", ["nope.orders", "Upper.Orders", "a.b.c"])
def test_a_missing_table_is_named(reader: RestCatalogReader, missing: str) -> None:
    with pytest.raises(NoSuchTable, match=missing) as caught:
        reader.table(TableName.parse(missing))
    assert caught.value.remedy == "floe-bench tables"


def test_a_missing_snapshot_is_named(catalog: Catalog, reader: RestCatalogReader, name: TableName) -> None:
    created(catalog, name).append(rows(1))
    with pytest.raises(NoSuchSnapshot, match="4711"):
        reader.columns(name, 4711)
    with pytest.raises(NoSuchSnapshot, match="4711"):
        reader.ground(name, None, 4711)


# ── snapshots ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def committed(
    catalog: Catalog, reader: RestCatalogReader, name: TableName, *summaries: dict[str, str]
) -> list[Snapshot]:
    table = created(catalog, name)
    for number, summary in enumerate(summaries):
        table.append(rows(number), snapshot_properties=summary)
    return list(reader.snapshots(name))


def test_a_commit_of_ours_carries_run_asset_node_and_code(
    catalog: Catalog, reader: RestCatalogReader, name: TableName
) -> None:
    ours = {
        "floe.run-id": "run-1",
        "floe.asset-key": "shop/orders",
        "floe.dbt-node": "model.shop.orders",
        "floe.code-hash": "abc",
        "engine-name": "spark",
    }
    (snapshot,) = committed(catalog, reader, name, ours)
    assert (snapshot.run_id, snapshot.asset, snapshot.node_id) == ("run-1", "shop/orders", "model.shop.orders")
    assert (snapshot.code_hash, snapshot.written_by) == ("abc", "")
    assert (snapshot.added_records, snapshot.total_records, snapshot.total_files) == (1, 1, 1)
    assert snapshot.operation == "append"
    assert snapshot.refs == ("main",)
    assert snapshot.parent_id is None


@pytest.mark.parametrize(
    ("summary", "run_id", "written_by"),
    [
        ({"dagster-run-id": "run-2"}, "run-2", ""),
        ({"spark.app.id": "local-7", "engine-name": "spark", "engine-version": "3.5.1"}, None, "spark 3.5.1"),
        ({"spark.app.id": "local-7"}, None, "spark.app.id local-7"),
        ({"trino_query_id": "q1"}, None, "trino_query_id q1"),
        ({}, None, ""),
    ],
)
def test_a_commit_says_who_made_it(
    catalog: Catalog,
    reader: RestCatalogReader,
    name: TableName,
    *,
    summary: dict[str, str],
    run_id: str | None,
    written_by: str,
) -> None:
    (snapshot,) = committed(catalog, reader, name, summary)
    assert (snapshot.run_id, snapshot.written_by) == (run_id, written_by)


def test_only_a_rewrite_with_its_parents_data_hash_is_unchanged(
    catalog: Catalog, reader: RestCatalogReader, name: TableName
) -> None:
    hashes: list[dict[str, str]] = [{"floe.data-hash": found} for found in ("a", "a", "b", "a")]
    found = committed(catalog, reader, name, *hashes, {}, {})
    assert [snapshot.unchanged for snapshot in found] == [False, True, False, False, False, False]


def test_what_was_taken_back_stays_in_commit_order(
    catalog: Catalog, reader: RestCatalogReader, name: TableName
) -> None:
    table = created(catalog, name)
    for number in range(3):
        table.append(rows(number))
    first, second, third = (snapshot.snapshot_id for snapshot in table.snapshots())
    table.manage_snapshots().create_tag(second, "audited").rollback_to_snapshot(first).commit()
    table.append(rows(9))

    found = reader.snapshots(name)

    assert [snapshot.snapshot_id for snapshot in found[:3]] == [first, second, third]
    assert found[3].parent_id == first
    assert [snapshot.refs for snapshot in found] == [(), ("audited",), (), ("main",)]
    assert [snapshot.committed_at for snapshot in found] == sorted(snapshot.committed_at for snapshot in found)


def test_live_rows_are_not_guessed_where_duckdb_left_deletes(
    endpoints: Endpoints, reader: RestCatalogReader, name: TableName, tmp_path: Path
) -> None:
    with writing(endpoints, tmp_path) as connection:
        connection.execute(f"create table rw.{name} as select range as n from range(10)")
        before = reader.table(name)
        connection.execute(f"delete from rw.{name} where n < 3")
    assert before.rows == 10
    assert before.bytes > 0
    after = reader.table(name)
    assert after.rows is None
    assert after.bytes == before.bytes


def writing(endpoints: Endpoints, state_dir: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with the same secrets as ours, attached for writing as ``rw``."""
    cursor, _ = Connection(endpoints, state_dir=state_dir, memory_limit=None).cursor()
    delegation = "" if endpoints.s3_access_key is None else ", access_delegation_mode 'none'"
    cursor.execute(
        f"attach '{endpoints.warehouse}' as rw (type iceberg, endpoint $uri, secret lake_catalog{delegation})",
        {"uri": endpoints.catalog_uri},
    )
    return cursor


# ── what changed between two ──────────────────────────────────────────────────────────────────────────────────────────


def test_columns_are_compared_by_field_id(catalog: Catalog, reader: RestCatalogReader, name: TableName) -> None:
    table = created(catalog, name, pa.schema([("id", pa.int32()), ("old", pa.string()), ("gone", pa.bool_())]))
    table.append(pa.table({"id": pa.array([1], pa.int32()), "old": ["x"], "gone": [True]}))
    before = table.current_snapshot().snapshot_id
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.rename_column("old", "new")
        update.delete_column("gone")
        update.add_column("fresh", StringType())
    table.append(pa.table({"id": pa.array([2], pa.int32()), "new": ["y"], "fresh": ["z"]}))
    after = table.current_snapshot().snapshot_id

    change = reader.schema_change(name, before, after)

    assert [column.name for column in change.added] == ["fresh"]
    assert [column.name for column in change.removed] == ["gone"]
    assert [(old.name, new.name) for old, new in change.changed] == [("old", "new")]
    assert [column.name for column in reader.columns(name, before)] == ["id", "old", "gone"]
    assert [column.name for column in reader.columns(name, after)] == ["id", "new", "fresh"]
    first = reader.schema_change(name, None, before)
    assert [column.name for column in first.added] == ["id", "old", "gone"]
    assert (first.removed, first.changed) == ((), ())


def test_files_are_compared_by_path_and_shared_manifests_are_not_opened(
    catalog: Catalog, reader: RestCatalogReader, name: TableName, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = created(catalog, name)
    for number in range(4):
        table.append(rows(number))
    ids = [snapshot.snapshot_id for snapshot in table.snapshots()]
    opened: list[str] = []
    fetch = ManifestFile.fetch_manifest_entry

    def counted(manifest: ManifestFile, *args: object, **kwargs: object) -> object:
        opened.append(manifest.manifest_path)
        return fetch(manifest, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(ManifestFile, "fetch_manifest_entry", counted)
    assert moved(reader.ground(name, ids[2], ids[3])) == (1, 0, 3)
    assert len(opened) == 1
    assert moved(reader.ground(name, ids[3], ids[0])) == (0, 3, 1)
    assert moved(reader.ground(name, None, ids[3])) == (4, 0, 0)


def moved(ground: Ground) -> tuple[int, int, int]:
    """Files that came, that went, and that stayed."""
    return ground.files.added, ground.files.removed, ground.files.kept


def test_a_replaced_table_has_new_files_for_old(catalog: Catalog, reader: RestCatalogReader, name: TableName) -> None:
    table = created(catalog, name)
    table.append(rows(1))
    table.append(rows(2))
    before = table.current_snapshot().snapshot_id
    old = table.inspect.files()["file_size_in_bytes"].to_pylist()
    table.overwrite(rows(5))
    ground = reader.ground(name, before, table.current_snapshot().snapshot_id)
    assert moved(ground) == (1, 2, 0)
    (new,) = table.inspect.files()["file_size_in_bytes"].to_pylist()
    assert (ground.files.added_bytes, ground.files.removed_bytes) == (new, sum(old))


# ── when the catalog is not there ─────────────────────────────────────────────────────────────────────────────────────


def test_no_answer_is_retryable(endpoints: Endpoints) -> None:
    nobody = replace(endpoints, catalog_uri="http://127.0.0.1:9", token_uri="http://127.0.0.1:9/v1/oauth/tokens")
    with pytest.raises(CatalogUnreachable) as caught:
        RestCatalogReader(nobody).tables()
    assert caught.value.retryable


def test_wrong_keys_are_refused_without_showing_them(endpoints: Endpoints) -> None:
    wrong = replace(endpoints, client_secret=Secret("not-the-secret-at-all"))
    with pytest.raises(AccessDenied) as caught:
        RestCatalogReader(wrong).tables()
    assert "not-the-secret-at-all" not in caught.value.message
