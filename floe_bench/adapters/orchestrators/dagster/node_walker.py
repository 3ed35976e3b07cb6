"""Executing nodes of one stepped run, and reading how each went from the run's journal and event log."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from floe_bench.adapters.orchestrators.dagster.history import History, PythonSteps
from floe_bench.adapters.orchestrators.dagster.journal import JournalReader
from floe_bench.adapters.orchestrators.dagster.node_process import NodeProcess
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeRun, NodeStatus
from floe_bench.model.step import StepNode
from floe_bench.ports.stepping import Outcome


@dataclass
class NodeWalker:
    process: NodeProcess
    place: Place
    history: History
    run_id: str

    def run(self, node: StepNode, *, cancelled: Callable[[], bool]) -> Outcome:
        begun = datetime.now(UTC)
        self._keep_attempt(node)
        asked = {
            "asset": node.asset,
            "node_id": node.node_id,
            "checks": [check.node_id for check in node.checks],
        }
        request = {"run_id": self.run_id, "node": asked, "attempt": node.attempts}
        answer = self.process.ask("run", request, cancelled=cancelled)
        found, said = self._journal(begun)
        made = found.get(node.node_id)
        tests = [each for each in found.values() if each.is_check]
        checks = [each.status for each in tests]
        if node.kind == "python":
            steps = PythonSteps(self.run_id)
            list(steps.read(self.history.instance))
            made = steps.nodes.get(node.node_id)
            checks = [_CHECKS[each] for each in answer["checks"]]
        # A check that fails also ends the step, but the asset was made: its count says so.
        made_well = made is not None and made.status is NodeStatus.SUCCESS and NodeStatus.FAILED in checks
        return Outcome(
            error=_error(made, said) if answer["steps"] and not made_well else "",
            rows=made.rows if made else None,
            duration_s=made.duration_s if made else None,
            snapshot_id=made.snapshot_id if made else None,
            checks_passed=checks.count(NodeStatus.SUCCESS),
            checks_failed=checks.count(NodeStatus.FAILED),
            checks_warned=checks.count(NodeStatus.WARNED),
            checks_s={each.node_id: each.duration_s for each in tests if each.duration_s is not None},
        )

    def _journal(self, since: datetime) -> tuple[dict[str, NodeRun], list[str]]:
        """What happened since, by node, and what dbt called an error."""
        reader, said = JournalReader(self.place.run(self.run_id)), list[str]()
        for entry in reader.read():
            if isinstance(entry, LogLine) and entry.level == "error" and entry.at and entry.at >= since:
                said.append(entry.text)
        return {
            node_id: node
            for node_id, node in reader.nodes.items()
            if node.started_at is not None and node.started_at >= since
        }, said

    def _keep_attempt(self, node: StepNode) -> None:
        """dbt overwrites the compiled text: what the attempt before ran is put aside."""
        compiled = self.place.run(self.run_id) / "target" / "compiled"
        if node.attempts and compiled.exists():
            shutil.copytree(compiled, self.place.attempt(self.run_id), dirs_exist_ok=True)


_CHECKS = {"passed": NodeStatus.SUCCESS, "warned": NodeStatus.WARNED, "failed": NodeStatus.FAILED}


def _error(node: NodeRun | None, said: list[str]) -> str:
    if node is not None and node.message:
        return node.message
    return "\n".join(dict.fromkeys(said)) or "it was not made"
