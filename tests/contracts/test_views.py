"""Views of a real catalog."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField, StringType
from pyiceberg.view.metadata import SQLViewRepresentation, ViewRepresentation, ViewVersion

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.dbt.stage import StagedRows
from floe_bench.adapters.dbt.work import Settings
from floe_bench.adapters.iceberg import commit
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.commit import Intent
from floe_bench.adapters.iceberg.layout import Layout
from floe_bench.errors import CommitConflict, IsAView, NoSuchTable, TableError
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import Column, TableName
from floe_bench.model.view import Wording
from tests.contracts.workbench import PATIENCE_S

_SCHEMA = Schema(
    NestedField(1, "customer_id", StringType(), required=False, doc="business key"),
    NestedField(2, "orders", LongType(), required=False),
)
_SPARK, _TRINO = "select customer_id,\n  count(*) as orders\nfrom orders group by 1", 'SELECT "customer_id" …'


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> RestCatalog:
    return open_catalog(endpoints, serves_views=True)


@pytest.fixture
def reader(endpoints: Endpoints) -> Iterator[RestCatalogReader]:
    reader = RestCatalogReader(endpoints, serves_views=True)
    yield reader
    reader.close()


@pytest.fixture
def name(catalog: RestCatalog) -> TableName:
    """Of a view, in a namespace of the test's own, with a table beside it."""
    namespace = f"t{secrets.token_hex(4)}"
    catalog.create_namespace(namespace)
    catalog.create_table((namespace, "orders"), _SCHEMA)
    return TableName((namespace,), "latest")


def made(catalog: RestCatalog, name: TableName) -> None:
    wordings = [("spark", _SPARK), ("trino", _TRINO)]
    fields: dict[str, Any] = {"version-id": 1, "schema-id": 0, "default-namespace": list(name.namespace)}
    catalog.create_view(
        name.parts,
        _SCHEMA,
        ViewVersion(
            **fields,
            summary={"engine-name": "spark", "engine-version": "3.5.1"},
            representations=[
                ViewRepresentation(SQLViewRepresentation(type="sql", sql=sql, dialect=dialect))
                for dialect, sql in wordings
            ],
        ),
        properties={"comment": "How many each has."},
    )


def sent(catalog: RestCatalog, path: str, body: dict[str, Any]) -> None:
    """PyIceberg neither replaces nor renames a view."""
    catalog._session.post(catalog.url(path), json=body).raise_for_status()


def replaced(catalog: RestCatalog, name: TableName, sql: str) -> None:
    version = {
        "version-id": 2,
        "schema-id": 0,
        "timestamp-ms": int(time.time() * 1000),
        "summary": {"engine-name": "trino"},
        "representations": [{"type": "sql", "sql": sql, "dialect": "trino"}],
        "default-namespace": list(name.namespace),
    }
    updates = [
        # Otherwise a dialect that a version no longer has is an error.
        {"action": "set-properties", "updates": {"replace.drop-dialect.allowed": "true"}},
        {"action": "add-view-version", "view-version": version},
        {"action": "set-current-view-version", "view-version-id": -1},
    ]
    sent(catalog, f"namespaces/{name.namespace[0]}/views/{name.name}", {"requirements": [], "updates": updates})


def renamed(catalog: RestCatalog, name: TableName, to: TableName) -> None:
    places = {"source": name, "destination": to}
    body = {key: {"namespace": list(each.namespace), "name": each.name} for key, each in places.items()}
    sent(catalog, "views/rename", body)


def until(claim: Callable[[], object]) -> None:
    """Where hundreds of tests left a namespace each, views are looked for a few times in a minute."""
    deadline = time.monotonic() + PATIENCE_S
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_view_is_listed_and_not_as_a_table(catalog: RestCatalog, reader: RestCatalogReader, name: TableName) -> None:
    assert name not in reader.views.all()
    made(catalog, name)
    listed = [table.table for table in reader.tables()]
    assert name in reader.views.all()
    assert str(name) not in listed and f"{name.namespace[0]}.orders" in listed
    catalog.drop_view(name.parts)
    assert name not in reader.views.all()


def test_a_view_that_comes_and_goes_is_noticed(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName
) -> None:
    def seen() -> bool:
        reader.look()
        return name in reader.views.look()

    assert not seen()
    made(catalog, name)
    until(seen)
    catalog.drop_view(name.parts)
    until(lambda: not seen())


def test_listing_tables_asks_for_no_view(reader: RestCatalogReader, name: TableName) -> None:
    asked: list[str] = []
    reader._session()._session.hooks["response"].append(lambda answer, **options: asked.append(str(answer.url)))
    reader.tables()
    reader.look()
    assert any(each.partition("?")[0].endswith("/tables") for each in asked)
    assert not any(each.partition("?")[0].endswith("/views") for each in asked)


def test_names_that_did_not_change_are_the_very_same_value(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName
) -> None:
    made(catalog, name)
    known = reader.views.all()
    assert name in known and reader.views.all() is known


def test_a_view_that_was_replaced_has_its_versions(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName
) -> None:
    made(catalog, name)
    replaced(catalog, name, "select 2")
    found = reader.views.definition(name)
    assert [each.wordings for each in found.versions] == [
        (Wording("spark", _SPARK), Wording("trino", _TRINO)),
        (Wording("trino", "select 2"),),
    ]
    assert found.version is found.versions[1]


def test_a_view_that_was_renamed_is_the_same_under_its_other_name(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName
) -> None:
    made(catalog, name)
    before, other = reader.views.definition(name), TableName(name.namespace, "renamed")
    renamed(catalog, name, other)
    assert {name, other} & set(reader.views.all()) == {other}
    after = reader.views.definition(other)
    assert (after.view_uuid, after.versions) == (before.view_uuid, before.versions)
    with pytest.raises(NoSuchTable):
        reader.views.definition(name)


def test_a_view_says_what_it_is_in_every_dialect(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName
) -> None:
    made(catalog, name)
    found = reader.views.definition(name)
    assert found.view == str(name)
    assert found.version.wordings == (Wording("spark", _SPARK), Wording("trino", _TRINO))
    assert found.version.default_namespace == name.namespace[0]
    assert "Iceberg" in found.version.written_by or found.version.written_by == "spark 3.5.1"
    assert found.schema.columns == (
        Column(1, "customer_id", "string", False, "business key"),
        Column(2, "orders", "long"),
    )
    assert found.properties["comment"] == "How many each has."
    assert found.location and found.view_uuid and found.schema.since == found.version.since


@pytest.mark.parametrize("ask", ["table", "snapshots", "columns", "head", "anatomy"])
def test_what_is_told_of_tables_alone_is_refused_because_it_is_a_view(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName, ask: str
) -> None:
    made(catalog, name)
    asked = (lambda each: reader.anatomy.table(each, None)) if ask == "anatomy" else getattr(reader, ask)
    with pytest.raises(IsAView, match="is a view: it has no rows") as caught:
        asked(name)
    assert caught.value.remedy == f"floe-bench table {name}"


def test_a_name_of_nothing_is_neither(reader: RestCatalogReader, name: TableName) -> None:
    with pytest.raises(NoSuchTable, match="no table") as caught:
        reader.table(name)
    assert not isinstance(caught.value, IsAView)
    with pytest.raises(NoSuchTable, match="no view"):
        reader.views.definition(name)


def test_a_table_cannot_have_the_name_of_a_view_and_it_is_said_at_once(
    catalog: RestCatalog, name: TableName, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(catalog, name)
    attempt, attempts = commit._Write.attempt, list[int]()

    def counted(self: commit._Write, number: int) -> commit.Committed | None:
        attempts.append(number)
        return attempt(self, number)

    monkeypatch.setattr(commit._Write, "attempt", counted)
    with duckdb.connect() as duck:
        duck.execute("create table stage as select 1 as n")
        rows = StagedRows(duck.cursor(), "memory.main.stage", Settings("table", Layout(), frozenset(), {}, None, {}))
        with pytest.raises(TableError, match=f"{name} is a view of the catalog") as caught:
            commit.replace(catalog, name, rows, Intent())
    assert attempts == [1], "once more would be of no use"
    assert not isinstance(caught.value, CommitConflict)
    assert catalog.view_exists(name.parts) and not catalog.table_exists(name.parts)
