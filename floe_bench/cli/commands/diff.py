"""What lies between two snapshots."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from floe_bench.cli.diff_report import show_diff
from floe_bench.cli.following import following
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.noun import DIFF
from floe_bench.cli.session import Session
from floe_bench.cli.text import duration
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.events import ComparisonProgressed, Event
from floe_bench.model.command import to_type
from floe_bench.model.past import find_snapshot
from floe_bench.model.snapshot import Diff
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


@click.command(
    "diff",
    cls=Verb,
    json_form="one object",
    shapes=[DIFF],
    examples=[
        ("floe-bench diff marts.orders", "see what the last commit changed"),
        ("floe-bench diff marts.orders 6476 8841 --key order_id", "pair rows by key between two snapshots"),
        ("floe-bench diff marts.orders main audit", "compare two branches"),
        ("floe-bench diff marts.orders --at 2026-11-27", "see what changed since then"),
        ("floe-bench diff marts.orders --from-stack seaweedfs", "compare with the same table of another stack"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.argument("from_", metavar="[FROM]", required=False)
@click.argument("to", metavar="[TO]", required=False)
@click.option("--key", multiple=True, metavar="COLUMN", help="Column that identifies a row; may be given again.")
@click.option("--at", metavar="SNAPSHOT", help="What changed since: a snapshot, a branch or tag, or a time.")
@click.option(
    "--from-stack", metavar="STACK", help="Compare from the table of that stack of the project, as it is now."
)
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Sample rows of each kind.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Leave out the first samples of each kind.")
@click.pass_obj
def command(
    session: Session,
    table: str,
    from_: str | None,
    to: str | None,
    key: tuple[str, ...],
    at: str | None,
    from_stack: str | None,
    limit: int,
    offset: int,
) -> int:
    """Compare two snapshots of TABLE (namespace.name): schema, rows, files.

    FROM and TO are snapshot ids, the start of one, a branch or tag, or a time (2026-11-28, 2026-11-28T14:00): what was
    on the main line then. TO is the current snapshot by default, FROM the one before it.

    Counts are exact. Rows are paired by the key that the project declares, or by --key; without any, whole rows are
    compared as a multiset. Columns are matched by Iceberg's field id, so a renamed one is still compared. Data files
    that both snapshots have are not read, unless one of the two has row-level deletes.

    --from-stack starts another stack of the project for it, and stops it again; there columns are matched by name, and
    rows by --key or as a multiset.
    """
    TableName.parse(table)
    if at is not None and from_ is not None:
        raise UsageError("--at and FROM say the same thing twice", remedy="floe-bench diff --help")
    from_ = at or from_
    if from_stack is not None and (from_ is not None or to is not None):
        raise UsageError(
            "two stacks are compared as they are now", remedy=to_type("diff", table, "--from-stack", from_stack)
        )
    with session.bench() as client:
        if from_stack is not None:
            session.say(f"starting {from_stack} and reading {table} of it")
            return _shown(session, client.carrying.compare(from_stack, table, key=key, limit=limit, offset=offset))
        older, newer = _ids(client, table, (from_, to))
        with following(session, client, _progress(session, table, newer)):
            diff = client.diff(table, from_snapshot=older, to_snapshot=newer, key=key, limit=limit, offset=offset)
    return _shown(session, diff)


def _shown(session: Session, diff: Diff) -> int:
    if session.as_json:
        session.out.json(DIFF.of(diff))
    else:
        show_diff(session.out, diff)
    return 0


def _progress(session: Session, table: str, newer: int | None) -> Callable[[Event], None]:
    begun = session.now()

    def show(event: Event) -> None:
        if isinstance(event, ComparisonProgressed) and (event.table, event.to_snapshot) == (table, newer):
            spent = duration((session.now() - begun).total_seconds())
            session.diagnostics.changing(f"comparing {table}: {event.percent:.0f} %  {spent}")

    return show


def _ids(client: BenchClient, table: str, typed: tuple[str | None, str | None]) -> tuple[int | None, int | None]:
    if typed == (None, None):
        return None, None
    snapshots = client.snapshots(table)
    older, newer = (None if each is None else find_snapshot(snapshots, each, table=table) for each in typed)
    return older, newer
