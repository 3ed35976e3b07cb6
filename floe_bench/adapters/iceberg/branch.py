"""Writing to a branch of a table as if it were main.

Schema, partitioning, order and properties belong to the table, not to a branch: those of now stay, and the snapshots of
the branch name the schema that they were written with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyiceberg.table import Table, Transaction
    from pyiceberg.table.snapshots import Snapshot
    from pyiceberg.table.update import TableRequirement, TableUpdate

MAIN = "main"


def ancestry(table: Table, snapshot_id: int | None) -> Iterator[Snapshot]:
    """That snapshot and its ancestors, as far as the table still has them, newest first. Each is found at once: looking
    through all snapshots for each takes minutes where there are ten thousand."""
    known = {each.snapshot_id: each for each in table.metadata.snapshots}
    while snapshot_id is not None and snapshot_id in known:
        # Taken out: parents that go in a circle end it.
        found = known.pop(snapshot_id)
        yield found
        snapshot_id = found.parent_snapshot_id


def seen_from(table: Table, branch: str) -> Table:
    """The table as for somebody to whom ``branch`` is main; unchanged where it has no such branch."""
    from pyiceberg.table import Table

    metadata = table.metadata
    ref = metadata.refs.get(branch)
    head = metadata.snapshot_by_id(ref.snapshot_id) if ref is not None else None
    if ref is None or head is None:
        return table
    seen: dict[str, Any] = {"refs": {**metadata.refs, MAIN: ref}, "current_snapshot_id": head.snapshot_id}
    if head.schema_id is not None:
        seen["current_schema_id"] = head.schema_id
    changed = metadata.model_copy(update=seen)
    return Table(table.name(), changed, table.metadata_location, table.io, table.catalog, table.config)


def redirect(transaction: Transaction, branch: str) -> None:
    """What was staged for main of a table that is ``seen_from`` the branch becomes a change of the branch alone."""
    transaction._requirements = tuple(_required(transaction, branch))
    transaction._updates = tuple(_updates(transaction, branch))


def _updates(transaction: Transaction, branch: str) -> Iterator[TableUpdate]:
    from pyiceberg.table import update

    of_the_table = (
        update.SetCurrentSchemaUpdate,
        update.SetDefaultSpecUpdate,
        update.SetDefaultSortOrderUpdate,
        update.SetPropertiesUpdate,
        update.RemovePropertiesUpdate,
    )
    for each in transaction._updates:
        if isinstance(each, update.SetSnapshotRefUpdate) and each.ref_name == MAIN:
            yield each.model_copy(update={"ref_name": branch})
        elif not isinstance(each, of_the_table):
            yield each


def _required(transaction: Transaction, branch: str) -> Iterator[TableRequirement]:
    """A branch that is not there yet begins where it was read, wherever main is by now."""
    from pyiceberg.table import update

    of_the_table = (update.AssertCurrentSchemaId, update.AssertDefaultSpecId, update.AssertDefaultSortOrderId)
    there = branch in transaction._table.metadata.refs
    for each in transaction._requirements:
        if isinstance(each, update.AssertRefSnapshotId) and each.ref == MAIN:
            yield each.model_copy(update={"ref": branch} if there else {"ref": branch, "snapshot_id": None})
        elif not isinstance(each, of_the_table):
            yield each
