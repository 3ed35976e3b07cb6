"""Views whose metadata is odd: each opens with what can be told of it, and says what cannot.

What no server here would store is put into the real one's answers on their way.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import NoSuchTable, TableError
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from floe_bench.model.view import ViewDefinition, Wording
from tests.contracts.spoiling import between
from tests.contracts.test_views import _SPARK, _TRINO, made, sent

Spoil = Callable[[dict[str, Any]], object]
BOTH = (Wording("spark", _SPARK), Wording("trino", _TRINO))


@pytest.fixture(scope="module")
def name(endpoints: Endpoints) -> TableName:
    catalog = open_catalog(endpoints, serves_views=True)
    name = TableName((f"t{secrets.token_hex(4)}",), "latest")
    catalog.create_namespace(name.namespace)
    made(catalog, name)
    return name


def told(endpoints: Endpoints, name: TableName, spoil: Spoil) -> ViewDefinition:
    """``spoil`` changes the metadata on its way."""

    def change(path: str, query: object, said: bytes) -> bytes:
        if not path.endswith(f"/views/{name.name}"):
            return said
        answer = json.loads(said)
        spoil(answer["metadata"])
        return json.dumps(answer).encode()

    with between(endpoints, change) as changed:
        reader = RestCatalogReader(changed, serves_views=True)
        try:
            return reader.views.definition(name)
        finally:
            reader.close()


def version(metadata: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = metadata["versions"][0]
    return found


@pytest.fixture
def placeless(endpoints: Endpoints) -> TableName:
    """Without a default namespace; the server stores it so."""
    catalog = open_catalog(endpoints, serves_views=True)
    name = TableName((f"t{secrets.token_hex(4)}",), "latest")
    catalog.create_namespace(name.namespace)
    body = {
        "name": name.name,
        "schema": {
            "type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "n", "type": "int", "required": True}]
        },
        "view-version": {
            "version-id": 1, "schema-id": 0, "timestamp-ms": 1_700_000_000_000, "summary": {},
            "representations": [{"type": "sql", "sql": "select 1 as n", "dialect": "duckdb"}],
        },
        "properties": {},
    }  # fmt: skip
    sent(catalog, f"namespaces/{name.namespace[0]}/views", body)
    return name


@pytest.fixture
def reader(endpoints: Endpoints) -> Iterator[RestCatalogReader]:
    reader = RestCatalogReader(endpoints, serves_views=True)
    yield reader
    reader.close()


def test_a_view_without_a_default_namespace_is_told(reader: RestCatalogReader, placeless: TableName) -> None:
    found = reader.views.definition(placeless)
    assert found.version is not None and found.schema is not None
    assert (found.version.default_namespace, found.version.wordings) == ("", (Wording("duckdb", "select 1 as n"),))
    assert ([each.name for each in found.schema.columns], found.faults) == (["n"], ())


def test_it_is_told_with_a_token_that_is_spent(reader: RestCatalogReader, placeless: TableName) -> None:
    manager: Any = reader._session()._session.auth.auth_manager  # type: ignore[union-attr]  # whatever requests takes
    manager._token = "spent"
    assert reader.views.definition(placeless).version is not None


def test_a_representation_that_is_no_sql_is_named_and_the_others_are_told(
    endpoints: Endpoints, name: TableName
) -> None:
    def spoil(metadata: dict[str, Any]) -> None:
        version(metadata)["representations"][:0] = [{"type": "substrait", "plan": "AAAA"}, {"dialect": "x"}, "?"]

    found = told(endpoints, name, spoil).version
    assert found is not None
    assert (found.wordings, found.untold) == (BOTH, ("substrait", "unknown", "unknown"))


def test_a_view_in_no_sql_at_all_opens(endpoints: Endpoints, name: TableName) -> None:
    def spoil(metadata: dict[str, Any]) -> None:
        version(metadata)["representations"] = [{"type": "substrait", "plan": "AAAA"}]

    found = told(endpoints, name, spoil)
    assert found.version is not None and found.schema is not None
    assert (found.version.wordings, found.version.untold) == ((), ("substrait",))
    assert (len(found.schema.columns), found.properties["comment"]) == (2, "How many each has.")


def test_a_query_without_a_dialect_is_told(endpoints: Endpoints, name: TableName) -> None:
    def spoil(metadata: dict[str, Any]) -> None:
        version(metadata)["representations"] = [{"type": "sql", "sql": "select 1"}, {"type": "sql", "dialect": "spark"}]

    found = told(endpoints, name, spoil).version
    assert found is not None
    assert (found.wordings, found.untold) == ((Wording("", "select 1"),), ("sql without a query",))


@pytest.mark.parametrize("lacks", ["version-log", "properties", "format-version", "view-uuid", "location"])
def test_what_the_metadata_leaves_out_hides_nothing_else(endpoints: Endpoints, name: TableName, lacks: str) -> None:
    found = told(endpoints, name, lambda metadata: metadata.pop(lacks, None))
    assert found.version is not None and found.schema is not None
    assert (found.version.wordings, len(found.schema.columns), found.faults) == (BOTH, 2, ())


@pytest.mark.parametrize("lacks", ["default-namespace", "summary", "timestamp-ms", "default-catalog"])
def test_what_a_version_leaves_out_hides_nothing_else(endpoints: Endpoints, name: TableName, lacks: str) -> None:
    found = told(endpoints, name, lambda metadata: version(metadata).pop(lacks, None))
    assert found.version is not None and found.schema is not None
    assert (found.version.wordings, len(found.schema.columns), found.faults) == (BOTH, 2, ())
    assert found.version.since is not None  # its log says so too


def test_a_time_that_is_told_nowhere_is_none(endpoints: Endpoints, name: TableName) -> None:
    def spoil(metadata: dict[str, Any]) -> None:
        del version(metadata)["timestamp-ms"], metadata["version-log"]

    found = told(endpoints, name, spoil)
    assert found.version is not None and found.schema is not None
    assert (found.version.since, found.schema.since, found.faults) == (None, None, ())


def test_a_current_version_that_is_not_there_is_said(endpoints: Endpoints, name: TableName) -> None:
    found = told(endpoints, name, lambda metadata: metadata.update({"current-version-id": 7}))
    assert (found.version, found.schema, [each.wordings for each in found.versions]) == (None, None, [BOTH])
    assert found.faults == ("version 7, the current one, is not in its metadata",)


def test_a_schema_that_is_not_there_is_said(endpoints: Endpoints, name: TableName) -> None:
    found = told(endpoints, name, lambda metadata: version(metadata).update({"schema-id": 3}))
    assert found.version is not None and found.version.wordings == BOTH
    assert (found.schema, [each.schema_id for each in found.schemas]) == (None, [0])
    assert found.faults == ("schema 3, that of its current version, is not in its metadata",)


def test_a_schema_that_cannot_be_read_is_said(endpoints: Endpoints, name: TableName) -> None:
    def spoil(metadata: dict[str, Any]) -> None:
        metadata["schemas"][0]["fields"][0]["type"] = "hologram"

    found = told(endpoints, name, spoil)
    assert found.version is not None and found.version.wordings == BOTH
    assert found.schema is None
    assert found.faults[0].startswith("schema 0, that of its current version, cannot be read")
    assert "hologram" in found.faults[0]


@pytest.mark.parametrize("value", [None, {}, [], "?", 7], ids=repr)
@pytest.mark.parametrize("key", ["versions", "schemas", "properties", "version-log", "location", "current-version-id"])
def test_a_value_of_another_kind_is_no_crash(endpoints: Endpoints, name: TableName, key: str, value: object) -> None:
    found = told(endpoints, name, lambda metadata: metadata.update({key: value}))
    assert found.view == str(name)


def test_an_answer_without_metadata_is_an_error_of_that_view(endpoints: Endpoints, name: TableName) -> None:
    with between(endpoints, lambda path, query, said: b"[]" if path.endswith("/views/latest") else said) as changed:
        reader = RestCatalogReader(changed, serves_views=True)
        with pytest.raises(TableError, match="answers without its metadata") as caught:
            reader.views.definition(name)
        assert not isinstance(caught.value, NoSuchTable)
        reader.close()
