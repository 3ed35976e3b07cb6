"""One table or view: its timeline, and what it is made of in tabs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import on
from textual.app import ComposeResult

from floe_bench.model.view import ViewDefinition
from floe_bench.state import BenchState
from floe_bench.tui.looking import (
    ABOUT,
    FILES,
    HEALTH,
    OVERVIEW,
    PARTITIONS,
    PROFILE,
    PROPERTIES,
    SCHEMA,
    SNAPSHOTS,
    SQL,
    VERSIONS,
    TableLook,
    TableView,
    is_view,
    line_in_view,
    look_in_view,
    tab_in_view,
    tabs_of,
    wanted,
)
from floe_bench.tui.messages import Looked
from floe_bench.tui.panes.line_list import GUTTER, Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.watcher import Watcher, facts
from floe_bench.tui.render import face
from floe_bench.tui.render.definition import definition_lines, fault_lines, no_timeline, version_lines, wording_lines
from floe_bench.tui.render.profile import profile_lines
from floe_bench.tui.render.schema_history import history_lines
from floe_bench.tui.render.snapshot import later_line, refs_line, snapshot_line
from floe_bench.tui.render.table import (
    file_lines,
    health_lines,
    overview_lines,
    partition_lines,
    property_lines,
    schema_lines,
)
from floe_bench.tui.render.text import Line, Span, Tone
from floe_bench.tui.render.timeline import timeline_lines
from floe_bench.tui.table_actions import of_tab
from floe_bench.tui.view import Trouble, View


class Timeline(Watcher):
    def compose(self) -> ComposeResult:
        yield LineView()

    def sync(self, state: BenchState, view: View) -> None:
        known, looking = facts(self), view.looking
        lines: Iterable[Line] = ()
        if is_view(state, looking):
            lines = no_timeline()
        elif looking is not None and looking.look is not None and not looking.look.fault:
            snapshots = line_in_view(looking)
            here, width = looking.snapshot_id, max(self.size.width - 1, 20)
            lines = timeline_lines(snapshots, here, width, known.now(), known.zone)
        self.query_one(LineView).show(tuple(lines))
        keys = () if is_view(state, looking) else (Span("[ earlier · ] later", Tone.SOFT),)
        self.label((Span("Timeline", Tone.SOFT),), keys)


class AboutBox(Watcher):
    def compose(self) -> ComposeResult:
        yield LineList(_draw, cursor=False)

    @property
    def lines(self) -> LineList:
        return self.query_one(LineList)

    def sync(self, state: BenchState, view: View) -> None:
        looking = view.looking
        if looking is None:
            return
        look, tab = look_in_view(state, looking), tab_in_view(state, looking)
        if tab == SNAPSHOTS and look is not None and look.anatomy is not None:
            self.lines.show(self._snapshots(look), frozenset({look.anatomy.snapshot_id}))
        else:
            lines = self._content(state, looking)
            self.lines.show([Item(index, line, still=True) for index, line in enumerate(lines)])
        lit = looking.box == ABOUT
        keys = [f"enter {'hides' if looking.bounds else 'shows'} bounds"] if tab == FILES else []
        keys += [f"{action.key} {action.label}" for action in of_tab(state, view)]
        self.set_class(lit, "-lit")
        foot = " · ".join((*keys, "H L tab"))
        self.label(_tabs(tab, tabs_of(state, looking), self.size.width, lit=lit), (Span(foot, Tone.SOFT),))

    def _content(self, state: BenchState, looking: TableView) -> Iterable[Line]:
        look, want = look_in_view(state, looking), wanted(state, looking)
        if looking.table is None or want is None:
            return face.empty("No table is selected.", ("enter", "opens a namespace"))
        if look is None:
            away = "The engine is away; what was not read before cannot be read now."
            lost = facts(self).view.lost is not None
            return face.empty(away) if lost else self.waiting_for(f"reading {looking.table}")
        if look.fault:
            return face.broken(Trouble(look.fault, look.remedy), self._room, retry="looks again")
        tab = tab_in_view(state, looking)
        return self._tab(tab, look) or self.waiting_for(f"reading {tab}")

    def _snapshots(self, look: TableLook) -> list[Item]:
        """Newest first, each below the refs that point to it; the one that is looked at is marked, later ones dim."""
        known, width, items = facts(self), self._room, list[Item]()
        here = look.anatomy.snapshot_id if look.anatomy is not None and not look.anatomy.current else None
        later = any(each.snapshot_id == here for each in look.snapshots)
        for each in reversed(look.snapshots):
            later = later and each.snapshot_id != here
            if each.refs:
                items.append(Item((each.snapshot_id, "refs"), refs_line(each.refs, width), still=True))
            current = "main" in each.refs
            line = (
                later_line(each, width, known.now(), known.zone)
                if later
                else snapshot_line(each, width, known.now(), known.zone, current=current)
            )
            items.append(Item(each.snapshot_id, line, still=True))
        return items

    @property
    def _room(self) -> int:
        return max(self.lines.size.width - GUTTER - 1, 30)

    def _tab(self, tab: str, look: TableLook) -> tuple[Line, ...]:
        known, width, looking = facts(self), self._room, facts(self).view.looking
        now, zone, anatomy = known.now(), known.zone, look.anatomy
        if look.definition is not None:
            return self._of_view(tab, look.definition)
        if anatomy is None:
            return ()
        if tab == OVERVIEW:
            return tuple(overview_lines(anatomy, width, now, zone))
        if tab == SCHEMA:
            columns = schema_lines(anatomy.schema, look.schemas, width, now, zone)
            last = anatomy.schema.schema_id
            then = look.schemas if anatomy.current else [each for each in look.schemas if each.schema_id <= last]
            return (*columns, *history_lines(then, now, zone))
        if tab == PROPERTIES:
            return tuple(property_lines(anatomy.properties))
        if tab == PROFILE and look.profile is not None:
            return tuple(profile_lines(look.profile, width))
        if tab == HEALTH and look.health is not None:
            return tuple(health_lines(look.health, width))
        if look.files is not None and tab in (FILES, PARTITIONS):
            bounds = looking is not None and looking.bounds
            found = partition_lines(look.files, width) if tab == PARTITIONS else None
            return tuple(found or file_lines(look.files, width, bounds=bounds))
        return ()

    def _of_view(self, tab: str, found: ViewDefinition) -> tuple[Line, ...]:
        known = facts(self)
        now, zone = known.now(), known.zone
        if tab == SCHEMA:
            now_has = () if found.schema is None else schema_lines(found.schema, found.schemas, self._room, now, zone)
            return (*fault_lines(found), *now_has, *history_lines(found.schemas, now, zone))
        if tab == SQL:
            return tuple(wording_lines(found, self._room))
        if tab == VERSIONS:
            return tuple(version_lines(found, now, zone))
        lines = property_lines(found.properties) if tab == PROPERTIES else definition_lines(found, now, zone)
        return tuple(lines)

    @on(LineList.Opened)
    def _opened(self, message: LineList.Opened) -> None:
        message.stop()
        known = facts(self)
        state, looking = known.bench_state, known.view.looking
        if looking is None:
            return
        tab, tabs = tab_in_view(state, looking), tabs_of(state, looking)
        if tab == FILES and message.how == "toggle":
            self.post_message(Looked(bounds=not looking.bounds))
            return
        by = {"open": 1, "shut": -1}.get(message.how, 0)
        if by:
            self.post_message(Looked(tab=tabs[(tabs.index(tab) + by) % len(tabs)]))


def _tabs(shown: str, tabs: Sequence[str], width: int, *, lit: bool) -> tuple[Span, ...]:
    """All of them where there is room, else the beginnings of those that are not shown."""
    whole = width >= sum(len(_word(tab)) + 3 for tab in tabs) + 1
    spans: list[Span] = []
    for tab in tabs:
        here = tab == shown
        word = _word(tab) if whole or here else _word(tab)[:4]
        spans.append(Span(word, Tone.LIT if here and lit else Tone.TEXT if here else Tone.SOFT, bold=here))
        spans.append(Span(" · ", Tone.FAINT))
    return tuple(spans[:-1])


def _word(tab: str) -> str:
    return "SQL" if tab == SQL else tab.capitalize()


def _draw(item: Item, width: int) -> Line:
    line: Line = item.of
    return line
