"""The code of a node."""

from __future__ import annotations

from difflib import unified_diff

import click

from floe_bench.cli.lookup import complete_asset, find_node, typed_run_id
from floe_bench.cli.noun import CODE
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.code import Code


@click.command(
    "code",
    cls=Verb,
    json_form="one object",
    shapes=[CODE],
    examples=[
        ("floe-bench code orders", "print the SQL that ran last"),
        ("floe-bench code orders --run 7f3a --diff", "see what changed since the run before"),
    ],
)
@click.argument("node", shell_complete=complete_asset)
@click.option("--run", "run_id", metavar="RUN", help="As that run had it. Default: the newest that has it.")
@click.option("--source", "form", flag_value="source", help="As it was written instead of as it was run.")
@click.option("--diff", "form", flag_value="diff", help="What was run against what the run before it ran.")
@click.pass_obj
def command(session: Session, node: str, run_id: str | None, form: str | None) -> int:
    """Print the compiled SQL of NODE: an asset or a test, by name or dbt's unique id."""
    with session.bench() as client:
        run_id, node_id = find_node(client, node, run_id=typed_run_id(run_id) if run_id else None)
        code = client.code(run_id, node_id)
    if session.as_json:
        session.out.json(CODE.of(code))
        return 0
    for line in _text(code, form).splitlines():
        session.out.line(line)
    return 0


def _text(code: Code, form: str | None) -> str:
    """Raises UsageError where there is no such text."""
    if form == "diff":
        if code.previous is None:
            raise UsageError(f"no run before compiled {code.node_id}", remedy="floe-bench runs")
        before, after = code.previous.splitlines(), code.compiled.splitlines()
        names = (code.previous_run_id or "", code.run_id or "")
        return "\n".join(unified_diff(before, after, *names, lineterm=""))
    return code.source if form == "source" or not code.compiled else code.compiled
