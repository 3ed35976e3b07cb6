"""A materialization, taken back."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import complete_asset, complete_run, typed_run_id
from floe_bench.cli.noun import TAKEN
from floe_bench.cli.session import Session
from floe_bench.cli.taking_back import PAST_UNDO, UNDO, carry_out, show_history
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError


@click.command(
    "undo",
    cls=Verb,
    json_form="one object",
    shapes=[UNDO, TAKEN],
    examples=[
        ("floe-bench undo --asset orders --dry-run", "see what taking back its last materialization would do"),
        ("floe-bench undo --asset orders --downstream", "take it back with all that was made from it, and be asked"),
        ("floe-bench undo --run 7f3a --yes", "take back everything that one run made"),
        ("floe-bench undo --list", "see what was undone"),
    ],
)
@click.option("--asset", metavar="A", shell_complete=complete_asset, help="Its last materialization.")
@click.option("--run", "run_id", metavar="R", shell_complete=complete_run, help="Everything that this run made.")
@click.option("--downstream", is_flag=True, help="Also everything that was made from it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--with-others", is_flag=True, help="With --yes: also where somebody else wrote since, which is lost.")
@click.option("--list", "listing", is_flag=True, help=f"List what was undone: {{{', '.join(PAST_UNDO.names)}}}.")
@click.pass_obj
def command(
    session: Session,
    asset: str | None,
    run_id: str | None,
    downstream: bool,
    dry_run: bool,
    yes: bool,
    with_others: bool,
    listing: bool,
) -> int:
    """Take tables back to the snapshot before a materialization.

    The plan is shown first. It happens by a commit in the catalog, to all tables or to none, and not at all if somebody
    wrote in between. No data is deleted: redo brings it back. A first materialization taken back leaves a table that
    reads as empty.
    """
    if not listing and (asset is None) == (run_id is None):
        raise UsageError("undo needs either --asset or --run", remedy="floe-bench undo --help")
    with session.bench() as client:
        if listing:
            return show_history(session, client.undo.history())
        whole = None if run_id is None else typed_run_id(run_id)
        plan = client.undo.plan(asset=asset, run_id=whole, downstream=downstream)
        return carry_out(session, client, plan, dry_run=dry_run, yes=yes, with_others=with_others)
