"""Nouns for tests: everything has a sound default, a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from floe_bench.model.asset import Asset
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def asset(key: str = "staging/stg_orders", **changes: Any) -> Asset:
    group, _, name = key.rpartition("/")
    known: dict[str, Any] = {"asset": key, "kind": "table", "group": group, "table": f"{group or 'shop'}.{name}"}
    return Asset(**(known | changes))


def node(name: str = "stg_orders", **changes: Any) -> NodeRun:
    known: dict[str, Any] = {
        "node_id": f"model.shop.{name}",
        "name": name,
        "kind": "model",
        "status": NodeStatus.SUCCESS,
        "asset": f"staging/{name}",
        "started_at": NOON,
        "duration_s": 0.5,
    }
    return NodeRun(**(known | changes))


def run(run_id: str = "7f3a0000-0000-4000-8000-000000000001", **changes: Any) -> Run:
    known: dict[str, Any] = {
        "run_id": run_id,
        "status": RunStatus.SUCCESS,
        "launched_by": "cli",
        "queued_at": NOON,
        "started_at": after(1),
        "ended_at": after(3),
    }
    return Run(**(known | changes))


def snapshot(snapshot_id: int = 8841000000000000001, **changes: Any) -> Snapshot:
    known: dict[str, Any] = {
        "snapshot_id": snapshot_id,
        "parent_id": None,
        "committed_at": NOON,
        "operation": "append",
    }
    return Snapshot(**(known | changes))


def table(name: str = "staging.stg_orders", **changes: Any) -> Table:
    known: dict[str, Any] = {
        "table": name,
        "namespace": name.rpartition(".")[0],
        "snapshot_id": 8841000000000000001,
        "rows": 3,
        "files": 1,
        "bytes": 2048,
        "updated_at": NOON,
    }
    return Table(**(known | changes))


def dbt_project(folder: Path, *, name: str = "shop", more: str = "") -> Path:
    """The smallest dbt project there is, on disk; its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text(f"name: {name}\nversion: '1.0'\nprofile: {name}\n{more}")
    return folder
