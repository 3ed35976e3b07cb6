"""Settings for tools outside the bench."""

from __future__ import annotations

import click

from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.verb import Verb

TOOLS = ("dbt", "pyiceberg", "duckdb", "spark", "trino", "env")
SETTINGS = Shape(
    "settings",
    Field("tool", "dbt, pyiceberg, duckdb, spark, trino or env", lambda pair: pair[0]),
    Field("text", "the settings in the tool's own form", lambda pair: pair[1]),
)


@click.command(
    "connect",
    cls=Verb,
    json_form="one object",
    shapes=[SETTINGS],
    examples=[
        ("floe-bench connect dbt", "print a profile; secrets are masked"),
        ('eval "$(floe-bench connect env --show-secrets)"', "point this shell's tools at the lakehouse"),
    ],
)
@click.argument("tool", type=click.Choice(TOOLS))
@click.option("--show-secrets", is_flag=True, help="Print secrets in clear.")
@click.pass_obj
def command(session: Session, tool: str, show_secrets: bool) -> int:
    """Print the settings with which TOOL reaches this lakehouse."""
    with session.bench() as client:
        text = client.connect(tool, show_secrets=show_secrets)
        kept = client.status().kept
    if session.as_json:
        session.out.json(SETTINGS.of((tool, text)))
    else:
        session.out.text(text)
    if not kept:
        session.say("the lakehouse stops when its last user leaves; keep it up: floe-bench up")
    return 0
