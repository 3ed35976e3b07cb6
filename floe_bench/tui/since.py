"""Since when a check fails: asked over past snapshots, told as it goes, given up as soon as nobody looks any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.events import CheckEvaluated
from floe_bench.model.bisection import Bisection, Culprit
from floe_bench.tui.failure import failing_check
from floe_bench.tui.messages import Selected
from floe_bench.tui.view import DRAWER, SNAPSHOTS, Selection, Since, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

SINCE = "since"
"""Key of the numbered read."""


class SinceWhen:
    """The one writer of ``view.since``."""

    def __init__(self, app: BenchApp, compare: Callable[[str, int], None]) -> None:
        self._app, self._compare = app, compare

    def begin(self) -> None:
        from floe_bench.tui.screens.since import SinceScreen

        check = failing_check(self._app.bench_state, self._app.view)
        if check is None:
            return
        node_id = check.node_id
        self._app.look(since=Since(node_id, check.name, self._app.now()), notice=None)
        self._app.bridge.inspect(SINCE, lambda client, cancelled: client.checks.bisect(node_id, cancelled=cancelled))
        self._app.push_screen(SinceScreen(), self._left)

    def told(self, event: CheckEvaluated) -> None:
        known = self._app.view.since
        if known is not None and known.check == event.check and known.asked_at is not None:
            evaluations = (*known.evaluations, event.evaluation)
            self._app.look(since=replace(known, evaluations=evaluations, moments=event.moments))

    def take(self, answer: object) -> None:
        known = self._app.view.since
        if known is not None and isinstance(answer, Bisection):
            self._app.look(since=replace(known, asked_at=None, found=answer))
        elif known is not None and isinstance(answer, Trouble):
            self._app.look(since=replace(known, asked_at=None, trouble=answer))

    def _left(self, culprit: Culprit | None) -> None:
        self._app.bridge.drop(SINCE)
        self._app.look(since=None)
        if culprit is None:
            return
        made = culprit.snapshot
        assets = (made.asset,) if made.asset else ()
        chosen = Selection(SNAPSHOTS, assets, run_id=made.run_id, table=culprit.table, snapshot_id=made.snapshot_id)
        self._app.on_selected(Selected(chosen))
        self._app.look(place=DRAWER)
        self._compare(culprit.table, made.snapshot_id)
