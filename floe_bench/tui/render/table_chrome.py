"""Header and footer of the table screen: where and when somebody is, and the keys that work there."""

from __future__ import annotations

from datetime import datetime, tzinfo

from floe_bench.state import BenchState
from floe_bench.tui.looking import TableView, is_view, look_in_view
from floe_bench.tui.render import unit
from floe_bench.tui.render.chrome import said_line
from floe_bench.tui.render.key_row import key_row
from floe_bench.tui.render.text import Line, Span, Tone, clean, width_of
from floe_bench.tui.table_actions import TABLE_ACTIONS, not_from
from floe_bench.tui.view import View


def header(state: BenchState, view: TableView | None, width: int, now: datetime, zone: tzinfo | None) -> Line:
    """The breadcrumb; loud where it is not now. Where there is not room for all, what everybody knows goes first."""
    badge, catalog = (Span(" floe-bench ", Tone.BADGE, bold=True), Span("  ")), (Span("catalog", Tone.SOFT),)
    if view is None or view.table is None:
        return Line((*badge, *catalog))
    known = (state.tables or {}).get(view.table) or state.views.get(view.table)
    namespace = clean(known.namespace if known is not None else view.table.rpartition(".")[0])
    name = clean(view.table).removeprefix(f"{namespace}.")
    table = (Span(namespace, Tone.SOFT), Span(" › ", Tone.FAINT), Span(name, bold=True))
    look = look_in_view(state, view)
    anatomy = look.anatomy if look else None
    shown = view.snapshot_id if view.snapshot_id is not None else anatomy.snapshot_id if anatomy else None
    moment: tuple[Span, ...] = (Span("   view", Tone.FAINT),) if is_view(state, view) else ()
    clock: tuple[Span, ...] = ()
    if shown is not None:
        moment = (Span("   as of ", Tone.FAINT), Span(unit.short_snapshot(shown), Tone.ID))
        if anatomy is not None and anatomy.snapshot_id == shown:
            clock = (Span(f" {unit.clock(anatomy.committed_at, now, zone)}", Tone.SOFT),)
    past: tuple[Span, ...] = ()
    if view.snapshot_id is not None:
        loud = " ◂ in the past: nothing can be written " if width >= 110 else " ◂ in the past "
        past = (Span("  "), Span(loud, Tone.ALERT, bold=True))
    crumb = (*catalog, Span(" › ", Tone.FAINT))
    ways = (
        (*badge, *crumb, *table, *moment, *clock, *past),
        (*badge, *table, *moment, *clock, *past),
        (*badge, *table, *moment, *past),
        (*table, *moment, *past),
    )
    return Line(next((way for way in ways if width_of(way) <= width), ways[-1]))


def footer(state: BenchState, view: View, width: int) -> Line:
    dead = {each.name for each in TABLE_ACTIONS if not_from(view, each) or each.disabled_reason(state, view.looking)}
    said = said_line(view, width)
    return said if said is not None else Line(key_row(TABLE_ACTIONS, dead, width))
