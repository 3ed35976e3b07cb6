"""A stepped run as text."""

from __future__ import annotations

from collections.abc import Iterable

from floe_bench.cli.diff_report import show_diff
from floe_bench.cli.noun import Stood
from floe_bench.cli.output import Cell, Column, Output, Style
from floe_bench.cli.text import count, duration, plural
from floe_bench.model.step import Breakpoint, Condition, Place, Step, StepNode, StepState, StopKind

_MARKS = {
    Place.WAITING: Cell("○", Style.DIM),
    Place.RUNNING: Cell("▶", Style.WARN),
    Place.DONE: Cell("✓", Style.GOOD),
    Place.FAILED: Cell("✗", Style.BAD),
    Place.SKIPPED: Cell("−", Style.DIM),
    Place.BLOCKED: Cell("·", Style.DIM),
}
_WORDS = {
    StopKind.BREAKPOINT: Style.WARN,
    StopKind.FAILED: Style.BAD,
}


def show_step(out: Output, stood: Stood) -> None:
    """Where it stands, and what the node that ran last did."""
    step = stood.step
    node = step.node(step.at) if step.at else None
    if node is not None:
        _show_node(out, node)
        if stood.diff is not None:
            show_diff(out, stood.diff)
    _show_state(out, step)


def show_order(out: Output, step: Step, breakpoints: Iterable[Breakpoint]) -> None:
    met = {each.asset: each.words for each in breakpoints}
    columns = (
        Column(" "),
        Column(" "),
        Column("#", right=True),
        Column("asset"),
        Column("kind", spare=True),
        Column("changed"),
        Column("rows", right=True),
        Column("time", right=True),
        Column("checks"),
        Column("note", elastic=True),
    )
    at = step.stop.asset if step.stop else None
    rows = [
        (
            Cell("‖" if node.asset == at else "", Style.WARN),
            _MARKS[node.place],
            str(number),
            node.asset,
            Cell(node.kind, Style.DIM),
            changed(node),
            count(node.rows),
            duration(node.duration_s),
            _checks(node),
            Cell(node.message or _break(met, node), Style.DIM),
        )
        for number, node in enumerate(step.nodes, 1)
    ]
    out.table(columns, rows)
    _show_state(out, step)


def show_breakpoints(out: Output, breakpoints: Iterable[Breakpoint]) -> None:
    rows = [(each.asset, "before it" if each.condition is Condition.ALWAYS else each.words) for each in breakpoints]
    out.table((Column("asset"), Column("stops")), rows) if rows else out.line(Cell("no breakpoints", Style.DIM))


def changed(node: StepNode) -> Cell:
    effect = node.effect
    if effect is None:
        return Cell("")
    rows = effect.rows
    if rows is None:
        return Cell("not counted", Style.WARN)
    parts = [
        f"{mark}{count(number)}"
        for mark, number in (("+", rows.added), ("−", rows.removed), ("~", rows.changed))
        if number
    ]
    return Cell(" ".join(parts), Style.WARN) if parts else Cell("=", Style.DIM)


def _show_node(out: Output, node: StepNode) -> None:
    out.line(
        _MARKS[node.place],
        " ",
        Cell(node.name, Style.BOLD),
        f"  {plural(node.rows, 'row')}" if node.rows is not None else "",
        Cell(f"  {duration(node.duration_s)}", Style.DIM) if node.duration_s is not None else "",
        "  ",
        _checks(node),
    )
    for line in node.message.splitlines():
        out.line("  ", Cell(line, Style.BAD if node.place is Place.FAILED else Style.DIM))


def _checks(node: StepNode) -> Cell:
    parts = [
        f"{mark} {number}"
        for mark, number in (("✓", node.checks_passed), ("!", node.checks_warned), ("✗", node.checks_failed))
        if number
    ]
    style = Style.BAD if node.checks_failed else Style.WARN if node.checks_warned else Style.GOOD
    if parts:
        return Cell(" ".join(parts), style)
    return Cell(plural(len(node.checks), "check"), Style.DIM) if node.checks else Cell("")


def _break(met: dict[str, str], node: StepNode) -> str:
    return f"breakpoint: {met[node.asset]}" if node.asset in met else ""


def _show_state(out: Output, step: Step) -> None:
    short = out.ids([step.step_id])
    head = ("step ", Cell(short(step.step_id), Style.ID), "  ")
    if step.stop is not None:
        words = Cell(f"stopped {step.stop.words}", _WORDS.get(step.stop.kind, Style.BOLD))
        following = f"  next: {step.node(step.next).name}" if step.next else "  nothing is left to run"
        out.line("‖ ", *head, words, Cell(following, Style.DIM))
    else:
        style = {StepState.SUCCESS: Style.GOOD, StepState.FAILED: Style.BAD}.get(step.state, Style.WARN)
        out.line(*head, Cell(step.state.value, style), "  run ", Cell(out.ids([step.run_id])(step.run_id), Style.ID))
