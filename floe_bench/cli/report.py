"""A run as text, line by line as its nodes finish."""

from __future__ import annotations

from floe_bench.cli import follower
from floe_bench.cli.diagnostics import Diagnostics
from floe_bench.cli.follower import Step
from floe_bench.cli.noun import run_duration
from floe_bench.cli.output import Cell, Column, Output, Style
from floe_bench.cli.status import glyph
from floe_bench.cli.stream import Checked, Summary
from floe_bench.cli.text import count, duration, plural
from floe_bench.model.run import NodeRun, NodeStatus

_NAME_CELLS = 34


class TextReport:
    """Nodes that make something get a line each; checks only when they do not pass."""

    def __init__(self, out: Output, diagnostics: Diagnostics) -> None:
        self._out = out
        self._diagnostics = diagnostics
        self._running: dict[str, str] = {}

    def step(self, step: Step) -> None:
        match step.event, step.node:
            case follower.RUN_QUEUED, None:
                self._out.line("run ", Cell(self._id(step.run.run_id), Style.ID), Cell(_asked(step), Style.DIM))
                self._diagnostics.changing("queued …")
            case follower.RUN_STARTED, None:
                self._diagnostics.changing("started …")
            case follower.RUN_CANCELLING, None:
                self._diagnostics.changing("cancelling …")
            case follower.RUN_WAITING, None:
                since = f" since {step.since.astimezone():%H:%M:%S}" if step.since else ""
                self._diagnostics.say(f"waiting for storage{since}; Ctrl-C cancels the run")
            case follower.RUN_RESUMED, None:
                self._diagnostics.say("storage answers again")
            case follower.NODE_STARTED, NodeRun() as node:
                self._running[node.node_id] = node.name
                self._diagnostics.changing("▶ " + ", ".join(self._running.values()))
            case follower.NODE_FINISHED, NodeRun() as node:
                self._finished(node)

    def _finished(self, node: NodeRun) -> None:
        self._running.pop(node.node_id, None)
        if not node.is_check or node.status is not NodeStatus.SUCCESS:
            self._node_line(node)
        if self._running:
            self._diagnostics.changing("▶ " + ", ".join(self._running.values()))

    def _node_line(self, node: NodeRun) -> None:
        rows = "" if node.rows is None else f"{count(node.rows)} {'failing' if node.is_check else 'rows'}"
        short = self._id(node.snapshot_id)
        self._out.line(
            "  ",
            glyph(node.status),
            f" {node.name:<{_NAME_CELLS}}  ",
            Cell(f"{node.kind:<9}", Style.DIM),
            f"{rows:>14}  ",
            Cell(f"{short:<{5 if self._out.for_person else 19}}", Style.ID),
            Cell(f"{duration(node.duration_s):>9}", Style.DIM),
        )
        if node.message and node.status in (NodeStatus.FAILED, NodeStatus.WARNED):
            for line in node.message.splitlines():
                self._out.line("      ", Cell(line, Style.BAD if node.status is NodeStatus.FAILED else Style.WARN))

    def end(self, summary: Summary) -> None:
        run = summary.run
        for line in run.error.splitlines():
            self._out.line("  ", Cell(line, Style.BAD))
        took = duration(run_duration(run))
        self._out.line(
            glyph(run.status),
            f" run {self._id(run.run_id)} {run.status}" + (f" in {took}" if took else ""),
            Cell(f" · {plural(len(summary.assets), 'asset')} · {_told(summary.checks)}", Style.DIM),
        )

    def _id(self, each: object | None) -> str:
        return self._out.ids([each])(each)


def write_made(out: Output, summary: Summary) -> None:
    """What a run made, as a table."""
    short = out.ids([made.snapshot_id for made in summary.assets])
    out.table(
        (Column("asset", elastic=True), Column("table", elastic=True), Column("rows", right=True), Column("snapshot")),
        [
            (
                made.asset,
                made.table or "",
                count(made.rows),
                Cell(short(made.snapshot_id), Style.ID),
            )
            for made in summary.assets
        ],
    )


def _asked(step: Step) -> str:
    words = [f" --select {step.run.selection}" if step.run.selection else " everything"]
    if step.run.exclude:
        words.append(f" --exclude {step.run.exclude}")
    if step.run.full_refresh:
        words.append(" --full-refresh")
    return "".join(words)


def _told(checks: Checked) -> str:
    return f"checks: {checks.passed} passed, {checks.failed} failed, {checks.warned} warned"
