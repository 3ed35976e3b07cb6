"""A run, one node at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from floe_bench.cli.diagnostics import AT_BREAKPOINT
from floe_bench.cli.lookup import complete_asset, find_asset
from floe_bench.cli.noun import BREAKPOINT, STEP, STEP_WITH_NODES, Stood
from floe_bench.cli.session import Session
from floe_bench.cli.step_report import show_breakpoints, show_order, show_step
from floe_bench.cli.verb import Verb, VerbGroup
from floe_bench.errors import Cancelled, StepRefused, UsageError
from floe_bench.model.run import RunRequest
from floe_bench.model.step import Breakpoint, Condition, Step, StepState, StopKind

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

_SAMPLES = 20
_STEP_ID = click.argument("step_id", metavar="[STEP]", required=False, default="")


@click.group(
    "step",
    cls=VerbGroup,
    examples=[
        ("floe-bench step start --select +orders", "stop before the first node"),
        ("floe-bench step next", "run one node and see what it did to its table"),
        ("floe-bench step break orders --rows 100", "stop when it changes more than 100 rows"),
        ("floe-bench step continue", "run to the next breakpoint; exit 10 says that one was met"),
    ],
)
def command() -> None:
    """Run assets one by one, and look between two of them.

    STEP is the start of a step's or of its run's id; the newest one that is not over by default. A stopped run holds
    nothing open: leave, come back, go on.
    """


def _verb(
    name: str, *, examples: list[tuple[str, str]], nodes: bool = False
) -> Callable[[Callable[..., int]], click.Command]:
    shape = STEP_WITH_NODES if nodes else STEP
    return command.command(name, cls=Verb, json_form="one object", shapes=[shape], examples=examples)


@_verb(
    "start",
    examples=[
        ("floe-bench step start", "step through everything"),
        ("floe-bench step start --select stg_orders+", "dbt's selection syntax"),
    ],
)
@click.option("-s", "--select", metavar="S", shell_complete=complete_asset, help="What, in dbt's selection syntax.")
@click.option("--exclude", metavar="S", shell_complete=complete_asset, help="What not, in dbt's selection syntax.")
@click.option("--full-refresh", is_flag=True, help="Rebuild incremental models.")
@click.option("--vars", "variables", metavar="YAML", help="Variables for dbt, as YAML or JSON.")
@click.pass_obj
def start(session: Session, select: str | None, exclude: str | None, full_refresh: bool, variables: str | None) -> int:
    """Start a run that stops before its first node."""
    request = RunRequest(select, exclude, full_refresh, "step", variables)
    with session.bench() as client:
        step = client.stepping.start(request)
        kept = client.status().kept
    if session.as_json:
        session.out.json(STEP.of(Stood(step)))
    else:
        show_order(session.out, step, ())
        if not kept:
            session.say("each command starts the lakehouse again, unless it stays up: floe-bench up")
    return 0


@_verb("next", examples=[("floe-bench step next", "run one node")])
@_STEP_ID
@click.pass_obj
def next_(session: Session, step_id: str) -> int:
    """Run the next node with its tests, and stop."""
    return _go(session, step_id, lambda client, found: client.stepping.next(found))


@_verb(
    "continue",
    examples=[("floe-bench step continue || test $? -eq 10", "run to the next breakpoint; it is no failure")],
)
@_STEP_ID
@click.pass_obj
def continue_(session: Session, step_id: str) -> int:
    """Run to the next breakpoint or the end.

    Exit 10 when it stopped at a breakpoint, 1 when a node or the run failed. A node that cannot be made always stops
    it. Ctrl-C stops it after the node at work.
    """
    return _go(session, step_id, lambda client, found: client.stepping.proceed(found))


@_verb("retry", examples=[("floe-bench step retry", "run it again after an edit")])
@_STEP_ID
@click.pass_obj
def retry(session: Session, step_id: str) -> int:
    """Run the node that ran last once more, from its file as it is now."""
    return _go(session, step_id, lambda client, found: client.stepping.retry(found))


@_verb("skip", examples=[("floe-bench step skip", "leave the next node out")])
@_STEP_ID
@click.pass_obj
def skip(session: Session, step_id: str) -> int:
    """Leave the next node out; after a failed one, leave that as it is.

    What reads it reads its table as it was, and the answer says which snapshot that is.
    """
    with session.bench() as client:
        return _told(session, client, client.stepping.skip(step_id))


@_verb("pause", examples=[("floe-bench step pause", "stop the run that goes, at the next node boundary")])
@click.argument("run_id", metavar="[RUN]", required=False, default="")
@click.pass_obj
def pause(session: Session, run_id: str) -> int:
    """Stop a run that goes, before its next asset.

    Of an ordinary run, what is left becomes a run that can be stepped.
    """
    with session.bench() as client:
        step = client.stepping.pause(run_id)
        return _told(session, client, client.stepping.wait(step.step_id))


@_verb("abort", examples=[("floe-bench step abort", "end it; what was made stays")])
@_STEP_ID
@click.pass_obj
def abort(session: Session, step_id: str) -> int:
    """End it. The node at work is cancelled, what was made stays."""
    with session.bench() as client:
        step = client.stepping.abort(step_id)
        _tell(session, client, step)
    return 0


@_verb("status", nodes=True, examples=[("floe-bench step status --json | jq .next", "what would run next")])
@_STEP_ID
@click.pass_obj
def status(session: Session, step_id: str) -> int:
    """Show where it stands, and what became of each node."""
    with session.bench() as client:
        step = client.stepping.status(step_id)
        if session.as_json:
            session.out.json(STEP_WITH_NODES.of(_stood(client, step)))
        else:
            show_order(session.out, step, client.stepping.breakpoints())
    return 0


@command.command(
    "break",
    cls=Verb,
    json_form="a list of",
    shapes=[BREAKPOINT],
    examples=[
        ("floe-bench step break mart_customers", "stop before it"),
        ("floe-bench step break '*' --check-failed", "stop after any asset with a failed check"),
        ("floe-bench step break mart_customers --clear", "take its breakpoints away"),
    ],
)
@click.argument("asset", required=False, shell_complete=complete_asset)
@click.option("--rows", type=click.IntRange(min=0), metavar="N", help="After it, if more than N rows changed.")
@click.option("--check-failed", is_flag=True, help="After it, if a check failed.")
@click.option("--schema-changed", is_flag=True, help="After it, if columns changed.")
@click.option("--slower", type=float, metavar="X", help="After it, if it took more than X times the usual.")
@click.option("--clear", is_flag=True, help="Take its breakpoints away.")
@click.pass_obj
def break_(
    session: Session,
    asset: str | None,
    rows: int | None,
    check_failed: bool,
    schema_changed: bool,
    slower: float | None,
    clear: bool,
) -> int:
    """Set a breakpoint on ASSET, or list them all. They are kept with the project.

    Without a condition it stops before the asset; with one, after it. '*' is every asset.
    """
    wanted = [
        *([(Condition.ROWS, float(rows))] if rows is not None else []),
        *([(Condition.CHECKS, 0.0)] if check_failed else []),
        *([(Condition.SCHEMA, 0.0)] if schema_changed else []),
        *([(Condition.SLOWER, slower)] if slower is not None else []),
    ]
    if clear and wanted:
        raise UsageError("--clear takes every breakpoint of the asset away", remedy="floe-bench step break --help")
    if asset is None and (clear or wanted):
        raise UsageError("which asset?", remedy="floe-bench step break --help")
    with session.bench() as client:
        found = client.stepping.breakpoints()
        if asset is not None:
            key = asset if asset == "*" else find_asset(client, asset)
            if clear:
                found = client.stepping.clear_breakpoint(key)
            for condition, threshold in () if clear else wanted or [(Condition.ALWAYS, 0.0)]:
                found = client.stepping.set_breakpoint(Breakpoint(key, condition, threshold))
    if session.as_json:
        session.out.json([BREAKPOINT.of(each) for each in found])
    else:
        show_breakpoints(session.out, found)
    return 0


def _go(session: Session, step_id: str, begin: Callable[[BenchClient, str], Step]) -> int:
    with session.bench() as client:
        step = begin(client, step_id)
        try:
            step = client.stepping.wait(step.step_id)
        except KeyboardInterrupt:
            session.say("stopping after the node at work; Ctrl-C again leaves it going")
            step = _paused(client, step)
        return _told(session, client, step)


def _paused(client: BenchClient, step: Step) -> Step:
    try:
        try:
            client.stepping.pause(step.step_id)
        except StepRefused:
            return client.stepping.status(step.step_id)
        return client.stepping.wait(step.step_id)
    except KeyboardInterrupt:
        raise Cancelled(f"left step {step.step_id[:8]}", remedy="floe-bench step status") from None


def _told(session: Session, client: BenchClient, step: Step) -> int:
    _tell(session, client, step)
    if step.state is StepState.ABORTED:
        return Cancelled.exit_code
    if step.stop is not None and step.stop.kind is StopKind.BREAKPOINT:
        return AT_BREAKPOINT
    failed = step.state is StepState.FAILED or (step.stop is not None and step.stop.kind is StopKind.FAILED)
    return 1 if failed else 0


def _tell(session: Session, client: BenchClient, step: Step) -> None:
    stood = _stood(client, step)
    if session.as_json:
        session.out.json(STEP.of(stood))
    else:
        show_step(session.out, stood)


def _stood(client: BenchClient, step: Step) -> Stood:
    """With the diff of the node that ran last, where it wrote."""
    node = step.node(step.at) if step.at else None
    effect = node.effect if node else None
    if node is None or effect is None:
        return Stood(step)
    return Stood(step, client.diff(node.table, effect.from_snapshot, effect.to_snapshot, limit=_SAMPLES))
