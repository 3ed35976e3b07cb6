"""An undo, taken back."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import completing
from floe_bench.cli.noun import TAKEN
from floe_bench.cli.session import Session
from floe_bench.cli.taking_back import UNDO, carry_out
from floe_bench.cli.verb import Verb

_complete_undo = completing(lambda client: [undo.undo_id for undo in client.undo.history()])


@click.command(
    "redo",
    cls=Verb,
    json_form="one object",
    shapes=[UNDO, TAKEN],
    examples=[
        ("floe-bench redo", "bring back what was undone last"),
        ("floe-bench redo 3f2a91bc --yes", "bring back one undo, without being asked"),
    ],
)
@click.argument("undo_id", required=False, shell_complete=_complete_undo)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(session: Session, undo_id: str | None, dry_run: bool, yes: bool) -> int:
    """Bring back what UNDO_ID, or the last undo, took back: the same snapshots are current again.

    Refused when one of the tables was written to since.
    """
    with session.bench() as client:
        plan = client.undo.plan_redo(undo_id)
        return carry_out(session, client, plan, dry_run=dry_run, yes=yes, with_others=True)
