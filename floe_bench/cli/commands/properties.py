"""A table's properties."""

from __future__ import annotations

import click

from floe_bench.cli.changing import carry_out, change_options
from floe_bench.cli.lookup import complete_table
from floe_bench.cli.maintenance_noun import PROPERTY_PLAN
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.command import to_type
from floe_bench.model.maintenance import PropertyPlan
from floe_bench.model.table import TableName


@click.command(
    "properties",
    cls=Verb,
    json_form="one object {plan, done}: both the",
    shapes=[PROPERTY_PLAN],
    examples=[
        ("floe-bench properties marts.orders --set history.expire.min-snapshots-to-keep=5", "keep five in any case"),
        ("floe-bench properties marts.orders --unset comment --yes", "take one away"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.option("--set", "wanted", multiple=True, metavar="KEY=VALUE", help="Set it; may be given again.")
@click.option("--unset", "unwanted", multiple=True, metavar="KEY", help="Take it away; may be given again.")
@change_options
@click.pass_obj
def command(
    session: Session, table: str, wanted: tuple[str, ...], unwanted: tuple[str, ...], dry_run: bool, yes: bool
) -> int:
    """Set or unset properties of TABLE (namespace.name), in one commit. `table` lists them."""
    if not wanted and not unwanted:
        raise UsageError("properties needs --set or --unset", remedy=to_type("table", table))
    TableName.parse(table)
    pairs = dict(_pair(each) for each in wanted)
    with session.bench() as client:
        plan = client.maintenance.plan_properties(table, pairs, unwanted)
        return carry_out(
            session,
            plan,
            client.maintenance.set_properties,
            shapes=(PROPERTY_PLAN, PROPERTY_PLAN),
            show=lambda found: _show(session, found),
            tell=lambda done: _tell(session, done),
            question="" if plan.idle else f"Change {_many(len(_keys(plan)))} of {table}?",
            dry_run=dry_run,
            yes=yes,
        )


def _tell(session: Session, done: PropertyPlan) -> None:
    back = [word for key, value in done.before.items() for word in ("--set", f"{key}={value}")]
    back += [word for key in done.after if key not in done.before for word in ("--unset", key)]
    session.out.line("done")
    session.say(f"back again: {to_type('properties', done.table, *back)}")


def _pair(typed: str) -> tuple[str, str]:
    key, equals, value = typed.partition("=")
    if not equals or not key:
        raise UsageError(f"'{typed}' is not KEY=VALUE", remedy="floe-bench properties --help")
    return key, value


def _many(number: int) -> str:
    return "1 property" if number == 1 else f"{number} properties"


def _keys(plan: PropertyPlan) -> list[str]:
    return sorted({**plan.before, **plan.after})


def _show(session: Session, plan: PropertyPlan) -> None:
    session.out.table(
        (Column("property"), Column("before", elastic=True), Column(" "), Column("after", elastic=True)),
        [
            (key, plan.before.get(key, "not set"), Cell("→", Style.DIM), plan.after.get(key, "not set"))
            for key in _keys(plan)
        ],
    )
