"""Following a run to its end, through Ctrl-C."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from floe_bench.cli.follower import Follower, Step
from floe_bench.cli.report import TextReport
from floe_bench.cli.session import Session
from floe_bench.cli.stream import JsonReport, Summary
from floe_bench.errors import Cancelled, EngineError
from floe_bench.model.command import to_type
from floe_bench.model.run import Run, RunRequest, RunStatus

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

_EXIT_CODES = {RunStatus.SUCCESS: 0, RunStatus.FAILED: 1, RunStatus.CANCELLED: Cancelled.exit_code}


class Report(Protocol):
    def step(self, step: Step) -> None: ...

    def end(self, summary: Summary) -> None: ...


def report_for(session: Session) -> Report:
    return JsonReport(session.out) if session.as_json else TextReport(session.out, session.diagnostics)


def run_and_follow(session: Session, client: BenchClient, request: RunRequest) -> Summary:
    return follow(session, client, run_id=client.submit(request))


def follow(session: Session, client: BenchClient, *, run_id: str) -> Summary:
    """Tell every step of the run until it is over.

    The first Ctrl-C asks the engine to cancel and keeps following; the second leaves.

    Raises:
        Cancelled: Ctrl-C twice.
        EngineError: the engine went away.
    """
    report, follower = report_for(session), Follower(run_id)
    try:
        _until_over(client, follower, report)
    except KeyboardInterrupt:
        session.say(f"cancelling run {run_id}; Ctrl-C again leaves it to the engine")
        _cancel_and_wait(client, follower, report)
    run = _ended(client.run(run_id), follower)
    for step in follower.catch_up(run):
        report.step(step)
    summary = Summary.of(run, client.assets())
    report.end(summary)
    return summary


def _ended(run: Run, follower: Follower) -> Run:
    """The run as stored; what was seen on the stream wins where the store is a moment behind."""
    return run if run.status.over or follower.run is None else replace(follower.run, nodes=run.nodes)


def exit_code(summary: Summary) -> int:
    return _EXIT_CODES[summary.run.status]


def _cancel_and_wait(client: BenchClient, follower: Follower, report: Report) -> None:
    try:
        client.cancel(follower.run_id)
        # The interrupt ended the first stream; a new one begins with what is known now.
        _until_over(client, follower, report)
    except KeyboardInterrupt:
        raise Cancelled(
            f"left run {follower.run_id} while it was being cancelled", remedy=to_type("runs", follower.run_id)
        ) from None


def _until_over(client: BenchClient, follower: Follower, report: Report) -> None:
    for event in client.events():
        for step in follower.feed(event):
            report.step(step)
        if follower.over:
            return
    raise EngineError(f"the engine went away during run {follower.run_id}", remedy=to_type("runs", follower.run_id))
