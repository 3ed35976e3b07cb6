"""A run as lines of JSON."""

from __future__ import annotations

from collections.abc import Iterable

from floe_bench.cli.follower import (
    NODE_FINISHED,
    NODE_STARTED,
    RUN_CANCELLING,
    RUN_QUEUED,
    RUN_RESUMED,
    RUN_STARTED,
    RUN_WAITING,
    Step,
)
from floe_bench.cli.output import Output
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import iso
from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset
from floe_bench.model.run import NodeRun, NodeStatus, Run

RUN_FINISHED = "run_finished"
RUN_ERROR = "run_error"

_RUN_ID = Field("run_id", "the run", lambda step: step.run.run_id)


def _event(name: str) -> Field:
    return Field("event", name, lambda _: name)


_NODE = (
    _RUN_ID,
    Field("node_id", "dbt's unique id, or the asset key", lambda step: step.node.node_id),
    Field("name", "short name", lambda step: step.node.name),
    Field("kind", "seed, model, snapshot, test, unit_test or python", lambda step: step.node.kind),
    Field("asset", "asset it makes or checks; null for a test on several", lambda step: step.node.asset),
    Field("started_at", "when it started", lambda step: iso(step.node.started_at)),
)
QUEUED = Shape(
    RUN_QUEUED,
    _event(RUN_QUEUED),
    _RUN_ID,
    Field("at", "when it was queued", lambda step: iso(step.run.queued_at)),
    Field("selection", "dbt selection; empty selects everything", lambda step: step.run.selection),
    Field("exclude", "dbt selection that is left out", lambda step: step.run.exclude),
    Field("full_refresh", "incremental models are rebuilt", lambda step: step.run.full_refresh),
)
STARTED = Shape(
    RUN_STARTED, _event(RUN_STARTED), _RUN_ID, Field("at", "when it started", lambda step: iso(step.run.started_at))
)
CANCELLING = Shape(RUN_CANCELLING, _event(RUN_CANCELLING), _RUN_ID)
WAITING = Shape(
    RUN_WAITING,
    _event(RUN_WAITING),
    _RUN_ID,
    Field("since", "since when the stack takes requests and answers none", lambda step: iso(step.since)),
)
RESUMED = Shape(RUN_RESUMED, _event(RUN_RESUMED), _RUN_ID)
BEGUN = Shape(NODE_STARTED, _event(NODE_STARTED), *_NODE)
ENDED = Shape(
    NODE_FINISHED,
    _event(NODE_FINISHED),
    *_NODE,
    Field("status", "success, failed, warned or skipped", lambda step: step.node.status),
    Field("duration_s", "seconds it took", lambda step: step.node.duration_s),
    Field("rows", "rows written; for a test, rows that fail it", lambda step: step.node.rows),
    Field("snapshot_id", "snapshot it committed; null if none is known yet", lambda step: step.node.snapshot_id),
    Field("message", "what dbt said; empty if nothing", lambda step: step.node.message),
)
ERROR = Shape(
    RUN_ERROR,
    _event(RUN_ERROR),
    _RUN_ID,
    Field("message", "why the run failed, beyond its nodes", lambda step: step.run.error),
)


@dataclass(frozen=True, slots=True)
class Made:
    """An asset that a run materialized."""

    asset: str
    table: str | None
    snapshot_id: int | None
    rows: int | None
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class Checked:
    passed: int = 0
    failed: int = 0
    warned: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """A run that is over: what it made and what it checked."""

    run: Run
    assets: tuple[Made, ...]
    checks: Checked

    @classmethod
    def of(cls, run: Run, assets: Iterable[Asset]) -> Summary:
        """``run`` with its nodes; ``assets`` know the tables."""
        tables = {asset.asset: asset.table for asset in assets}
        made = [node for node in run.nodes if not node.is_check and node.status in _MADE]
        checks = [node.status for node in run.nodes if node.is_check]
        return cls(
            run=run,
            assets=tuple(_made(node, tables) for node in made),
            checks=Checked(
                passed=checks.count(NodeStatus.SUCCESS),
                failed=checks.count(NodeStatus.FAILED),
                warned=checks.count(NodeStatus.WARNED),
            ),
        )


_MADE = (NodeStatus.SUCCESS, NodeStatus.WARNED)


def _made(node: NodeRun, tables: dict[str, str]) -> Made:
    asset = node.asset or node.name
    return Made(asset, tables.get(asset), node.snapshot_id, node.rows, node.duration_s)


MADE = Shape(
    "materialized asset",
    Field("asset", "key, as Dagster writes it"),
    Field("table", "Iceberg table; null when it has none"),
    Field("snapshot_id", "snapshot it committed; null when it committed none"),
    Field("rows", "rows written"),
    Field("duration_s", "seconds it took"),
)
CHECKED = Shape(
    "checks",
    Field("passed", "checks that passed"),
    Field("failed", "checks that failed"),
    Field("warned", "checks that failed with severity warn"),
)
FINISHED = Shape(
    RUN_FINISHED,
    Field("event", "always the last line", lambda _: RUN_FINISHED),
    Field("run_id", "the run", lambda summary: summary.run.run_id),
    Field("status", "success, failed or cancelled", lambda summary: summary.run.status),
    Field(
        "assets",
        "list of {asset, table, snapshot_id, rows, duration_s}: what it materialized",
        lambda summary: [MADE.of(made) for made in summary.assets],
    ),
    Field("checks", "{passed, failed, warned}: counts", lambda summary: CHECKED.of(summary.checks)),
)
STREAM = (QUEUED, STARTED, BEGUN, ENDED, WAITING, RESUMED, CANCELLING, ERROR, FINISHED)
_STEPS = {shape.title: shape for shape in STREAM}


class JsonReport:
    """One object a line; the last one is run_finished."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def step(self, step: Step) -> None:
        self._out.json_line(_STEPS[step.event].of(step))

    def end(self, summary: Summary) -> None:
        if summary.run.error:
            self._out.json_line(ERROR.of(Step(RUN_ERROR, summary.run)))
        self._out.json_line(FINISHED.of(summary))
