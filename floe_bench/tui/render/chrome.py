"""Header, tab line and footer: what stays on the screen whatever is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.console import Console
from floe_bench.model.stack import StackState
from floe_bench.state import BenchState, active_runs
from floe_bench.tui.action import UserAction, key_of
from floe_bench.tui.actions import ACTIONS, BY_NAME
from floe_bench.tui.history import running_nodes
from floe_bench.tui.memo import same
from floe_bench.tui.reason import not_ready
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.text import GAP, Line, Span, Tone, clean, cut, width_of
from floe_bench.tui.view import ASSETS, DRAWER, RUNS, SNAPSHOTS, AsOf, Link, Lost, Trouble, View

_GAPS = Span("  ")
_WORDY, _ROOMY = 110, 160
_NOTICE_GLYPH = {"soft": "·", "ok": "✓", "warn": "!", "bad": "✗"}


def header(state: BenchState, view: View, width: int, zone: tzinfo | None = None) -> Line:
    """Who, where, how the stack is, and what wants attention; or, loudly, which moment is shown."""
    left = [Span(" floe-bench ", Tone.BADGE, bold=True), _GAPS]
    if state.project is not None and (view.as_of is None or width >= 110):
        left += [Span(clean(state.project.name), Tone.TEXT, bold=True), _GAPS]
    if view.as_of is not None:
        return Line((*left, *_past(view, view.as_of, zone, width=width)), tuple(_way_back(view, wordy=width >= _WORDY)))
    left += _health(state, view, width)
    left += _console(state.console, wordy=width >= 110)
    counts = _counts(state, wordy=width >= 110)
    return Line((*left, *counts), (Span("? help ", Tone.SOFT),) if width >= 110 else ())


def _past(view: View, as_of: AsOf, zone: tzinfo | None, *, width: int) -> list[Span]:
    local = as_of.at.astimezone(zone)
    at = f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03}"  # a run commits several times a second
    ago = f"{unit.plural(as_of.commits, 'commit')} ago" if as_of.commits else "newest commit"
    spans = [Span(f" ◂ AS OF {at} ", Tone.ALERT, bold=True, act="moment"), Span(f"  {ago}", Tone.WARN)]
    said = " · nothing can be written from here" if width >= _ROOMY else " · read only" if width >= _WORDY else ""
    return [*spans, Span(said, Tone.SOFT)]


def _way_back(view: View, *, wordy: bool) -> list[Span]:
    spans: list[Span] = []
    for name in ("earlier", "later", "now"):
        key, label = _key(BY_NAME[name], key_of(BY_NAME[name], view), lit=True)
        spans += (key, label) if wordy or name == "now" else (key,)
    return spans


def _health(state: BenchState, view: View, width: int) -> list[Span]:
    if view.link is Link.STOPPING:
        return [Span("◐ ", Tone.WARN), Span("stopping …", Tone.SOFT), _GAPS]
    if view.lost is not None and view.link is not Link.BROKEN:
        return [Span("◐ ", Tone.WARN), Span("starting again", Tone.SOFT), _GAPS]
    if view.link is Link.BROKEN:
        return [Span("✗ ", Tone.BAD), Span("no engine", Tone.TEXT), _GAPS]
    if view.link is Link.CONNECTING or state.stack is None:
        return [Span("◐ ", Tone.WARN), Span("starting", Tone.SOFT), _GAPS]
    stack = state.stack
    mark = glyph.STACK[stack.state]
    spans = [mark.span, GAP, Span(clean(stack.stack), Tone.TEXT), Span(f" {mark.word}", Tone.SOFT)]
    if width >= 110:
        for service in stack.services:
            one = glyph.STACK[service.state]
            spans += [Span(f"  {clean(service.name)} ", Tone.FAINT), one.span]
    elif odd := [service for service in stack.services if service.state is not StackState.READY]:
        spans += [Span(f" {clean(odd[0].name)}", glyph.STACK[odd[0].state].tone)]
    return [*spans, Span("   ")]


def _console(console: Console | None, *, wordy: bool) -> list[Span]:
    """The orchestrator's own web interface, while it runs or after it died."""
    if console is None or console.port is None or console.state is StackState.STOPPED:
        return []
    at = f" {console.url.removeprefix('http://')}" if wordy and console.url else f" :{console.port}"
    mark = glyph.STACK[console.state]
    return [Span("web ", Tone.FAINT, act="console"), mark.span, Span(at, Tone.SOFT, act="console"), Span("   ")]


def _counts(state: BenchState, *, wordy: bool) -> list[Span]:
    stale, failed = _wanting(state.assets)
    running = len(running_nodes(state)) or len(active_runs(state))
    spans: list[Span] = []
    for status, number in (
        (AssetStatus.RUNNING, running),
        (AssetStatus.STALE, stale),
        (AssetStatus.FAILED, failed),
    ):
        if number:
            mark = glyph.ASSET[status]
            spans.append(Span(f"{mark.glyph} {number}{' ' + mark.word if wordy else ''}  ", mark.tone))
    return spans


def tab_line(state: BenchState, view: View, tabs: Sequence[tuple[str, str]]) -> Line:
    """Where one pane is shown at a time: all places as tabs. ``tabs`` are (name, title) of the drawer's."""
    running = f" ▶{len(active_runs(state))}" if active_runs(state) else ""
    places = ((ASSETS, "1 Assets"), (RUNS, f"2 Runs{running}"), (SNAPSHOTS, "3 Snapshots"))
    spans = [_tab(f" {title} ", place, lit=view.place == place) for place, title in places]
    spans.append(GAP)
    for index, (name, title) in enumerate(tabs):
        said = f" 4 {title} " if index == 0 else f" {title} "
        spans.append(_tab(said, f"tab:{name}", lit=view.place == DRAWER and view.tab == name))
    return Line(tuple(spans))


def problem_line(state: BenchState, view: View, width: int) -> Line | None:
    """The first thing that is wrong while the bench runs on, and what to type; None when all is well."""
    if view.lost is not None:
        return _lost_line(view.lost, view.trouble, width)
    if view.link is not Link.LIVE or not_ready(state, view) or not state.problems:
        return None
    problem = state.problems[0]
    more = len(state.problems) - 1
    return _banner(
        problem.about, Trouble(problem.message, problem.remedy, problem.where), width, f"  {more} more " if more else ""
    )


def _lost_line(lost: Lost, trouble: Trouble | None, width: int) -> Line:
    said = trouble.message if trouble is not None else "It went away."
    remedy = f"starting again: {lost.doing} …" if lost.doing else "r starts it again, or it is tried by and by"
    return _banner("engine", Trouble(said, remedy), width, "")


def _banner(about: str, trouble: Trouble, width: int, right: str) -> Line:
    """Where there is not room for all, the message is cut; of a known place the remedy goes too, then its folder."""
    head = (Span(" ! ", Tone.ALERT, bold=True), Span(f" {clean(about)}: ", Tone.WARN))
    named = f" ({trouble.where.rpartition(':')[0] or trouble.where})"  # dbt says it, and it stands at the end
    said, least = clean(" ".join(trouble.message.replace(named, "").split())), width // 3
    place, file = clean(trouble.where), clean(trouble.where.rpartition("/")[2])
    remedy = (Span(f"  → {clean(trouble.remedy)}", Tone.LIT),) if trouble.remedy else ()
    ways = [(Span(f"  {place}", Tone.SOFT), *remedy), (Span(f"  {place}", Tone.SOFT),), (Span(f"  {file}", Tone.SOFT),)]
    room_of = {way: width - width_of((*head, *way, Span(right))) for way in (ways if place else [remedy])}
    tail, room = next(((way, room) for way, room in room_of.items() if room >= least), list(room_of.items())[-1])
    text = Span(cut(said, max(room, least)), Tone.TEXT)
    return Line((*head, text, *tail), (Span(right, Tone.SOFT),) if right else ())


def _tab(said: str, act: str, *, lit: bool) -> Span:
    return Span(said, Tone.BADGE if lit else Tone.SOFT, bold=lit, act=act)


def footer(state: BenchState, view: View, width: int) -> Line:
    """The question that waits, or the notice, or as many keys as fit, most useful first."""
    return said_line(view, width) or Line(_keys(state, view, width))


def said_line(view: View, width: int) -> Line | None:
    """The question that waits, or the notice; None when the keys can be shown."""
    if view.question is not None:
        yes, no = Span(" y ", Tone.BADGE, bold=True), Span(" esc ", Tone.BADGE, bold=True)
        keys = (yes, Span(f" {view.question.yes}  ", Tone.TEXT), no, Span(" no ", Tone.TEXT))
        return Line(
            (Span(" ? ", Tone.ALERT, bold=True), Span(f" {clean(view.question.text)}", Tone.TEXT)), (GAP, *keys)
        )
    if view.notice is not None:
        tone = Tone(view.notice.tone)
        said = cut(clean(view.notice.text), width - 12)
        return Line((Span(f" {_NOTICE_GLYPH[view.notice.tone]} ", tone, bold=True), Span(said, Tone.TEXT)), _help_key())
    return None


@same
def _wanting(assets: Mapping[str, Asset] | None) -> tuple[int, int]:
    """How many are stale, and how many failed. By comparison: hashing ten thousand members of an enum is felt."""
    statuses = [asset.status for asset in (assets or {}).values()]
    return statuses.count(AssetStatus.STALE), statuses.count(AssetStatus.FAILED)


def _keys(state: BenchState, view: View, width: int) -> tuple[Span, ...]:
    dead = {action.name for action in ACTIONS if action.rank and action.disabled_reason(state, view)}
    # What works now comes first; what does not is dim, where there is room, so that it can be asked why.
    ranked = sorted((each for each in ACTIONS if each.rank), key=lambda each: (each.name in dead, each.rank))
    if not_ready(state, view):
        ranked = [action for action in ranked if action.name not in dead]
    room = width
    kept: set[str] = set()
    for action in ranked:
        need = width_of(_key(action, key_of(action, view), lit=True))
        if need <= room:
            kept.add(action.name)
            room -= need
    spans: list[Span] = []
    for action in ACTIONS:
        if action.name in kept:
            spans += _key(action, key_of(action, view), lit=action.name not in dead)
    return tuple(spans)


def _key(action: UserAction, key: str, *, lit: bool) -> tuple[Span, ...]:
    if lit:
        return Span(f" {key} ", Tone.BADGE, bold=True, act=action.name), Span(f" {action.label}  ", act=action.name)
    return Span(f" {key} ", Tone.FAINT, act=action.name), Span(f" {action.label}  ", Tone.FAINT, act=action.name)


def _help_key() -> tuple[Span, ...]:
    return Span(" ? ", Tone.BADGE, bold=True, act="help"), Span(" help", act="help")
