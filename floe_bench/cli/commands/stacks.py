"""The stacks there are."""

from __future__ import annotations

import click

from floe_bench.cli.noun import OFFER
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import NoProject
from floe_bench.model.stack import StackOffer

_COLUMNS = (Column("stack"), Column("runs as"), Column("here"), Column("it can", elastic=True))


@click.command(
    "stacks",
    cls=Verb,
    json_form="a list of",
    shapes=[OFFER],
    examples=[
        ("floe-bench stacks", "see every stack, what it can do, and whether it can start here"),
        ("floe-bench stacks --json | jq -r '.[] | select(.starts) | .stack'", "keep those that can start here"),
    ],
)
@click.pass_obj
def command(session: Session) -> int:
    """List the stacks, what each can do, and whether it can start here."""
    from floe_bench.wiring.offer import offers

    try:
        root, chosen = session.project.root, session.settings.stack
    except NoProject:
        root, chosen = None, session.stack or ""
    found = offers(root, named=(chosen,))
    if session.as_json:
        session.out.json([OFFER.of(offer) for offer in found])
    else:
        _show(session, found, chosen)
    return 0


def _show(session: Session, offers: tuple[StackOffer, ...], chosen: str) -> None:
    out = session.out
    out.table(
        _COLUMNS,
        [
            (
                Cell(offer.stack, Style.BOLD if offer.stack == chosen else Style.PLAIN),
                offer.driver,
                "yes" if offer.starts else "no",
                Cell(", ".join(each.replace("_", " ") for each in offer.capabilities), Style.DIM),
            )
            for offer in offers
        ],
    )
    for offer in offers:
        if not offer.starts:
            out.line()
            out.line(Cell(offer.stack, Style.BOLD), f": {offer.reason}")
            out.line(Cell("  next: ", Style.DIM), offer.remedy)
