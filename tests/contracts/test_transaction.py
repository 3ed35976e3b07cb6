"""A transaction that remembers its metadata answers as PyIceberg's own does."""

from __future__ import annotations

import secrets

import pyarrow as pa
import pytest
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadataV2

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.model.stack import Endpoints


@pytest.fixture
def table(endpoints: Endpoints) -> Table:
    catalog = open_catalog(endpoints)
    catalog.create_namespace(namespace := f"t{secrets.token_hex(4)}")
    return catalog.create_table((namespace, "orders"), pa.schema([("n", pa.int64())]))


def test_each_change_shows_at_once(table: Table) -> None:
    ours, theirs = Steady(table), Transaction(table)
    for change in ({"tea": "green"}, {"tea": "black", "milk": "none"}):
        ours.set_properties(change)
        theirs.set_properties(change)
        assert ours.table_metadata.properties == theirs.table_metadata.properties
        assert ours.table_metadata.properties["tea"] == change["tea"]
    assert ours.commit_transaction().properties["milk"] == "none"


def test_snapshots_are_copied_once_for_each_change(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = []
    copied = TableMetadataV2.model_copy

    def counted(metadata: TableMetadataV2, *, deep: bool = False, **rest: object) -> TableMetadataV2:
        copies.append(deep)
        return copied(metadata, deep=deep, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(TableMetadataV2, "model_copy", counted)
    transaction = Steady(table)
    for _ in range(5):
        assert transaction.table_metadata.properties.get("tea") is None
    transaction.set_properties({"tea": "green"})
    for _ in range(5):
        assert transaction.table_metadata.properties["tea"] == "green"
    assert copies.count(True) == 2
