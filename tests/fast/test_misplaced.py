"""A table whose metadata is beside its location, where keys are lent for the place of the metadata."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from pyiceberg.table import Table

from floe_bench.adapters.iceberg.misplaced import is_misplaced

TOKEN = {"s3.session-token": "not-a-token"}


def table(metadata_location: str, properties: dict[str, str]) -> Table:
    metadata = SimpleNamespace(location="s3://warehouse/raw/t")
    io = SimpleNamespace(properties=properties)
    return cast(Table, SimpleNamespace(metadata=metadata, metadata_location=metadata_location, io=io))


@pytest.mark.parametrize(
    ("metadata", "properties", "misplaced"),
    [
        ("s3://warehouse/raw/t/metadata/v1.metadata.json", TOKEN, False),
        ("s3://warehouse/raw/t-5/metadata/v1.metadata.json", TOKEN, True),
        ("s3://warehouse/raw/t-5/metadata/v1.metadata.json", {}, False),
    ],
    ids=["below its location", "beside it", "beside it, with a key for everything"],
)
def test_only_a_lent_key_makes_metadata_beside_the_location_a_trouble(
    metadata: str, properties: dict[str, str], misplaced: bool
) -> None:
    assert is_misplaced(table(metadata, properties)) is misplaced
