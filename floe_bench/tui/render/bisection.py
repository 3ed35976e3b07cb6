"""A bisection as lines: the moments that were looked at, and what was committed when the check began to fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from floe_bench.model.bisection import Bisection, Culprit, Evaluation, Outcome, Verdict
from floe_bench.model.command import to_type
from floe_bench.model.step import Input
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.code import merged_lines
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, clean, cut, wrap
from floe_bench.tui.view import Since

_FACES = {
    Verdict.PASSED: Span("✓ passed", Tone.OK),
    Verdict.FAILED: Span("✗ failed", Tone.BAD),
    Verdict.UNKNOWN: Span("? could not be evaluated", Tone.WARN),
}


def title_of(since: Since) -> str:
    return f"Since when does {since.name} fail?"


def since_lines(since: Since, width: int, now: datetime, zone: tzinfo | None) -> Sequence[Line | Culprit]:
    """A culprit stands for its own line."""
    if since.trouble is not None:
        return face.broken(since.trouble, width)
    if since.found is None:
        spent = (now - since.asked_at).total_seconds() if since.asked_at else 0.0
        of = f" of {unit.plural(since.moments, 'moment')}" if since.moments else ""
        said = f"{len(since.evaluations)}{of} looked at" if since.moments else "compiling the test"
        head = Line((Span("◐ ", Tone.WARN), Span(f"{said}   {unit.seconds(spent)}", Tone.SOFT)))
        return (head, BLANK, *(_evaluation(each, since.moments, None, now, zone) for each in since.evaluations))
    found = since.found
    lines: list[Line | Culprit] = [*_headline(found, width), BLANK]
    lines += (_evaluation(each, found.moments, found.first, now, zone) for each in found.evaluations)
    for culprit in found.culprits:
        lines += [BLANK, culprit, *_about(culprit, width)]
    reservations = [each for said in _reservations(found) for each in wrap(said, width)]
    return [*lines, *([BLANK] if reservations else []), *(Line((Span(each, Tone.FAINT),)) for each in reservations)]


def culprit_line(culprit: Culprit, now: datetime, zone: tzinfo | None) -> Line:
    made = culprit.snapshot
    before = unit.short_snapshot(culprit.before) if culprit.before is not None else "nothing"
    return Line((
        Span(clean(culprit.table), bold=True),
        Span(f"   {before}", Tone.ID), Span(" → ", Tone.SOFT), Span(unit.short_snapshot(made.snapshot_id), Tone.ID),
        Span(f"   {unit.clock(made.committed_at, now, zone)}", Tone.FAINT),
    ))  # fmt: skip


def _headline(found: Bisection, width: int) -> list[Line]:
    looked = f"{len(found.evaluations)} of {unit.plural(found.moments, 'moment')} looked at"
    match found.outcome:
        case Outcome.PASSES:
            said = Span("it does not fail now", Tone.OK, bold=True)
        case Outcome.ALWAYS:
            said = Span("it failed already at the oldest moment that can be read", Tone.BAD, bold=True)
        case Outcome.FOUND:
            tables = " and ".join(dict.fromkeys(clean(each.table) for each in found.culprits))
            words = f"it fails since a write to {tables}{' together' if len(found.culprits) > 1 else ''}"
            said = Span(cut(words, max(width - len(looked) - 3, 12)), Tone.BAD, bold=True)
    return [Line((said, Span(f"   {looked}", Tone.SOFT)))]


def _evaluation(each: Evaluation, moments: int, first: int | None, now: datetime, zone: tzinfo | None) -> Line:
    failures = f"   {unit.plural(each.failures, 'failure')}" if each.failures else ""
    here = Span("   ← first", Tone.WARN) if each.place == first else Span("")
    number = Span(f"{each.place:>{len(str(moments or each.place))}}  ", Tone.FAINT)
    when = Span(f"{unit.clock(each.at, now, zone)}  ", Tone.SOFT)
    why = Span(f"   {clean(each.message.partition(chr(10))[0])}", Tone.FAINT) if each.message else Span("")
    return Line((number, when, _FACES[each.verdict], Span(failures, Tone.SOFT), here, why))


def _about(culprit: Culprit, width: int) -> list[Line]:
    made = culprit.snapshot
    lines = [_maker(culprit)]
    newer = [each for each in culprit.reads if each.newer and each.last_snapshot_id is not None]
    lines += [_read(each) for each in newer]
    same = culprit.sql.strip() == culprit.previous_sql.strip()
    if made.run_id is None:
        return lines
    if not (culprit.sql and culprit.previous_sql):
        return [*lines, Line((Span("SQL    ", Tone.SOFT), Span("not known any more", Tone.FAINT)))]
    if same:
        return [*lines, Line((Span("SQL    ", Tone.SOFT), Span("the same as the time before", Tone.FAINT)))]
    return [*lines, BLANK, *merged_lines(culprit.previous_sql, culprit.sql, "sql", width)]


def _maker(culprit: Culprit) -> Line:
    made = culprit.snapshot
    if made.typed:
        return Line((Span("by     ", Tone.SOFT), Span("typed SQL"), Span("   a statement of your own", Tone.SOFT)))
    if made.run_id is None:
        who = clean(made.written_by or "somebody else")
        return Line((Span("by     ", Tone.SOFT), Span(who), Span("   not by a run of this project", Tone.WARN)))
    name = clean((made.asset or culprit.table).rpartition("/")[2])
    run = unit.short_run(made.run_id)
    return Line((Span("by     ", Tone.SOFT), Span(name), Span(" in run ", Tone.SOFT), Span(run, Tone.ID)))


def _read(read: Input) -> Line:
    return Line((
        Span("read   ", Tone.SOFT), Span(clean(read.table)), Span("   "),
        Span(unit.short_snapshot(read.last_snapshot_id), Tone.ID), Span(" → ", Tone.SOFT),
        Span(unit.short_snapshot(read.snapshot_id), Tone.ID), Span("   newer than the time before", Tone.SOFT),
    ))  # fmt: skip


def _reservations(found: Bisection) -> list[str]:
    """What the answer does not say."""
    said = []
    gone = [clean(trail.table) for trail in found.trails if trail.expired]
    if found.outcome is Outcome.ALWAYS and gone:
        said.append(f"older snapshots were expired: {', '.join(gone)}")
    before = found.at(found.first - 1) if found.first else None
    if before is not None and before.verdict is Verdict.UNKNOWN:
        said.append("before that it could not be evaluated, so it may have been wrong already")
    left = found.moments - len(found.evaluations)
    if found.outcome is Outcome.FOUND and left:
        said.append(f"{unit.plural(left, 'moment')} not looked at: it may have come and gone there;")
        said.append(f"{clean(to_type('bisect', found.name, '--every'))} looks at each")
    return said
