"""A bisection as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from difflib import unified_diff

from floe_bench.cli.diagnostics import Diagnostics
from floe_bench.cli.noun import INPUT, SNAPSHOT
from floe_bench.cli.output import Cell, Output, Style
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import clock, count, iso, plural
from floe_bench.events import CheckEvaluated
from floe_bench.model.bisection import Bisection, Culprit, Outcome, Verdict
from floe_bench.model.command import to_type

_FACES = {
    Verdict.PASSED: ("✓", "passed", Style.GOOD),
    Verdict.FAILED: ("✗", "failed", Style.BAD),
    Verdict.UNKNOWN: ("?", "could not be evaluated", Style.WARN),
}

INPUT_TRAIL = Shape(
    "input",
    Field("table", "table that the test reads"),
    Field("snapshots", "snapshots on its main line that can still be read"),
    Field("expired", "it had older ones, which are gone"),
)
EVALUATION = Shape(
    "evaluation",
    Field("place", "which moment, from 1, the oldest"),
    Field("at", "when that was", lambda found: iso(found.at)),
    Field("verdict", "passed, failed (or warned), or unknown: it could not be evaluated", lambda e: str(e.verdict)),
    Field("failures", "what the test counted; null if unknown"),
    Field("message", "why it is unknown; empty otherwise"),
)
CULPRIT = Shape(
    "culprit",
    Field("table", "table that was written"),
    Field("snapshot", "the snapshot since which the test fails", lambda found: SNAPSHOT.of(found.snapshot)),
    Field("before", "snapshot of the table before; null if it was the first"),
    Field(
        "sql_change",
        "unified diff of the compiled SQL; empty when it is the same, or not known",
        lambda c: sql_change(c),
    ),
    Field("sql_known", "both texts are known", lambda found: bool(found.sql and found.previous_sql)),
    Field("reads", "list of what it read, and the time before", lambda found: [INPUT.of(each) for each in found.reads]),
)
BISECTION = Shape(
    "bisection",
    Field("check", "dbt's unique id of the test"),
    Field("outcome", "found, passes (it does not fail now) or always", lambda found: str(found.outcome)),
    Field("inputs", "list of tables that it reads", lambda found: [INPUT_TRAIL.of(each) for each in found.trails]),
    Field("moments", "how many there are"),
    Field("evaluations", "list of those looked at, oldest first", lambda f: [EVALUATION.of(e) for e in f.evaluations]),
    Field("first", "place of the first moment at which it fails, as far as was looked; null if none does"),
    Field(
        "culprits",
        "list of what was committed then; empty if that is not known",
        lambda f: [CULPRIT.of(c) for c in f.culprits],
    ),
    Field("turns", "places at which the verdict turned, as far as was looked", lambda found: list(found.turns)),
    Field("whole", "every moment was looked at"),
)


def progress(diagnostics: Diagnostics, event: CheckEvaluated) -> None:
    found = event.evaluation
    words = f"moment {found.place} of {event.moments}: {_FACES[found.verdict][1]}"
    diagnostics.changing(words)
    diagnostics.passed(words)


def sql_change(culprit: Culprit) -> str:
    """Empty when it is the same, or when one of the texts is not known."""
    if not (culprit.sql and culprit.previous_sql):
        return ""
    older, newer = (f"run {(run or '')[:8]}" for run in (culprit.previous_run_id, culprit.snapshot.run_id))
    before, after = culprit.previous_sql.splitlines(), culprit.sql.splitlines()
    return "\n".join(unified_diff(before, after, older, newer, lineterm="", n=2))


def show_bisection(out: Output, found: Bisection, now: datetime) -> None:
    out.line(Cell(found.name, Style.BOLD), "  ", *_headline(found))
    for each in found.evaluations:
        mark, words, style = _FACES[each.verdict]
        failing = f"  {plural(each.failures, 'failure')}" if each.failures else ""
        here = "  ← first" if each.place == found.first else ""
        out.line(
            "  ",
            Cell(mark, style),
            Cell(f" {each.place:>{len(str(found.moments))}}  {clock(each.at, now)}  ", Style.DIM),
            Cell(words, style),
            f"{failing}{here}",
        )
        if each.message:
            out.line("    ", Cell(each.message.splitlines()[0], Style.DIM))
    for culprit in found.culprits:
        out.line()
        _show_culprit(out, culprit, now)
    for words in _honestly(found):
        out.line(Cell(words, Style.DIM))


def _headline(found: Bisection) -> tuple[Cell | str, ...]:
    looked = f"{count(len(found.evaluations))} of {plural(found.moments, 'moment')} evaluated"
    if found.outcome is Outcome.PASSES:
        before = ", but did before" if found.first else ""
        return Cell(f"does not fail now{before}", Style.GOOD), Cell(f"  {looked}", Style.DIM)
    if found.outcome is Outcome.ALWAYS:
        return Cell("failed already at the oldest moment that can be read", Style.BAD), Cell(f"  {looked}", Style.DIM)
    culprits = " and ".join(dict.fromkeys(culprit.table for culprit in found.culprits))
    together = " together" if len(found.culprits) > 1 else ""
    return Cell(f"fails since a write to {culprits}{together}", Style.BAD), Cell(f"  {looked}", Style.DIM)


def _show_culprit(out: Output, culprit: Culprit, now: datetime) -> None:
    snapshot = culprit.snapshot
    read_ids = (each for read in culprit.reads for each in (read.snapshot_id, read.last_snapshot_id))
    short = out.ids([culprit.before, snapshot.snapshot_id, *read_ids])
    out.line(
        Cell(culprit.table, Style.BOLD),
        "  ",
        Cell(short(culprit.before) or "nothing", Style.ID),
        " → ",
        Cell(short(snapshot.snapshot_id), Style.ID),
        Cell(f"  {clock(snapshot.committed_at, now)}", Style.DIM),
    )
    if snapshot.typed:
        out.line("  by  typed SQL", Cell(", a statement of your own", Style.DIM))
    elif snapshot.run_id is None:
        out.line("  by  ", snapshot.written_by or "somebody else", Cell(", not by a run of this project", Style.DIM))
    else:
        out.line("  by  ", snapshot.asset or culprit.table, " in run ", Cell(snapshot.run_id[:8], Style.ID))
    change = sql_change(culprit)
    if snapshot.run_id is not None:
        known = culprit.sql and culprit.previous_sql
        out.line("  sql ", Cell("changed" if change else "the same" if known else "not known", Style.DIM))
    newer = [read for read in culprit.reads if read.newer and read.last_snapshot_id is not None]
    for read in newer:
        pair = (Cell(short(read.last_snapshot_id), Style.ID), " → ", Cell(short(read.snapshot_id), Style.ID))
        out.line(f"  read {read.table}  ", *pair)
    if len(newer) < len(culprit.reads):
        others = f"{plural(len(culprit.reads) - len(newer), 'input')} as the time before"
        out.line("  read ", Cell(others, Style.DIM))
    if change:
        out.line()
    for line in change.splitlines():
        style = Style.GOOD if line.startswith("+") else Style.BAD if line.startswith("-") else Style.DIM
        out.line(Cell(line, style))
    ids = (culprit.before, snapshot.snapshot_id) if culprit.before else ("--at", snapshot.snapshot_id)
    out.line(Cell(f"  next: {to_type('diff', culprit.table, *ids)}", Style.DIM))


def _honestly(found: Bisection) -> Iterator[str]:
    """What the answer does not say."""
    gone = [trail.table for trail in found.trails if trail.expired]
    if found.outcome is Outcome.ALWAYS and gone:
        yield f"older snapshots were expired: {', '.join(gone)}"
    before = found.at(found.first - 1) if found.first else None
    if before is not None and before.verdict is Verdict.UNKNOWN:
        yield "before that it could not be evaluated, so it may have been wrong already"
    if found.outcome is Outcome.FOUND and not found.whole:
        left = found.moments - len(found.evaluations)
        yield f"{plural(left, 'moment')} not looked at: it may have come and gone there; --every looks at each"
    elif len(found.turns) > 1:
        yield f"it came and went: the verdict turned {count(len(found.turns))} times"
    if found.outcome is Outcome.PASSES and not found.whole:
        yield "whether it failed before was not looked at; --every does"
