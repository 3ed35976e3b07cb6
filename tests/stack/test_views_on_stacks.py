"""Views of a real catalog, on every stack of containers whose catalog serves them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField, StringType
from pyiceberg.view.metadata import SQLViewRepresentation, ViewRepresentation, ViewVersion

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import IsAView, NoSuchTable
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import Column, TableName
from floe_bench.model.view import Wording

_SCHEMA = Schema(
    NestedField(1, "customer_id", StringType(), required=False, doc="business key"),
    NestedField(2, "orders", LongType(), required=False),
)
_SPARK, _TRINO = "select customer_id,\n  count(*) as orders\nfrom orders group by 1", 'SELECT "customer_id" …'


@pytest.fixture(scope="module")
def catalog(endpoints: Endpoints) -> RestCatalog:
    return open_catalog(endpoints)


@pytest.fixture
def reader(endpoints: Endpoints) -> Iterator[RestCatalogReader]:
    reader = RestCatalogReader(endpoints)
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


def test_a_view_is_listed_with_the_tables_and_not_as_one(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName
) -> None:
    reader.tables()
    assert name not in reader.views.names()
    made(catalog, name)
    listed = [table.table for table in reader.tables()]
    assert name in reader.views.names()
    assert str(name) not in listed and f"{name.namespace[0]}.orders" in listed
    catalog.drop_view(name.parts)
    reader.tables()
    assert name not in reader.views.names()


def test_names_that_did_not_change_are_the_very_same_value(
    catalog: RestCatalog, reader: RestCatalogReader, name: TableName
) -> None:
    made(catalog, name)
    reader.tables()
    known = reader.views.names()
    reader.tables()
    assert reader.views.names() is known


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
