"""Plans of runs as lines: the menu, the preview, the options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from floe_bench.dataclass import dataclass
from floe_bench.model.command import to_type
from floe_bench.tui.plan import Plan, Planned
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.asset import name_of
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, cut
from floe_bench.tui.request import selector_of

_NAMES = 3


@dataclass(frozen=True, slots=True)
class Options:
    """How a run differs from a plain one. ``vars`` and ``exclude`` as typed."""

    full_refresh: bool = False
    vars: str = ""
    exclude: str = ""

    def turned(self) -> Options:
        return replace(self, full_refresh=not self.full_refresh)

    def with_text(self, name: str, text: str) -> Options:
        return replace(self, vars=text) if name == "vars" else replace(self, exclude=text)

    def left_out(self, plan: Plan) -> frozenset[str]:
        """Keys of those that ``exclude`` names; what else it stands for, dbt knows."""
        words = set(self.exclude.split())
        assets = [each.asset for each in plan.assets]
        return frozenset(each.asset for each in assets if words & {selector_of(each), name_of(each), each.asset})


def plan_line(plan: Plan, width: int) -> Line:
    """In the menu: key, name, and how much it is."""
    dead = bool(plan.disabled)
    key = Span(f" {plan.key} ", Tone.FAINT if dead else Tone.BADGE, bold=not dead)
    left = (key, Span(" "), cell(plan.label, 16, Tone.FAINT if dead else Tone.TEXT, bold=not dead))
    if dead:
        return Line((*left, Span(f"not now: {clean(plan.disabled)}", Tone.WARN)))
    return Line((*left, Span(_named(plan), Tone.SOFT)), (Span(f" {_amount(plan)}", Tone.TEXT),))


def planned_line(planned: Planned, width: int, now: datetime, *, left_out: bool) -> Line:
    """In the preview: the asset, and why it is made."""
    asset = planned.asset
    mark = glyph.ASSET[asset.status]
    room = max(width // 2 - 4, 12)
    name = cell(name_of(asset), room, Tone.FAINT if left_out else Tone.TEXT)
    reason = "left out" if left_out else planned.reason
    return Line(
        (mark.span, Span(" "), name, Span(clean(reason), Tone.WARN if left_out else Tone.SOFT)),
        (Span(f" {unit.age(asset.materialized_at, now)}", Tone.FAINT),),
    )


def title_of(plan: Plan, options: Options) -> str:
    left = len(plan.assets) - len(options.left_out(plan))
    said = unit.plural(left, "asset")
    if not plan.known:
        said = f"{said} that we know of; dbt decides" if plan.assets else "dbt decides which"
    return f"Materialize {plan.label}: {said}"


def options_lines(plan: Plan, options: Options, width: int) -> Sequence[Line]:
    problem = problem_of(plan, options)
    box = "[x]" if options.full_refresh else "[ ]"
    command = to_type("run", "--select", plan.select) if plan.select else "floe-bench run"
    lines = [
        BLANK,
        _option(" ", "select", cut(clean(plan.select or "everything"), max(width - 18, 8))),
        _option("f", "full refresh", f"{box} {'made anew from nothing' if options.full_refresh else 'no'}"),
        _option("v", "vars", options.vars or "none"),
        _option("e", "exclude", options.exclude or "nothing"),
    ]
    if problem:
        lines.append(Line((Span("  ✗ ", Tone.BAD), Span(clean(problem), Tone.BAD))))
    elif options.full_refresh:
        lines.append(
            Line(
                (Span("  ! ", Tone.WARN), Span("rows that are only in the tables are lost; snapshots stay", Tone.WARN))
            )
        )
    else:
        lines.append(Line((Span("  = ", Tone.FAINT), Span(cut(clean(command), max(width - 6, 8)), Tone.FAINT))))
    return lines


def problem_of(plan: Plan, options: Options) -> str:
    """Why it cannot start like that; empty when it can."""
    if plan.known and plan.assets and len(options.left_out(plan)) == len(plan.assets):
        return "nothing is left to run"
    if not options.vars.strip():
        return ""
    import yaml

    try:
        read = yaml.safe_load(options.vars)
    except (yaml.YAMLError, ValueError, RecursionError):
        return "vars are not YAML; for example: start_date: 2026-01-01"
    return "" if isinstance(read, dict) else "vars must be a mapping; for example: start_date: 2026-01-01"


def _option(key: str, name: str, value: str) -> Line:
    tone = Tone.FAINT if value in ("none", "nothing", "[ ] no") else Tone.TEXT
    return Line((Span(f"  {key} ", Tone.LIT, bold=True), cell(name, 13, Tone.SOFT), Span(clean(value), tone)))


def _amount(plan: Plan) -> str:
    if plan.known:
        return unit.plural(len(plan.assets), "asset")
    return f"{unit.count(len(plan.assets))}+ assets" if plan.assets else "dbt decides"


def _named(plan: Plan) -> str:
    if not plan.assets:
        return "dbt compares with the last good run"
    names = [clean(name_of(each.asset)) for each in plan.assets[:_NAMES]]
    more = len(plan.assets) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
