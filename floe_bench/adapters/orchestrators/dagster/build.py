"""One dbt build inside a Dagster run: dbt's event stream becomes Dagster events and journal lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliEventMessage, DbtCliInvocation, DbtProject

from floe_bench.adapters.dbt.pause import WORDS as PAUSED
from floe_bench.adapters.orchestrators.dagster.journal import JournalWriter
from floe_bench.adapters.orchestrators.dagster.node import checked_asset, compiled_name, key_of, kind_of, table_of
from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeRun, NodeStatus

DagsterEvent = dg.Output[Any] | dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckResult | Any

_STATUS = {
    "success": NodeStatus.SUCCESS,
    "pass": NodeStatus.SUCCESS,
    "no-op": NodeStatus.SUCCESS,
    "warn": NodeStatus.WARNED,
    "skipped": NodeStatus.SKIPPED,
}
_RESULTS = ("LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult")


@dataclass(slots=True)
class Build:
    """Consumes one invocation. dbt prints a node's result before its adapter response, so results wait for it."""

    invocation: DbtCliInvocation
    context: dg.AssetExecutionContext
    manifest: Mapping[str, Any]
    journal: JournalWriter
    links: Path
    project: DbtProject
    ingredients: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By node id, as they are in this run."""
    own: str | None = None
    """The only asset whose events are outputs of the Dagster step; None: every one."""
    finished: dict[str, NodeRun] = field(default_factory=dict)
    _held: dict[str, DbtCliEventMessage] = field(default_factory=dict)
    _batches: dict[str, list[NodeRun]] = field(default_factory=dict)

    def events(self) -> Iterator[DagsterEvent]:
        for event in self.invocation.stream_raw_events():
            yield from self._take(event)

    def _take(self, event: DbtCliEventMessage) -> Iterator[DagsterEvent]:
        raw = event.raw_event
        name, node_id = raw["info"]["name"], raw["data"].get("node_info", {}).get("unique_id", "")
        self._log(raw, node_id)
        if self._is_no_work(node_id):
            return
        if name == "NodeStart":
            # Each batch of a microbatch model starts the node again.
            if node_id not in self._batches:
                self._batches[node_id] = []
                self.journal.node(self._node(raw, NodeStatus.RUNNING))
        elif name in _RESULTS:
            self._held[node_id] = event
        elif name == "NodeFinished":
            response = raw["data"].get("run_result", {}).get("adapter_response", {}) or {}
            held = self._held.pop(node_id, None)
            finished = self._finished(raw, response)
            self._link(finished, response)
            if held is None and finished.snapshot_id is not None:
                self._batch(finished)
                return
            finished = _whole(finished, self._batches.pop(node_id, []))
            self.journal.node(finished)
            self.finished[node_id] = finished
            if held is not None:
                yield from self._dagster_events(held, finished, response)

    def _batch(self, finished: NodeRun) -> None:
        """dbt gives the result of a batch like a node's, but announces no model result for it."""
        batches = self._batches.setdefault(finished.node_id, [])
        batches.append(finished)
        word = f"batch {len(batches)}: {finished.message}"
        self.journal.node(replace(finished, status=NodeStatus.RUNNING, duration_s=None, message=word))

    def _is_no_work(self, node_id: str) -> bool:
        """dbt reports on exposures and ephemeral models too; nothing is done for them."""
        known = self.manifest["nodes"].get(node_id)
        return node_id.startswith("exposure.") or (known is not None and kind_of(known) == "ephemeral")

    def _dagster_events(
        self, event: DbtCliEventMessage, node: NodeRun, response: Mapping[str, Any]
    ) -> Iterator[DagsterEvent]:
        extra = self._metadata(node, response)
        for found in event.to_default_asset_events(
            manifest=self.manifest,
            dagster_dbt_translator=self.invocation.dagster_dbt_translator,
            context=self.context if self.own in (None, node.asset) else None,
            target_path=self.invocation.target_path,
            project=self.project,
        ):
            if isinstance(found, dg.Output):
                yield dg.Output(
                    value=None, output_name=found.output_name, metadata={**found.metadata, **extra}, tags=found.tags
                )
            elif isinstance(found, dg.AssetMaterialization):
                yield found.with_metadata({**found.metadata, **extra})
            else:
                yield found

    def _metadata(self, node: NodeRun, response: Mapping[str, Any]) -> dict[str, Any]:
        """What a materialization carries beside dbt's own: see docs/reference, "Materialization metadata"."""
        known = self.manifest["nodes"].get(node.node_id, {})
        found: dict[str, Any] = {
            "floe/checksum": str(known.get("checksum", {}).get("checksum", "")),
            "floe/inputs": dg.MetadataValue.json(_inputs(response)),
            "floe/ingredients": dg.MetadataValue.json(dict(self.ingredients.get(node.node_id, {}))),
        }
        if node.snapshot_id is not None:
            found["iceberg/snapshot_id"] = str(node.snapshot_id)
            found["iceberg/table"] = str(response.get("table") or table_of(known))
            found["iceberg/operation"] = str(response.get("operation", ""))
            found["iceberg/bytes"] = int(float(response.get("bytes") or 0))
            hooks = [str(each) for each in _list(response.get("hook_snapshot_ids"))]
            found["iceberg/hook_snapshot_ids"] = dg.MetadataValue.json(hooks)
        if node.rows is not None:
            found["dagster/row_count"] = node.rows
        if node.compiled_path:
            found["dbt/compiled_sql"] = dg.MetadataValue.path(node.compiled_path)
        return found

    def _link(self, node: NodeRun, response: Mapping[str, Any]) -> None:
        """Snapshots that DuckDB committed for the node (a hook's DELETE) carry no mark of ours: it is kept here."""
        ids = _list(response.get("hook_snapshot_ids"))
        if not ids:
            return
        with self.links.open("a") as file:
            for each in ids:
                link = {"snapshot_id": str(each), "run_id": self.context.run_id, "asset": node.asset}
                file.write(json.dumps(link) + "\n")

    def _node(self, raw: Mapping[str, Any], status: NodeStatus) -> NodeRun:
        info = raw["data"]["node_info"]
        node_id = info["unique_id"]
        known = self.manifest["nodes"].get(node_id) or self.manifest.get("unit_tests", {}).get(node_id) or {}
        kind = str(info.get("resource_type", known.get("resource_type", "")))
        return NodeRun(
            node_id=node_id,
            name=str(info.get("node_name", node_id)),
            kind=kind,
            status=status,
            asset=self._asset(kind, known),
            started_at=_time(info.get("node_started_at")) or _time(raw["info"]["ts"]),
        )

    def _asset(self, kind: str, known: Mapping[str, Any]) -> str | None:
        if kind == "test":
            return checked_asset(self.manifest, known)
        if kind == "unit_test":
            tested = known.get("tested_node_unique_id") or next(iter(known.get("depends_on", {}).get("nodes", [])), "")
            node = self.manifest["nodes"].get(tested)
            return key_of(node) if node else None
        return key_of(known) if known else None

    def _finished(self, raw: Mapping[str, Any], response: Mapping[str, Any]) -> NodeRun:
        result = raw["data"].get("run_result", {})
        status = _STATUS.get(str(result.get("status", "")).lower(), NodeStatus.FAILED)
        if PAUSED in str(result.get("message", "")):
            status = NodeStatus.SKIPPED
        node = self._node(raw, status)
        snapshot = response.get("snapshot_id")
        rows = result.get("num_failures") if node.is_check else response.get("rows", response.get("rows_affected"))
        return NodeRun(
            node_id=node.node_id,
            name=node.name,
            kind=node.kind,
            status=status,
            asset=node.asset,
            started_at=node.started_at,
            duration_s=round(float(result.get("execution_time") or 0.0), 3),
            rows=None if rows is None else int(float(rows)),
            snapshot_id=int(snapshot) if snapshot else None,
            message=str(result.get("message", "")),
            compiled_path=self._compiled(node.node_id),
        )

    def _compiled(self, node_id: str) -> str:
        known = self.manifest["nodes"].get(node_id)
        file = self.invocation.target_path / "compiled" / compiled_name(known) if known else None
        return str(file) if file and file.exists() else ""

    def _log(self, raw: Mapping[str, Any], node_id: str) -> None:
        level = raw["info"]["level"]
        text = str(raw["info"]["msg"]).strip()
        if level == "debug" or not text:
            return
        self.journal.log(
            LogLine(
                at=_time(raw["info"]["ts"]) or datetime.now(UTC),
                level=level,
                source="dbt",
                text=text,
                run_id=self.context.run_id,
                node_id=node_id or None,
            )
        )


def _whole(node: NodeRun, batches: list[NodeRun]) -> NodeRun:
    """A microbatch model's own result names neither rows nor snapshot: those are its batches'."""
    if not batches:
        return node
    rows = sum(batch.rows or 0 for batch in batches)
    word = f"{len(batches)} batches, {rows} rows, last snapshot {batches[-1].snapshot_id}"
    return replace(node, rows=rows, snapshot_id=batches[-1].snapshot_id, message=word)


def _inputs(response: Mapping[str, Any]) -> dict[str, str]:
    found = response.get("inputs") or {}
    if isinstance(found, str):
        found = json.loads(found)
    return {str(table): str(snapshot) for table, snapshot in found.items()}


def _list(found: object) -> list[object]:
    if isinstance(found, str):
        found = json.loads(found) if found else []
    return list(found) if isinstance(found, list | tuple) else []


def _time(text: object) -> datetime | None:
    if not isinstance(text, str) or text in ("", "None"):
        return None
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
