"""Since when a check fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from floe_bench.cli.bisect_report import BISECTION, CULPRIT, EVALUATION, INPUT_TRAIL, progress, show_bisection
from floe_bench.cli.following import following
from floe_bench.cli.lookup import completing
from floe_bench.cli.noun import INPUT, SNAPSHOT
from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb
from floe_bench.events import CheckEvaluated, Event
from floe_bench.model.bisection import Outcome

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


def _tests(client: BenchClient) -> list[str]:
    newest = client.runs(1)
    nodes = client.run(newest[0].run_id).nodes if newest else ()
    return [node.name for node in nodes if node.kind == "test"]


@click.command(
    "bisect",
    cls=Verb,
    json_form="one object",
    shapes=[BISECTION, INPUT_TRAIL, EVALUATION, CULPRIT, SNAPSHOT, INPUT],
    examples=[
        ("floe-bench bisect unique_orders_order_id", "name the first snapshot with which that test fails"),
        ("floe-bench bisect unique_orders_order_id --every", "look at every moment, where it comes and goes"),
        ("floe-bench bisect not_null_orders_id --json | jq -r '.culprits[].snapshot.run_id'", "only the run"),
    ],
)
@click.argument("check", shell_complete=completing(_tests))
@click.option("--every", is_flag=True, help="Evaluate it at every moment: slower, and finds every turn.")
@click.pass_obj
def command(session: Session, check: str, every: bool) -> int:
    """Name the snapshot since which CHECK, a dbt test, fails, its run and its SQL change.

    The test is compiled as the project has it now, and evaluated over the tables that it reads as they were. Their
    snapshots are put in one line by the time of their commit; what one run wrote in one go is one moment of it. Each
    evaluation halves what is left, which finds the one moment if the test failed ever since; where it came and went,
    it finds one of them, and says which moments it looked at.

    Exit code 0: it does not fail now. 1: it does.
    """

    def show(event: Event) -> None:
        if isinstance(event, CheckEvaluated):
            progress(session.diagnostics, event)

    with session.bench() as client, following(session, client, show):
        session.diagnostics.changing("compiling the test")
        found = client.checks.bisect(check, every)
    if session.as_json:
        session.out.json(BISECTION.of(found))
    else:
        show_bisection(session.out, found, session.now())
    return 0 if found.outcome is Outcome.PASSES else 1
