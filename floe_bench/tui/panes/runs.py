"""The second pane: runs, newest first, each opening into its nodes with a bar of time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult

from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.state import BenchState, active_runs, nodes_of, silence
from floe_bench.tui.attempt import Attempts, attempts_of, tries_of
from floe_bench.tui.critical import critical_path
from floe_bench.tui.history import usual_s
from floe_bench.tui.links import marks
from floe_bench.tui.messages import Asked
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.pane import Pane
from floe_bench.tui.panes.watcher import facts
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.run import (
    AttemptRow,
    ChecksRow,
    NodeRow,
    attempt_line,
    checks_line,
    node_detail,
    node_line,
    run_detail,
    run_line,
    scale_of,
)
from floe_bench.tui.render.text import BLANK, Line
from floe_bench.tui.view import RUNS, Selection, View


class RunsPane(Pane):
    place: ClassVar[str] = RUNS
    title: ClassVar[str] = "Materializations"
    digit: ClassVar[int] = 2

    def compose(self) -> ComposeResult:
        self._set: dict[str, bool] = {}
        """What the user opened (True) or shut, by run id."""
        self._rows: dict[str, tuple[Run, Mapping[str, NodeRun], list[Item]]] = {}
        self._attempts: tuple[object, Attempts] = (None, {})
        self._queue: Mapping[str, int] = {}
        self._critical: dict[str, tuple[object, object, frozenset[str]]] = {}
        yield from super().compose()

    def face(self, state: BenchState, view: View) -> Sequence[Line] | None:
        if state.runs is None:
            return self.waiting_for("looking for runs")
        if not state.runs:
            return face.empty(
                "Nothing was materialized yet.", ("m", "the selected asset"), ("M", "more ways to run"), width=self.room
            )
        return None

    def items(self, state: BenchState, view: View) -> Sequence[Item]:
        if self._attempts[0] is not state.runs:
            self._attempts = (state.runs, attempts_of(state.runs or ()))
        items: list[Item] = []
        rows: dict[str, tuple[Run, Mapping[str, NodeRun], list[Item]]] = {}
        for run in state.runs or ():
            items.append(Item(("run", run.run_id), run))
            if self._is_open(run, state):
                rows[run.run_id] = self._rows_of(run, nodes_of(state, run.run_id))
                items += _attempt_items(run, self._attempts[1].get(run.run_id, ()))
                items += rows[run.run_id][2]
        self._rows = rows
        waiting = sorted((run for run in state.runs or () if run.status is RunStatus.QUEUED), key=_queued_s)
        self._queue = {run.run_id: place for place, run in enumerate(waiting, start=1)}
        self._critical = {run_id: known for run_id, known in self._critical.items() if run_id in rows}
        return items

    def sync(self, state: BenchState, view: View) -> None:
        super().sync(state, view)
        # What somebody went to from elsewhere: the cursor is there too when this pane is entered.
        chosen = view.selection
        if chosen.origin == RUNS and view.place != RUNS and chosen.run_id and chosen.node_id:
            self.lines.put_cursor(("node", chosen.run_id, chosen.node_id))

    def _rows_of(self, run: Run, nodes: Mapping[str, NodeRun]) -> tuple[Run, Mapping[str, NodeRun], list[Item]]:
        known = self._rows.get(run.run_id)
        if known is not None and known[0] is run and known[1] is nodes:
            return known
        return run, nodes, list(_node_items(run, nodes))

    def _is_open(self, run: Run, state: BenchState) -> bool:
        newest = state.runs is not None and run is state.runs[0]
        return self._set.get(run.run_id, newest or not run.status.over)

    def marks(self, state: BenchState, view: View) -> frozenset[Hashable]:
        if view.selection.origin == RUNS:
            return frozenset()
        found = marks(state, view.selection, view.table)
        return frozenset(("run", run_id) for run_id in found.runs) | {("node", *node) for node in found.nodes}

    def draw(self, item: Item, width: int, state: BenchState) -> Line:
        known = facts(self)
        now, row = known.then(), item.of
        if isinstance(row, Run):
            failed, every = _checks(nodes_of(state, row.run_id))
            shut, place = not self._is_open(row, state), self._queue.get(row.run_id)
            attempt = _number(row, self._attempts[1].get(row.run_id, ()))
            return run_line(
                row,
                (failed, every),
                width,
                now,
                known.zone,
                shut=shut,
                place=place,
                attempt=attempt,
                waits=silence(state),
            )
        if isinstance(row, AttemptRow):
            return attempt_line(row, width, now, known.zone)
        nodes = nodes_of(state, row.run.run_id)
        scale = scale_of(row.run, tuple(nodes.values()), now)
        if isinstance(row, ChecksRow):
            return checks_line(row, scale, width)
        if isinstance(row, NodeRow):
            live = row.node.status is NodeStatus.RUNNING
            usual = usual_s(state, row.node.node_id) if live else None
            critical = row.node.node_id in self._critical_path(row.run, nodes, state)
            indent = 8 if row.node.is_check else 4
            return node_line(row, scale, width, now, usual_s=usual, indent=indent, critical=critical)
        return BLANK

    def _critical_path(self, run: Run, nodes: Mapping[str, NodeRun], state: BenchState) -> frozenset[str]:
        known = self._critical.get(run.run_id)
        if known is None or known[0] is not nodes or known[1] is not state.assets:
            found = critical_path(nodes.values(), state.assets or {}, facts(self).then())
            known = self._critical[run.run_id] = (nodes, state.assets, found)
        return known[2]

    def foot(self, state: BenchState, view: View) -> str:
        if not state.runs:
            return ""
        active = len(active_runs(state))
        going = f"{active} active" if active else "nothing running"
        if self._queue:
            going += f", {len(self._queue)} queued"
        return f"{unit.plural(len(state.runs), 'run')} · {going}"

    def detail(self, state: BenchState, view: View) -> Sequence[Line]:
        item, width = self.lines.current, self.lines.size.width
        if item is None:
            return ()
        if isinstance(item.of, Run):
            return run_detail(item.of, width, facts(self).then())
        if not isinstance(item.of, NodeRow):
            return ()
        attempts = self._attempts[1].get(item.of.run.run_id, ())
        return node_detail(item.of, width, tries_of(state, attempts, item.of.node.node_id))

    def tick(self) -> None:
        """A countdown stands below the list."""
        super().tick()
        known, item = facts(self), self.lines.current
        if item is not None and isinstance(item.of, Run) and item.of.ending is not None:
            self.query_one(LineView).show(self.detail(known.bench_state, known.view))

    def chosen(self, item: Item, state: BenchState) -> Selection | None:
        row = item.of
        if isinstance(row, Run):
            return Selection(RUNS, run_id=row.run_id)
        if isinstance(row, NodeRow):
            return Selection(RUNS, _one(row.node.asset), run_id=row.run.run_id, node_id=row.node.node_id)
        if isinstance(row, AttemptRow):
            return Selection(RUNS, run_id=row.other.run_id)
        return Selection(RUNS, _one(row.asset), run_id=row.run.run_id)

    def _go_into(self, item: Item, how: str) -> None:
        """Right is the lineage of a node; enter its error, its checks or its log."""
        row = item.of
        if isinstance(row, AttemptRow):
            self.lines.put_cursor(("run", row.other.run_id))
            return
        if how == "open":
            self.post_message(Asked("lineage"))
            return
        if isinstance(row, NodeRow) and row.node.status is NodeStatus.FAILED:
            self.post_message(Asked("error"))
            return
        checks = isinstance(row, ChecksRow) or row.node.is_check
        self.post_message(Asked("tab:checks" if checks else "tab:log"))

    def opened(self, item: Item, how: str) -> None:
        known = facts(self)
        run = item.of if isinstance(item.of, Run) else item.of.run
        if not isinstance(item.of, Run) and how != "shut":
            self._go_into(item, how)
            return
        self._set[run.run_id] = how == "open" or (how == "toggle" and not self._is_open(run, known.bench_state))
        if not self._set[run.run_id]:
            self.lines.put_cursor(("run", run.run_id))
        self.sync(known.bench_state, known.view)


def _queued_s(run: Run) -> float:
    return run.queued_at.timestamp() if run.queued_at else 0.0


def _number(run: Run, attempts: Sequence[Run]) -> int | None:
    """Which attempt it is; None for the first and for one without others."""
    place = next((number for number, each in enumerate(attempts, 1) if each.run_id == run.run_id), 1)
    return place if place > 1 else None


def _attempt_items(run: Run, attempts: Sequence[Run]) -> list[Item]:
    """The others, newest first, above the nodes of an opened run."""
    numbered = [(number, each) for number, each in enumerate(attempts, 1) if each.run_id != run.run_id]
    return [
        Item(("attempt", run.run_id, each.run_id), AttemptRow(run, each, number)) for number, each in reversed(numbered)
    ]


def _one(asset: str | None) -> tuple[str, ...]:
    return (asset,) if asset is not None else ()


def _checks(nodes: Mapping[str, NodeRun]) -> tuple[int, int]:
    checks = [node for node in nodes.values() if node.is_check]
    return sum(check.status is NodeStatus.FAILED for check in checks), len(checks)


def _node_items(run: Run, nodes: Mapping[str, NodeRun]) -> Sequence[Item]:
    """Nodes in start order, each followed by one line for its checks and one for each check that did not pass."""
    checks: dict[str | None, list[NodeRun]] = {}
    for node in nodes.values():
        if node.is_check:
            checks.setdefault(node.asset, []).append(node)
    items: list[Item] = []
    for node in nodes.values():
        if not node.is_check:
            items.append(_node_item(run, node))
            items += _check_items(run, node.asset, checks.pop(node.asset, []))
    for asset, left in checks.items():
        items += _check_items(run, asset, left)
    return items


def _check_items(run: Run, asset: str | None, checks: list[NodeRun]) -> list[Item]:
    if not checks:
        return []
    bad = [check for check in checks if check.status in (NodeStatus.FAILED, NodeStatus.WARNED)]
    head = Item(("checks", run.run_id, asset), ChecksRow(run, asset, tuple(checks)))
    return [head, *(_node_item(run, check) for check in bad)]


def _node_item(run: Run, node: NodeRun) -> Item:
    return Item(("node", run.run_id, node.node_id), NodeRow(run, node))
