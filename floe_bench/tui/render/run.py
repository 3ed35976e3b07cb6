"""Runs and the nodes inside them as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from math import ceil

from floe_bench.dataclass import dataclass
from floe_bench.events import ProblemFound
from floe_bench.model.run import Ending, Means, NodeRun, NodeStatus, Run, RunStatus
from floe_bench.tui.attempt import Try
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.bar import lane
from floe_bench.tui.render.text import BLANK, GAP, Line, Span, Tone, cell, clean, width_of, wrap

_ROOMY = 64
_MIDDLING = 50


@dataclass(frozen=True, slots=True)
class Scale:
    """When a run began, and how long it is on the scale that its nodes are drawn on."""

    began_at: datetime | None
    length_s: float


@dataclass(frozen=True, slots=True)
class NodeRow:
    run: Run
    node: NodeRun


@dataclass(frozen=True, slots=True)
class ChecksRow:
    """The checks of one asset in one run."""

    run: Run
    asset: str | None
    checks: tuple[NodeRun, ...]


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """Another attempt at what an opened run did; ``number`` counts from 1."""

    run: Run
    other: Run
    number: int


def scale_of(run: Run, nodes: Sequence[NodeRun], now: datetime) -> Scale:
    began = run.started_at or min((node.started_at for node in nodes if node.started_at), default=None)
    if began is None:
        return Scale(None, 1.0)
    ended = run.ended_at or (max((_end(node, began) for node in nodes), default=began) if run.status.over else now)
    return Scale(began, max((ended - began).total_seconds(), 0.1))


def run_line(
    run: Run,
    checks: tuple[int, int],
    width: int,
    now: datetime,
    zone: tzinfo | None,
    *,
    shut: bool,
    place: int | None = None,
    attempt: int | None = None,
    waits: ProblemFound | None = None,
) -> Line:
    """``checks`` are (failed, all); ``place`` is that in the queue, from 1, and ``attempt`` which one this is.

    ``waits`` says what a run that goes waits for.
    """
    mark = glyph.RUN[run.status]
    said = clean(run.selection) or "all"
    waiting = _waiting(run, waits, now, zone, width)
    left = (
        Span(glyph.SHUT if shut else glyph.OPEN, Tone.SOFT),
        GAP,
        mark.span,
        GAP,
        Span(unit.short_run(run.run_id), Tone.ID, bold=not run.status.over),
        *(waiting or _word(run, checks, now)),
        Span(f" {unit.ordinal(place)} in line" if place else "", Tone.SOFT),
        Span(f"  {_attempt(attempt, roomy=width >= _ROOMY)}" if attempt else "", Tone.SOFT),
        Span(f"  {said}", Tone.TEXT),
    )
    roomy = width >= _MIDDLING
    then = run.started_at or run.queued_at
    at = unit.clock(then, now, zone, exact=True, brief=not roomy)
    by = [cell(glyph.LAUNCHED_BY.get(run.launched_by, run.launched_by), 11, Tone.SOFT)] if roomy else []
    if not roomy and run.launched_by != "app":
        by = [cell(run.launched_by, 8, Tone.SOFT)]
    took = cell(_took(run, now), 7, Tone.RUN if not run.status.over else Tone.SOFT, end=True)
    right = (GAP, *by, cell(at, 11 if roomy else 8, Tone.SOFT, end=True), took)
    if width_of(left) + width_of(right) > width and not roomy:
        # What was run says more than who started it, and the minute is enough; the rest is said below the list.
        right = (GAP, cell(unit.clock(then, now, zone, brief=True), 5, Tone.SOFT, end=True), took)
    if waiting and not roomy:
        right = (GAP, took)
    return Line(left, right)


def attempt_line(row: AttemptRow, width: int, now: datetime, zone: tzinfo | None) -> Line:
    """In the opened run, where the other attempts are a key away."""
    other, mark = row.other, glyph.RUN[row.other.status]
    said = f"{unit.ordinal(row.number)} attempt" if width >= _MIDDLING else unit.ordinal(row.number)
    left = (
        Span("    "),
        mark.span,
        GAP,
        Span(glyph.AGAIN, Tone.SOFT),
        Span(f" {said}  ", Tone.SOFT),
        Span(unit.short_run(other.run_id), Tone.ID),
        Span(f"  {mark.word}", mark.tone),
    )
    roomy = width >= _MIDDLING
    at = unit.clock(other.started_at or other.queued_at, now, zone, exact=roomy, brief=not roomy)
    took = cell(_took(other, now), 7, Tone.SOFT, end=True)
    right = (GAP, cell(at, 11 if roomy else 5, Tone.SOFT, end=True), took)
    return Line(left, right)


def _attempt(number: int, *, roomy: bool) -> str:
    return f"{glyph.AGAIN} {unit.ordinal(number)} attempt" if roomy else f"{glyph.AGAIN}{number}"


def _waiting(run: Run, waits: ProblemFound | None, now: datetime, zone: tzinfo | None, width: int) -> tuple[Span, ...]:
    if waits is None or waits.at is None or run.status is not RunStatus.RUNNING:
        return ()
    what = clean(waits.message.partition(" since ")[0]) if width >= _MIDDLING else "waiting"
    return (Span(f"  {what} since {unit.clock(waits.at, now, zone, exact=True)}", Tone.WARN),)


def _word(run: Run, checks: tuple[int, int], now: datetime) -> tuple[Span, ...]:
    """What the glyph says, in a word, unless it went well; checks that failed say more than "failed"."""
    mark, (failed, every) = glyph.RUN[run.status], checks
    if run.status is RunStatus.SUCCESS:
        return ()
    if run.ending is not None:
        word = _MEANS[run.ending.means]
        return (Span(f"  {word} {_left(run.ending, now)}".rstrip(), mark.tone),)
    return (Span(f"  {failed} of {unit.plural(every, 'check')} failed" if failed else f"  {mark.word}", mark.tone),)


_MEANS = {Means.ASKED: "cancelling", Means.ENDED: "ending", Means.KILLED: "killed"}


def _left(ending: Ending, now: datetime) -> str:
    return unit.seconds(max(ceil((ending.until - now).total_seconds()), 0)).replace(".0", "") if ending.until else ""


def ending_line(ending: Ending, now: datetime) -> Line:
    """What is waited for, and what comes next and when."""
    asked = f"{max(int((now - ending.since).total_seconds()), 0)}s ago"
    left = _left(ending, now)
    match ending.means:
        case Means.ASKED:
            said, then = f"asked {asked}: dbt ends its node", f"its process is ended in {left}; c does it now"
        case Means.ENDED:
            said, then = f"its process was told to end {asked}", f"it is killed in {left}; c does it now"
        case Means.KILLED:
            said, then = f"its process was killed {asked}", "it is over in a moment"
    return Line((Span(f"  {said}  ", Tone.WARN), Span(then, Tone.SOFT)))


def _took(run: Run, now: datetime) -> str:
    if run.started_at is None:
        return ""
    ended = run.ended_at or (None if run.status.over else now)
    return unit.seconds((ended - run.started_at).total_seconds()) if ended else ""


def node_line(
    row: NodeRow,
    scale: Scale,
    width: int,
    now: datetime,
    *,
    usual_s: float | None,
    indent: int = 4,
    critical: bool = False,
) -> Line:
    """``critical``: had it been faster, so had the run."""
    node = row.node
    mark = _mark(row.run, node)
    live = node.status is NodeStatus.RUNNING and not row.run.status.over
    sign = Span(" " * (indent - 2) + glyph.CRITICAL + " ", Tone.WARN) if critical else Span(" " * indent)
    again = (Span(f"{_attempt(node.attempt, roomy=False)} ", Tone.WARN),) if node.attempt > 1 else ()
    left = (sign, mark.span, GAP, *again, Span(clean(node.name), Tone.TEXT, bold=live))
    took = _spent(node, now) if live else node.duration_s
    right = [GAP, *_lane(node, took, scale, width, mark.tone)]
    right.append(cell(unit.seconds(took), 7, Tone.RUN if live else Tone.SOFT, end=True))
    right.append(_aside(node, live, usual_s, width))
    return Line(left, tuple(right))


def checks_line(row: ChecksRow, scale: Scale, width: int) -> Line:
    failed = sum(check.status is NodeStatus.FAILED for check in row.checks)
    warned = sum(check.status is NodeStatus.WARNED for check in row.checks)
    going = sum(check.status is NodeStatus.RUNNING for check in row.checks)
    skipped = sum(check.status is NodeStatus.SKIPPED for check in row.checks)
    mark = glyph.NODE[NodeStatus.SUCCESS]
    said = unit.plural(len(row.checks), "check")
    if failed:
        mark, said = glyph.NODE[NodeStatus.FAILED], f"{failed} of {said} failed"
    elif warned:
        mark, said = glyph.NODE[NodeStatus.WARNED], f"{warned} of {said} warned"
    elif going and not row.run.status.over:
        mark, said = glyph.NODE[NodeStatus.RUNNING], f"{len(row.checks) - going} of {said}"
    elif skipped:
        mark = glyph.NODE[NodeStatus.SKIPPED]
        said = f"{said} skipped" if skipped == len(row.checks) else f"{skipped} of {said} skipped"
    took = sum(check.duration_s or 0.0 for check in row.checks)
    first = min((check for check in row.checks if check.started_at), key=_started, default=row.checks[0])
    tone = Tone.BAD if failed else Tone.WARN if warned else Tone.SOFT
    left = (Span(" " * 6), mark.span, GAP, Span(said, tone))
    right = [GAP, *_lane(first, took, scale, width, mark.tone), cell(unit.seconds(took), 7, Tone.SOFT, end=True)]
    return Line(left, (*right, cell("", _aside_width(width))))


def node_detail(row: NodeRow, width: int, tries: Sequence[Try] = ()) -> Sequence[Line]:
    """Its tries where there were several, and dbt's own words about a node that did not go well."""
    told = tries_line(tries) if len(tries) > 1 else None
    if not row.node.message or row.node.status is NodeStatus.SUCCESS:
        return (BLANK, told) if told is not None else ()
    mark = _mark(row.run, row.node)
    lines = [each for each in wrap(row.node.message, max(width - 4, 20)) if each.strip()]
    return (
        BLANK,
        *([told] if told is not None else []),
        *(Line((Span(f"  {each}", mark.tone if not index else Tone.SOFT),)) for index, each in enumerate(lines)),
    )


def tries_line(tries: Sequence[Try]) -> Line:
    """Newest first: what does not fit is the oldest."""
    spans = [Span("  attempts  ", Tone.SOFT)]
    for number, (run, node) in reversed(tuple(enumerate(tries, 1))):
        spans += [Span(" · ", Tone.FAINT)] if number < len(tries) else []
        spans += [Span(f"{unit.ordinal(number)} ", Tone.SOFT), _mark(run, node).span]
        spans += [Span(f" {unit.seconds(node.duration_s)}".rstrip(), Tone.TEXT)]
        spans += [GAP, Span(unit.short_run(run.run_id), Tone.ID)]
    return Line(tuple(spans))


def run_detail(run: Run, width: int, now: datetime) -> Sequence[Line]:
    if run.ending is not None:
        line = ending_line(run.ending, now)
        return (BLANK, line) if width_of(line.left) <= width else (BLANK, *(Line((part,)) for part in line.left))
    told = _options(run)
    if not run.error:
        return (BLANK, told) if told is not None else ()
    lines = wrap(run.error, max(width - 4, 20))
    return (
        BLANK,
        *(Line((Span(f"  {each}", Tone.BAD if not index else Tone.SOFT),)) for index, each in enumerate(lines)),
    )


def _options(run: Run) -> Line | None:
    """Who started it and how it differs from a plain run; None for a plain one of ours."""
    said = [f"started {glyph.LAUNCHED_BY.get(run.launched_by, run.launched_by)}"] if run.launched_by != "app" else []
    said += ["full refresh"] if run.full_refresh else []
    said += [f"without {clean(run.exclude)}"] if run.exclude else []
    return Line((Span(f"  {' · '.join(clean(each) for each in said)}", Tone.SOFT),)) if said else None


def _mark(run: Run, node: NodeRun) -> glyph.Mark:
    return glyph.LOST if node.status is NodeStatus.RUNNING and run.status.over else glyph.NODE[node.status]


def _lane(node: NodeRun, took: float | None, scale: Scale, width: int, tone: Tone) -> tuple[Span, ...]:
    room = min(max(width // 4, 6), 28)
    if scale.began_at is None or node.started_at is None or took is None:
        return (cell("·", room, Tone.FAINT),)
    start = (node.started_at - scale.began_at).total_seconds() / scale.length_s
    return lane(max(start, 0.0), took / scale.length_s, room, tone)


def _aside_width(width: int) -> int:
    return 15 if width >= _ROOMY else 0


def _aside(node: NodeRun, live: bool, usual_s: float | None, width: int) -> Span:
    room = _aside_width(width)
    if not room:
        return Span("")
    if live:
        return cell(f"usually {unit.seconds(usual_s)}" if usual_s else "running", room, Tone.SOFT, end=True)
    if node.rows is not None:
        noun = "failing row" if node.is_check else "row"
        return cell(unit.plural(node.rows, noun), room, Tone.SOFT, end=True)
    return cell(
        glyph.NODE[node.status].word if node.status is not NodeStatus.SUCCESS else "", room, Tone.FAINT, end=True
    )


def _spent(node: NodeRun, now: datetime) -> float:
    return max((now - node.started_at).total_seconds(), 0.0) if node.started_at else 0.0


def _started(node: NodeRun) -> float:
    return node.started_at.timestamp() if node.started_at else 0.0


def _end(node: NodeRun, began: datetime) -> datetime:
    started = node.started_at or began
    return datetime.fromtimestamp(started.timestamp() + (node.duration_s or 0.0), started.tzinfo)
