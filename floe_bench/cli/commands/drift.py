"""How what a column holds moved over the snapshots of a table."""

from __future__ import annotations

import click

from floe_bench.cli.drift_report import DRIFT, READING, progress, show_drift
from floe_bench.cli.following import following
from floe_bench.cli.lookup import at_option, complete_table, snapshot_at
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.events import DriftProgressed, Event
from floe_bench.model.table import TableName


@click.command(
    "drift",
    cls=Verb,
    json_form="one object",
    shapes=[DRIFT, READING],
    examples=[
        ("floe-bench drift marts.orders amount", "see how rows, nulls, mean and bounds moved over 20 snapshots"),
        ("floe-bench drift marts.orders address.city", "follow a field of a struct"),
        ("floe-bench drift marts.orders amount --limit 5 --at 8841", "see the five that end at that snapshot"),
        ("floe-bench drift marts.orders amount --json | jq '.readings[] | select(.unusual != [])'", "only the jumps"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.argument("column")
@click.option("--limit", type=int, default=20, show_default=True, metavar="N", help="That many snapshots, the newest.")
@at_option
@click.pass_obj
def command(session: Session, table: str, column: str, limit: int, at: str | None) -> int:
    """Show how COLUMN of TABLE (namespace.name) moved over its snapshots, oldest first, along the main line.

    COLUMN may be a field of a struct, column.field; what lies in a list or a map cannot be followed, for a row has many
    of it. It is followed by its Iceberg id: over renames it is one, and where the table had none yet that is said.
    Each snapshot is read whole once, the newest first, and its figures are kept for as long as the engine runs.
    A snapshot that only wrote the same rows anew is not read, nor is the first of two by which some writers replace
    rows: a delete, and right after it an append. A change is unusual (!) where it is more than three
    times what three quarters of the other changes stay within; fewer than five do not say what is usual.

    What could not be read is said, the other snapshots are told, and the command then exits 1.
    """
    TableName.parse(table)

    def show(event: Event) -> None:
        if isinstance(event, DriftProgressed) and (event.table, event.column) == (table, column):
            progress(session.diagnostics, event)

    with session.bench() as client, following(session, client, show):
        found = client.profile.drift(table, column, snapshot_at(client, table, at), limit)
    if session.as_json:
        session.out.json(DRIFT.of(found))
    else:
        show_drift(session, found)
    return 1 if found.faults else 0
