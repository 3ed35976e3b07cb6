"""Tables and views with a dot or a quote in their names, on every stack of containers whose catalog takes them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.exceptions import BadRequestError
from test_views import made, renamed

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import IsAView
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName


@pytest.fixture(params=["b.c", 'q"q'])
def name(endpoints: Endpoints, request: pytest.FixtureRequest) -> TableName:
    catalog, namespace = open_catalog(endpoints), f"t{secrets.token_hex(4)}"
    catalog.create_namespace(namespace)
    try:
        table = catalog.create_table((namespace, request.param), pa.schema([("n", pa.int64())]))
    except BadRequestError as error:
        pytest.skip(f"the catalog takes no such name: {error}")
    table.append(pa.table({"n": [1, 2]}))
    return TableName((namespace,), request.param)


@pytest.fixture
def reader(endpoints: Endpoints) -> Iterator[RestCatalogReader]:
    reader = RestCatalogReader(endpoints, serves_views=True)
    yield reader
    reader.close()


def test_it_is_listed_opened_and_read_under_the_name_that_it_is_listed_with(
    endpoints: Endpoints, reader: RestCatalogReader, name: TableName, tmp_path: Path
) -> None:
    listed = next(each for each in reader.tables() if each.namespace == name.place)
    assert TableName.parse(listed.table) == name and listed.rows == 2
    again = TableName.parse(listed.table)
    assert reader.anatomy.table(again, None).rows == 2 and len(reader.snapshots(again)) == 1
    duck = DuckDBCompute(endpoints, state_dir=tmp_path)
    try:
        assert duck.count(again) == 2
    finally:
        duck.close()


def test_a_view_is_listed_and_told_under_the_name_that_it_is_listed_with(
    endpoints: Endpoints, reader: RestCatalogReader, name: TableName
) -> None:
    view = TableName(name.namespace, f"{name.name}_latest")
    catalog, plain = open_catalog(endpoints, serves_views=True), TableName(name.namespace, "latest")
    made(catalog, plain)
    renamed(catalog, plain, view)  # PyIceberg makes a view of a name as that is written in an address
    (listed,) = (each for each in reader.views.all() if each.namespace == name.namespace)
    again = TableName.parse(str(listed))
    assert again == view and len(reader.views.definition(again).versions) == 1
    with pytest.raises(IsAView):
        reader.table(again)
