"""Everything looked at, each fault with its fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click

from floe_bench.cli.noun import FINDING
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.status import face
from floe_bench.cli.text import plural
from floe_bench.cli.verb import Verb
from floe_bench.errors import BenchError
from floe_bench.model.finding import Finding, FindingState

_NAME_CELLS = 18


@click.command(
    "doctor",
    cls=Verb,
    json_form="a list of",
    shapes=[FINDING],
    examples=[
        ("floe-bench doctor", "see which layer is broken, and the command that mends it"),
        ("floe-bench doctor --json | jq '.[] | select(.state==\"fail\")'", "keep the faults only"),
    ],
)
@click.pass_obj
def command(session: Session) -> int:
    """Check project, engine, stack and tools; name each fix. Exit 1 when a check fails."""
    findings = examine(session)
    if session.as_json:
        session.out.json([FINDING.of(finding) for finding in findings])
    else:
        _show(session, findings)
    return 1 if any(finding.state is FindingState.FAIL for finding in findings) else 0


def examine(session: Session) -> list[Finding]:
    """From the outside in; a layer that fails is a finding, and what lies behind it is skipped."""
    try:
        project = session.project
    except BenchError as error:
        waiting = Finding("engine", FindingState.SKIP, "waits for a project that can be read")
        return [_failed("project", error), waiting]
    found = Finding("project", FindingState.OK, f"{project.name} in {project.dbt_dir}")
    try:
        with session.bench() as client:
            return [found, *client.doctor()]
    except BenchError as error:
        return [found, _failed("engine", error)]


def _failed(check: str, error: BenchError) -> Finding:
    detail = f"{error.message} ({error.where})" if error.where else error.message
    return Finding(check, FindingState.FAIL, detail, fix=error.remedy or "floe-bench logs")


def _show(session: Session, findings: Sequence[Finding]) -> None:
    for finding in findings:
        state = face(finding.state)
        session.out.line(Cell(f"{state.text:<7}", state.style), f" {finding.check:<{_NAME_CELLS}} {finding.detail}")
        if finding.fix and finding.state is not FindingState.OK:
            session.out.line(" " * 8, Cell("fix: ", Style.DIM), finding.fix)
    tally = Counter(finding.state for finding in findings)
    session.out.line(
        f"{tally[FindingState.OK]} ok, {plural(tally[FindingState.WARN], 'warning')}, "
        f"{plural(tally[FindingState.FAIL], 'failure')}, {tally[FindingState.SKIP]} skipped"
    )
