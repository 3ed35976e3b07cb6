"""A stepped run: its order with the cursor, and what one node reads, runs and did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from floe_bench.model.answer import QueryAnswer
from floe_bench.model.run import NodeRun, NodeStatus
from floe_bench.model.step import (
    Breakpoint,
    Condition,
    Input,
    Place,
    Step,
    StepCheck,
    StepNode,
    StepState,
    StopKind,
    Usual,
)
from floe_bench.state import BenchState
from floe_bench.tui.glance import Comparison, Glance, ran
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.code import merged_lines
from floe_bench.tui.render.diff import comparing_lines, diff_lines
from floe_bench.tui.render.grid import told
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, cut, wrap

_MARK = {
    Place.WAITING: Span("○", Tone.FAINT),
    Place.RUNNING: Span("▶", Tone.RUN),
    Place.DONE: Span("✓", Tone.OK),
    Place.FAILED: Span("✗", Tone.BAD),
    Place.SKIPPED: Span("−", Tone.SOFT),
    Place.BLOCKED: Span("⊘", Tone.FAINT),
}
_TONE = {
    Place.WAITING: Tone.SOFT,
    Place.RUNNING: Tone.TEXT,
    Place.DONE: Tone.TEXT,
    Place.FAILED: Tone.BAD,
    Place.SKIPPED: Tone.SOFT,
    Place.BLOCKED: Tone.FAINT,
}
_STATE = {
    StepState.RUNNING: Span("▶ running", Tone.RUN, bold=True),
    StepState.SUCCESS: Span("✓ done", Tone.OK, bold=True),
    StepState.FAILED: Span("✗ failed", Tone.BAD, bold=True),
    StepState.ABORTED: Span("⊘ aborted", Tone.SOFT, bold=True),
}
_STOP = {StopKind.BREAKPOINT: Tone.WARN, StopKind.FAILED: Tone.BAD, StopKind.INTERRUPTED: Tone.WARN}
_CHECK: Mapping[NodeStatus | None, Span] = {
    NodeStatus.SUCCESS: Span("✓", Tone.OK),
    NodeStatus.WARNED: Span("!", Tone.WARN),
    NodeStatus.FAILED: Span("✗", Tone.BAD),
}
_FAILING_ROWS = 5


def step_header(state: BenchState, step: Step | None, width: int) -> Line:
    """Where it stands, and why."""
    left = [Span(" floe-bench ", Tone.BADGE, bold=True), Span("  ")]
    if state.project is not None and width >= 110:
        left += [Span(clean(state.project.name), bold=True), Span("   ")]
    if step is None:
        return Line((*left, Span("this stepped run is not known any more", Tone.WARN)))
    if step.stop is not None:
        where = "before" if step.stop.before else "after"
        name = step.node(step.stop.asset).name if step.stop.asset else "its last node"
        left += [Span("‖ stopped ", Tone.WARN, bold=True), Span(f"{where} ", Tone.SOFT), Span(clean(name), bold=True)]
        if step.stop.kind not in (StopKind.START, StopKind.NEXT):
            said = step.stop.words.partition("\n")[0].removeprefix(f"{name}: ")
            tone = _STOP.get(step.stop.kind, Tone.SOFT)
            left += [Span("   "), Span(f"{step.stop.kind}: ", Tone.SOFT), Span(clean(said), tone)]
    else:
        left.append(_STATE[step.state])
        at_work = next((node for node in step.nodes if node.place is Place.RUNNING), None)
        if at_work is not None:
            left += [Span(" "), Span(clean(at_work.name), bold=True)]
    run = (Span("run ", Tone.SOFT), Span(unit.short_run(step.run_id), Tone.ID), Span(" "))
    return Line(tuple(left), run)


def order_lines(step: Step, node: StepNode, number: int, width: int, breakpoints: Iterable[Breakpoint]) -> Line:
    """One node of the order: breakpoint, state, number, name; what it changed, or what is known before it runs."""
    about = [each for each in breakpoints if each.asset in (node.asset, "*")]
    stop = Span("●" if about else " ", Tone.BAD)
    here = step.stop is not None and step.stop.asset == node.asset
    cursor = Span("‖" if here else " ", Tone.WARN, bold=True)
    said = _said(step, node, about)
    # The name before what is said of it: a condition can be read in full under its own key.
    tail = sum(len(each.text) for each in said)
    room = max(width - 10 - tail, min(len(node.name), width - 10), 8)
    if tail and room + tail + 10 > width:
        said = [Span(f" {cut(''.join(each.text for each in said), max(width - 11 - room, 1))}", said[0].tone)]
    name = cell(clean(node.name), room, Tone.TEXT if here else _TONE[node.place], bold=here)
    gap = Span(" ")
    return Line((cursor, stop, gap, _MARK[node.place], Span(f"{number:>3} ", Tone.FAINT), name), (gap, *said))


def check_lines(node: StepNode, runs: Mapping[str, NodeRun], width: int, most: int) -> Sequence[Line]:
    """Under the node that is looked at: its checks in sum, then each with its time, the failed and the slow first."""
    if not node.checks:
        return ()
    counts = (
        (node.checks_passed, "✓", Tone.OK),
        (node.checks_warned, "!", Tone.WARN),
        (node.checks_failed, "✗", Tone.BAD),
    )
    spans = [Span(f" {mark} {number}", tone) for number, mark, tone in counts if number]
    took = [each.duration_s for each in node.checks if each.duration_s is not None]
    total = Span(f"{unit.seconds(sum(took))} " if took else "", Tone.FAINT)
    lines = [Line((Span(f"         {unit.plural(len(node.checks), 'check')} ", Tone.SOFT), *spans), (total,))]
    timed = sorted((each for each in node.checks if each.duration_s is not None), key=lambda e: _urgency(e, runs))
    for check in timed[:most]:
        status = runs[check.node_id].status if check.node_id in runs else None
        cost = Span(f" {unit.seconds(check.duration_s)} ", Tone.SOFT)
        name = cell(clean(check.name), max(width - 13 - len(cost.text), 8), Tone.SOFT)
        lines.append(Line((Span("         "), _CHECK.get(status, Span("·", Tone.FAINT)), Span(" "), name), (cost,)))
    if len(timed) > most:
        slowest = max(each.duration_s or 0.0 for each in timed[most:])
        said = f"           {len(timed) - most} more, each in {unit.seconds(slowest)} or less"
        lines.append(Line((Span(said, Tone.FAINT),)))
    return lines


def _urgency(check: StepCheck, runs: Mapping[str, NodeRun]) -> tuple[bool, float]:
    found = runs.get(check.node_id)
    return found is None or found.status is not NodeStatus.FAILED, -(check.duration_s or 0.0)


def order_foot(step: Step) -> str:
    made = sum(node.place in (Place.DONE, Place.FAILED, Place.SKIPPED) for node in step.nodes)
    took = sum(node.duration_s or 0.0 for node in step.nodes)
    return f"{made} of {len(step.nodes)} · {unit.seconds(took)} at work"


def _said(step: Step, node: StepNode, about: Sequence[Breakpoint]) -> list[Span]:
    if node.effect is not None:
        return _changes(node)
    if node.place is Place.DONE:
        return [Span(unit.count(node.rows), Tone.SOFT)] if node.rows is not None else []
    if node.place in (Place.FAILED, Place.SKIPPED, Place.BLOCKED):
        word = {Place.FAILED: "failed", Place.SKIPPED: "left out", Place.BLOCKED: "blocked"}[node.place]
        return [Span(word, _TONE[node.place])]
    conditional = next((each for each in about if each.condition is not Condition.ALWAYS), None)
    if conditional is not None:
        return [Span(f"if {conditional.words}", Tone.SOFT)]
    if any(up in _written(step) for up in node.upstream):
        return [Span("reads new", Tone.SOFT)]
    return []


def _written(step: Step) -> set[str]:
    return {node.asset for node in step.nodes if node.effect and (node.effect.rows is None or node.effect.rows.total)}


def _changes(node: StepNode) -> list[Span]:
    assert node.effect is not None
    rows = node.effect.rows
    if rows is None:
        return [Span(" not counted", Tone.WARN)]
    parts = (("+", rows.added, Tone.OK), ("−", rows.removed, Tone.BAD), ("~", rows.changed, Tone.WARN))
    spans = [Span(f" {sign}{unit.count(number)}", tone) for sign, number, tone in parts if number]
    return spans or [Span("=", Tone.FAINT)]


def sql_title(node: StepNode, glance: Glance | None) -> str:
    before = _previous_run(glance)
    since = f" · change since run {unit.short_run(before)}" if before else ""
    return clean(f"{node.name} · {'code' if node.kind in ('python', 'seed') else 'SQL'}{since}")


def sql_lines(node: StepNode, glance: Glance | None, usual: Usual, width: int) -> Sequence[Line]:
    """What it reads and wrote, then its compiled SQL with the lines that came and went."""
    lines = [*_inputs(node, glance), *_wrote(node), *_usually(usual)]
    if glance is None:
        return [*lines, BLANK, Line((Span("◐ ", Tone.WARN), Span("compiling …", Tone.SOFT)))]
    outlook, code = glance.outlook, glance.code
    if outlook is not None and outlook.error:
        said = [each for line in outlook.error.splitlines() for each in wrap(line, max(width - 2, 20))]
        return [*lines, BLANK, *(Line((Span(each, Tone.BAD),)) for each in said)]
    after = outlook.sql if outlook else code.compiled if code else ""
    before = outlook.previous_sql if outlook else code.previous if code else None
    source = outlook.source if outlook else code.source if code else ""
    if not after:
        text = source if node.kind == "python" else ""
        language = "python" if node.kind == "python" else ""
        none = Line((Span("a seed is read from its file, as it is", Tone.SOFT),))
        return [*lines, BLANK, *(merged_lines(None, text, language, width) if text else (none,))]
    if before is not None and before.strip() != after.strip():
        return [*lines, BLANK, *merged_lines(before, after, "sql", width)]
    same = "the same as it ran last" if before is not None else "it never ran before"
    return [*lines, Line((Span(same, Tone.FAINT),)), BLANK, *merged_lines(None, after, "sql", width)]


def effect_lines(
    node: StepNode, glance: Glance | None, compared: Sequence[Line], width: int, *, counted: float | None = None
) -> Sequence[Line]:
    """What it did to its table, and the checks that failed with the rows that fail them.

    ``counted``: how far the counting of a node at work is, in percent; None before it.
    """
    lines: list[Line] = []
    for line in node.message.splitlines():
        tone = Tone.BAD if node.place is Place.FAILED else Tone.SOFT
        lines += [Line((Span(each, tone),)) for each in wrap(line, max(width - 2, 20))]
    lines += [BLANK] if lines else []
    if not ran(node):
        return [*lines, *_to_come(node, counted)]
    for failing in glance.failing if glance else ():
        lines += _failing(failing.name, failing.sql, failing.rows, width)
    if node.effect is None:
        return [*lines, Line((Span("it wrote nothing", Tone.SOFT),))]
    return [*lines, *compared]


def compared_lines(comparison: Comparison | None, width: int, *, spent_s: float, percent: float | None) -> list[Line]:
    """The diff as far as it is known; below it what is on its way."""
    if comparison is None:
        return []
    lines = list(diff_lines(comparison.diff, None, width)) if comparison.diff is not None else []
    if comparison.asked_at is not None:
        what = "comparing" if comparison.diff is None else "reading more rows"
        lines += comparing_lines(what, spent_s, percent)[1 if not lines else 0 :]
    if comparison.trouble is not None:
        lines += face.broken(comparison.trouble, width)
    if comparison.given_up:
        said = Span("the comparison was given up   ", Tone.SOFT)
        lines.append(Line((said, Span("R", Tone.LIT, bold=True), Span("  compares again", Tone.FAINT))))
    return lines


def _to_come(node: StepNode, counted: float | None) -> list[Line]:
    if node.place is Place.RUNNING:
        doing = "at work …" if counted is None else f"counting what it changed … {counted:.0f} %"
        return [Line((Span("▶ ", Tone.RUN), Span(doing, Tone.SOFT)))]
    if node.place is not Place.WAITING:
        return []
    lines = [
        Line(
            (
                Span("n", Tone.LIT, bold=True),
                Span(f"  runs it, with {unit.plural(len(node.checks), 'check')}", Tone.SOFT),
            )
        )
    ]
    return [*lines, *(Line((Span("   ○ ", Tone.FAINT), Span(clean(each.name), Tone.SOFT))) for each in node.checks)]


def _failing(name: str, sql: str, rows: QueryAnswer, width: int) -> list[Line]:
    many = f"{unit.count(len(rows.rows))}+ rows" if rows.truncated else unit.plural(len(rows.rows), "row")
    lines = [Line((Span("✗ ", Tone.BAD), Span(clean(name), bold=True), Span(f"   fails now: {many}", Tone.SOFT)))]
    lines.append(Line((Span(f"    {'   '.join(clean(each) for each in rows.columns)}", Tone.SOFT),)))
    for row in rows.rows[:_FAILING_ROWS]:
        lines.append(Line((Span(f"    {'   '.join(told(each) for each in row)}", Tone.TEXT),)))
    if len(rows.rows) > _FAILING_ROWS:
        lines.append(Line((Span("    …", Tone.FAINT),)))
    lines += [Line((Span("    "), *line.left)) for line in merged_lines(None, sql, "sql", width - 4)]
    return [*lines, BLANK]


def _inputs(node: StepNode, glance: Glance | None) -> list[Line]:
    found = glance.outlook.inputs if glance is not None and glance.outlook is not None else node.inputs
    return [_input(each) for each in found]


def _input(found: Input) -> Line:
    spans = [Span("reads  ", Tone.SOFT), Span(clean(found.table)), Span(" at ", Tone.SOFT)]
    if found.snapshot_id is None:
        return Line((*spans[:2], Span("  was never written", Tone.WARN)))
    spans.append(Span(unit.short_snapshot(found.snapshot_id), Tone.ID))
    if found.last_snapshot_id is None:
        return Line((*spans, Span("  not read before", Tone.SOFT)))
    if not found.newer:
        return Line((*spans, Span("  as last time", Tone.FAINT)))
    last = unit.short_snapshot(found.last_snapshot_id)
    return Line((*spans, Span("  newer than last time (", Tone.SOFT), Span(last, Tone.ID), Span(")", Tone.SOFT)))


def _usually(usual: Usual) -> list[Line]:
    often = [
        *([f"{unit.count(usual.rows)} rows"] if usual.rows is not None else []),
        *([unit.seconds(usual.duration_s)] if usual.duration_s is not None else []),
    ]
    return [Line((Span("usual  ", Tone.SOFT), Span(" in ".join(often), Tone.SOFT)))] if often else []


def _wrote(node: StepNode) -> list[Line]:
    if not ran(node):
        return [Line((Span("writes ", Tone.SOFT), Span(clean(node.table))))]
    spans = [Span("wrote  ", Tone.SOFT), Span(clean(node.table))]
    if node.effect is not None:
        spans += [
            Span("   "),
            Span(unit.short_snapshot(node.effect.from_snapshot), Tone.ID),
            Span(" → ", Tone.SOFT),
            Span(unit.short_snapshot(node.effect.to_snapshot), Tone.ID),
        ]
    if node.rows is not None:
        spans.append(Span(f"   {unit.plural(node.rows, 'row')}"))
    if node.duration_s is not None:
        spans.append(Span(f"   {unit.seconds(node.duration_s)}", Tone.SOFT))
    if node.attempts > 1:
        spans.append(Span(f"   {unit.ordinal(node.attempts)} attempt", Tone.WARN))
    return [Line(tuple(spans))]


def _previous_run(glance: Glance | None) -> str | None:
    if glance is None:
        return None
    return glance.outlook.previous_run_id if glance.outlook else glance.code.previous_run_id if glance.code else None
