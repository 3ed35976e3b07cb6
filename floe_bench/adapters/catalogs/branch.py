"""Branches of tables, taken away without a trace."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.head import aliased
from floe_bench.adapters.iceberg.branch import MAIN, ancestry
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.adapters.iceberg.mark import MADE_FOR
from floe_bench.adapters.iceberg.transaction import Steady
from floe_bench.errors import CommitConflict
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.table import Table
    from pyiceberg.table.update import TableUpdate

_ASIDE = "floe_discarded_"


def has(table: Table, branch: str) -> bool:
    return branch in table.metadata.refs or _made_for(table) == branch


def remove(table: Table, branch: str) -> None:
    """As ``ports.rehearsal.BranchKeeper.remove_branch``, in one commit."""
    from pyiceberg.exceptions import CommitFailedException
    from pyiceberg.table import update

    ref = table.metadata.refs.get(branch)
    if ref is None:
        return
    named = ".".join(table.name())
    with translated(f"branch {branch} of {named}"):
        transaction = Steady(table)
        require = update.AssertRefSnapshotId(ref=branch, **aliased(snapshot_id=ref.snapshot_id))
        transaction._stage(tuple(_updates(table, branch)), (require,))
        try:
            transaction.commit_transaction()
        except CommitFailedException as error:
            raise CommitConflict(f"somebody wrote to branch {branch} of {named}") from error


def _updates(table: Table, branch: str) -> Iterator[TableUpdate]:
    from pyiceberg.table import update

    yield update.RemoveSnapshotRefUpdate(**aliased(ref_name=branch))
    others = [ref.snapshot_id for name, ref in table.metadata.refs.items() if name != branch]
    kept = {each.snapshot_id for head in others for each in ancestry(table, head)}
    own = [each.snapshot_id for each in ancestry(table, table.metadata.refs[branch].snapshot_id)]
    own = [each for each in own if each not in kept]
    if own:
        yield update.RemoveSnapshotsUpdate(**aliased(snapshot_ids=own))


def drop_made_for(catalog: RestCatalog, name: TableName, branch: str) -> None:
    """Moved aside first: whoever writes from then on does not find it, and what was written before is seen."""
    from pyiceberg.exceptions import NamespaceNotEmptyError, NoSuchTableError

    aside = (*name.namespace, f"{_ASIDE}{uuid.uuid4().hex[:12]}")
    with translated(f"table {name}"), suppress(NoSuchTableError):
        if _made_for(catalog.load_table(name.parts)) != branch:
            return
        catalog.rename_table(name.parts, aside)
        moved = catalog.load_table(aside)
        if _made_for(moved) != branch or len(moved.snapshots()) > 1:
            catalog.rename_table(aside, name.parts)
            return
        catalog.drop_table(aside)
        with suppress(NamespaceNotEmptyError):
            if not catalog.list_tables(name.namespace):
                catalog.drop_namespace(name.namespace)


def _made_for(table: Table) -> str | None:
    """The branch for whose sake the table is there, as long as nobody wrote to main."""
    main = table.metadata.refs.get(MAIN)
    snapshot = table.metadata.snapshot_by_id(main.snapshot_id) if main is not None else None
    return snapshot.summary.additional_properties.get(MADE_FOR) if snapshot and snapshot.summary else None
