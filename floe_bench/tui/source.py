"""What is meant when somebody wants to see the source: a file that cannot be read, what failed, or what is selected."""

from __future__ import annotations

from floe_bench.dataclass import dataclass
from floe_bench.model.run import NodeStatus
from floe_bench.state import BenchState, nodes_of
from floe_bench.tui.failure import failure_of
from floe_bench.tui.view import DRAWER, RUNS, View

_PROJECT = "dbt project"


@dataclass(frozen=True, slots=True)
class Source:
    """``path`` and ``line`` as far as they are known without asking; ``message`` is what the database said of it."""

    path: str = ""
    line: int | None = None
    node_id: str | None = None
    run_id: str | None = None
    message: str = ""

    @property
    def is_whole(self) -> bool:
        """Its file is all there is to it: nobody need be asked for a line."""
        inside = self.path.endswith((".yml", ".yaml", ".py"))
        return bool(self.path) and (self.line is not None or not (self.message or inside))


def source_of(state: BenchState, view: View) -> Source | None:
    """None where the selection is several, or nothing."""
    if (unread := unreadable(state)) is not None:
        return unread
    chosen, check = view.selection, view.drawing.check
    if view.place == DRAWER and view.tab == "checks" and check is not None:
        return _of_node(state, *check)
    if chosen.origin == RUNS and chosen.run_id and chosen.node_id:
        return _of_node(state, chosen.run_id, chosen.node_id)
    failure = failure_of(state, view)
    if failure is not None and (not failure[1].is_check or chosen.asset is None):
        return _of_node(state, failure[0], failure[1].node_id)
    asset = (state.assets or {}).get(chosen.asset or "")
    return Source(asset.path, node_id=asset.node_id) if asset is not None and asset.path else None


def unreadable(state: BenchState) -> Source | None:
    """The file that keeps the project from being read, where dbt names it."""
    problem = next((each for each in state.problems if each.about == _PROJECT and each.where), None)
    if problem is None:
        return None
    path, _, line = problem.where.partition(":")
    return Source(path, int(line) if line.isdigit() else 1)


def _of_node(state: BenchState, run_id: str, node_id: str) -> Source:
    node = nodes_of(state, run_id).get(node_id)
    asset = (state.assets or {}).get(node.asset or "") if node is not None and not node.is_check else None
    message = node.message if node is not None and node.status is NodeStatus.FAILED else ""
    return Source(asset.path if asset is not None else "", None, node_id, run_id, message)
