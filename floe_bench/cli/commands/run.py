"""A run, followed to its end."""

from __future__ import annotations

import click

from floe_bench.cli.follow import exit_code, run_and_follow
from floe_bench.cli.follower import RUN_QUEUED, Step
from floe_bench.cli.lookup import complete_asset
from floe_bench.cli.session import Session
from floe_bench.cli.stream import QUEUED, STREAM
from floe_bench.cli.verb import Verb
from floe_bench.model.command import to_type
from floe_bench.model.run import RunRequest


@click.command(
    "run",
    cls=Verb,
    json_form="one object a line:",
    shapes=STREAM,
    examples=[
        ("floe-bench run", "materialize everything and test it"),
        ("floe-bench run --select +orders --exclude tag:slow", "dbt's selection syntax"),
        ("floe-bench run --json | jq -c 'select(.event==\"run_finished\")'", "keep the summary only"),
    ],
)
@click.option("-s", "--select", metavar="S", shell_complete=complete_asset, help="What, in dbt's selection syntax.")
@click.option("--exclude", metavar="S", shell_complete=complete_asset, help="What not, in dbt's selection syntax.")
@click.option("--full-refresh", is_flag=True, help="Rebuild incremental models.")
@click.option("--vars", "variables", metavar="YAML", help="Variables for dbt, as YAML or JSON.")
@click.option("--detach", is_flag=True, help="Queue the run, print its id and leave; the lakehouse stays up.")
@click.pass_obj
def command(
    session: Session,
    select: str | None,
    exclude: str | None,
    full_refresh: bool,
    variables: str | None,
    detach: bool,
) -> int:
    """Materialize assets and follow the run.

    Exit 0 when it succeeds, 1 when it fails, 130 when it is cancelled. Ctrl-C cancels the run and waits for that;
    Ctrl-C again leaves.
    """
    request = RunRequest(
        select=select, exclude=exclude, full_refresh=full_refresh, launched_by="cli", variables=variables
    )
    with session.bench() as client:
        if not detach:
            return exit_code(run_and_follow(session, client, request))
        run = client.run(client.submit(request))
        # An engine that nobody keeps ends with its last client, and its runs with it.
        client.keep(True)
    if session.as_json:
        session.out.json_line(QUEUED.of(Step(RUN_QUEUED, run)))
    else:
        session.out.line(run.run_id)
        session.say(
            f"follow it: {to_type('logs', '--source', run.run_id, '--follow')}; the lakehouse stays up: floe-bench down"
        )
    return 0
