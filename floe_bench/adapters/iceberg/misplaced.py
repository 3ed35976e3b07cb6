"""Tables that nobody can reach with the keys that the catalog lends for them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table


def is_misplaced(table: Table) -> bool:
    """Whether its metadata lies beside its location while keys are lent for the place of the metadata.

    SeaweedFS does that, now and then, to a table that several clients begin to create in the same instant.
    """
    lent = "s3.session-token" in table.io.properties
    return lent and not table.metadata_location.startswith(table.metadata.location.rstrip("/") + "/")


def forget(catalog: Catalog, table: Table) -> None:
    """Drop what was just created so, before anybody can have written to it; gone already, or not ours, is fine."""
    from pyiceberg.exceptions import NoSuchTableError

    with suppress(NoSuchTableError):
        there = catalog.load_table(table.name())
        if there.metadata_location == table.metadata_location:
            catalog.drop_table(table.name())
