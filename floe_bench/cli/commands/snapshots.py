"""A table's history."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import complete_table
from floe_bench.cli.noun import SNAPSHOT
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.text import age, clock, count
from floe_bench.cli.verb import Verb
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName

_COLUMNS = (
    Column("snapshot"),
    Column("committed", spare=True),
    Column("age", right=True),
    Column("operation", elastic=True),
    Column("added", right=True),
    Column("deleted", right=True),
    Column("total", right=True),
    Column("run"),
    Column("made by", elastic=True),
    Column("refs", elastic=True),
)


@click.command(
    "snapshots",
    cls=Verb,
    json_form="a list, oldest first, of",
    shapes=[SNAPSHOT],
    examples=[
        ("floe-bench snapshots marts.orders", "see which run and asset made each snapshot"),
        ("floe-bench snapshots marts.orders --json | jq '.[-1].snapshot_id'", "get the newest snapshot's id"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.pass_obj
def command(session: Session, table: str) -> int:
    """List the snapshots of TABLE (namespace.name), oldest first, and what made each."""
    TableName.parse(table)
    with session.bench() as client:
        snapshots = client.snapshots(table)
    if session.as_json:
        session.out.json([SNAPSHOT.of(snapshot) for snapshot in snapshots])
    elif snapshots:
        _show(session, snapshots)
    else:
        session.out.line(f"{table} was created and never written")
    return 0


def _show(session: Session, snapshots: tuple[Snapshot, ...]) -> None:
    out, now = session.out, session.now()
    snapshot_id = out.ids([snapshot.snapshot_id for snapshot in snapshots])
    run_id = out.ids([snapshot.run_id for snapshot in snapshots])
    out.table(
        _COLUMNS,
        [
            (
                Cell(snapshot_id(snapshot.snapshot_id), Style.ID),
                Cell(clock(snapshot.committed_at, now), Style.DIM),
                Cell(age(snapshot.committed_at, now), Style.DIM),
                snapshot.operation + (", unchanged" if snapshot.unchanged else ""),
                count(snapshot.added_records),
                count(snapshot.deleted_records),
                count(snapshot.total_records),
                Cell(run_id(snapshot.run_id), Style.ID),
                _maker(snapshot),
                ", ".join(snapshot.refs),
            )
            for snapshot in snapshots
        ],
    )


def _maker(snapshot: Snapshot) -> Cell:
    if snapshot.asset:
        return Cell(snapshot.asset)
    if snapshot.empty:
        return Cell("undo: before the first write", Style.DIM)
    if snapshot.typed:
        return Cell("typed SQL", Style.DIM)
    mark = f": {snapshot.written_by}" if snapshot.written_by else ""
    return Cell(f"not by us{mark}" if snapshot.run_id is None else "", Style.DIM)
