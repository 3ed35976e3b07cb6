"""Reads what the shown tab wants to look into: late, in pages, and given up as soon as nobody looks any more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from floe_bench.errors import BenchError
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.code import Code
from floe_bench.tui.inspection import Answer, CodeOf, FailingOf, Inspection, LinesOf, RowsOf, Want
from floe_bench.tui.later import later
from floe_bench.tui.panes.tabs.all import TABS
from floe_bench.tui.view import DRAWER, Link, Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp

INSPECT = "inspect"
"""Key of the numbered reads."""
PAGE, FAILING_PAGE, LOG_LINES = 100, 50, 2000
_SETTLE_S = 0.08
_AWAY = Trouble("The engine is away; what was not read before cannot be read now.")
_KEPT = 24

Call: TypeAlias = "Callable[[BenchClient, Callable[[], bool]], Answer]"


class Inspector:
    """The one writer of ``view.inspection``."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._kept: OrderedDict[Want, Inspection] = OrderedDict()
        self._waits = False

    def forget(self) -> None:
        """What was read belongs to another engine."""
        self._kept.clear()
        self._give_up(None)

    def follow(self) -> None:
        """Look at what is wanted now."""
        want, inspection = self._wanted(), self._app.view.inspection
        if want == (inspection.want if inspection else None):
            return
        drawing = self._app.view.drawing
        if drawing.row is not None:
            self._app.look(drawing=replace(drawing, row=None))
            return  # looking calls this again
        if want is not None and want in self._kept:
            self._give_up(self._kept[want])
            return
        if want is not None and self._app.view.lost is not None:
            self._give_up(Inspection(want, trouble=_AWAY))
            return
        self._give_up(Inspection(want, self._app.now()) if want else None)
        if want is not None and not self._waits:
            # The cursor may pass over many things; only where it rests is read.
            self._waits = True
            later(self._app, _SETTLE_S, self._begin)

    def again(self) -> None:
        """After a failure, or because somebody asks for it."""
        self._kept.clear()
        self._give_up(None)
        self.follow()

    def more(self) -> None:
        """The next page, if there is one and none is on its way."""
        inspection = self._app.view.inspection
        if inspection is None or inspection.asked_at or not (inspection.rows and inspection.rows.truncated):
            return
        self._read(inspection)

    def take(self, answer: object) -> None:
        """An answer to the latest read."""
        asked = self._app.view.inspection
        if asked is None or asked.asked_at is None:
            return
        found = replace(asked, asked_at=None, trouble=None)
        match answer:
            case Trouble():
                found = replace(found, trouble=answer)
            case QueryAnswer():
                found = replace(found, rows=_joined(asked, answer))
            case Code():
                found = replace(found, code=answer)
            case tuple():
                found = replace(found, lines=answer)
        self._app.look(inspection=found)
        if found.trouble is None and not isinstance(found.want, FailingOf):
            self._kept[found.want] = found
            self._kept.move_to_end(found.want)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def _wanted(self) -> Want | None:
        state, view = self._app.bench_state, self._app.view
        if state.booted is None or not state.booted.ok or (view.link is not Link.LIVE and view.lost is None):
            return None
        if view.single and view.place != DRAWER:
            return None
        return next((tab.want(state, view) for tab in TABS if tab.tab == view.tab), None)

    def _give_up(self, then: Inspection | None) -> None:
        self._app.bridge.drop(INSPECT)
        if self._app.view.inspection is not then:
            self._app.look(inspection=then)

    def _begin(self) -> None:
        self._waits = False
        inspection = self._app.view.inspection
        if inspection is not None and inspection.asked_at and inspection.empty:
            self._read(inspection)

    def _read(self, inspection: Inspection) -> None:
        self._app.look(inspection=replace(inspection, asked_at=self._app.now(), trouble=None))
        self._app.bridge.inspect(INSPECT, _call(inspection))


def _call(inspection: Inspection) -> Call:
    have = len(inspection.rows.rows) if inspection.rows else 0
    match inspection.want:
        case RowsOf(table, snapshot_id):
            return lambda client, cancelled: client.rows(table, snapshot_id, have, PAGE, cancelled=cancelled)
        case CodeOf(run_id, node_id):
            return lambda client, cancelled: client.code(run_id, node_id, cancelled=cancelled)
        case FailingOf(run_id, node_id):
            limit = have + FAILING_PAGE
            return lambda client, cancelled: client.failing_rows(run_id, node_id, limit, cancelled=cancelled)
        case LinesOf(run_id):
            return lambda client, cancelled: tuple(client.logs(run_id, LOG_LINES))
    raise BenchError(f"nobody reads {inspection.want}")


def _joined(asked: Inspection, page: QueryAnswer) -> QueryAnswer:
    """A page of a table goes after those before it; failing rows come from the start each time."""
    if asked.rows is None or isinstance(asked.want, FailingOf):
        return page
    return replace(page, columns=asked.rows.columns, types=asked.rows.types, rows=(*asked.rows.rows, *page.rows))
