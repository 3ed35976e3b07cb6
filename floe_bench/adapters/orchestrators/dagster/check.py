"""A dbt test as one statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from floe_bench.adapters.orchestrators.dagster.node import checked_asset, table_of, upstream_of
from floe_bench.adapters.orchestrators.dagster.node_process import NodeProcess
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.warm.process import WarmParent
from floe_bench.errors import NoSuchNode, UsageError
from floe_bench.model.bisection import Check
from floe_bench.model.command import to_type

_FOLDER = "check"
"""Below the runs' folders: where dbt compiles a test that no run asked for."""


def read_check(
    typed: str, place: Place, warm: WarmParent, environment: Mapping[str, str], *, cancelled: Callable[[], bool]
) -> Check:
    """As ``ports.check.CanReadChecks.check``; one at a time."""
    manifest = json.loads(place.manifest.read_text())
    node = _found(manifest, typed)
    reads = tuple(dict.fromkeys(str(table_of(parent)) for parent in upstream_of(manifest, node)))
    if not reads:
        raise UsageError(f"{node['name']} reads no table that dbt knows of", remedy="name its tables with ref()")
    asked = {"run_id": _FOLDER, "node_id": node["unique_id"], "tags": {}}
    process = NodeProcess(place, warm, environment, folder=place.run(_FOLDER))
    try:
        compiled = process.ask("compile", asked, cancelled=cancelled)["compiled"]
    finally:
        process.close()
    return Check(node["unique_id"], node["name"], framed(compiled, node["config"]), reads)


def framed(compiled: str, config: Mapping[str, Any]) -> str:
    """What dbt runs: the test in the frame that counts its failures, and says what that many mean.

    Source: dbt docs, "severity, error_if, and warn_if", "fail_calc", "limit".
    """
    severity = str(config.get("severity") or "ERROR").upper()
    failures, warns = config.get("fail_calc") or "count(*)", config.get("warn_if") or "!= 0"
    fails = f"{failures} {config.get('error_if') or '!= 0'}" if severity == "ERROR" else "false"
    limit = f"limit {int(config['limit'])}" if config.get("limit") else ""
    return (
        f"select {failures} as failures, {failures} {warns} as warns, {fails} as fails\n"
        f"from (\n{compiled}\n{limit}\n) dbt_internal_test"
    )


def _found(manifest: Mapping[str, Any], typed: str) -> Mapping[str, Any]:
    """Raises NoSuchNode, UsageError."""
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    found = [node for node in tests if typed in (node["name"], node["unique_id"])]
    if len(found) == 1:
        one: Mapping[str, Any] = found[0]
        return one
    if found:
        raise NoSuchNode(f"'{typed}' fits {len(found)} tests", remedy=to_type("bisect", found[0]["unique_id"]))
    if any(typed in (node["name"], node["unique_id"]) for node in manifest.get("unit_tests", {}).values()):
        raise UsageError(f"{typed} is a unit test: it reads rows of its own, which have no history")
    own = [node["name"] for node in tests if (checked_asset(manifest, node) or "").rpartition("/")[2] == typed]
    if own:
        raise UsageError(f"{typed} is an asset; its tests: {', '.join(own)}", remedy=to_type("bisect", own[0]))
    raise NoSuchNode(f"there is no test '{typed}'", remedy="floe-bench runs RUN lists the tests of a run")
