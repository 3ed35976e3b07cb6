"""Executes a stepped run's nodes: ``python -m …dagster.node_worker``, requests as JSON lines on standard input.

``{"id", "do", "answers", …}`` is answered by one line of the file ``answers``: ``{"id", …}``, or ``{"id", "error"}``.
It ends when its input does, which is when the run stops: between two nodes no process of it is left.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.dagster.journal import announce
from floe_bench.adapters.orchestrators.dagster.place import PROJECT_VARIABLE, Place
from floe_bench.errors import BenchError, ParseFailed

Request = Mapping[str, Any]


def main() -> int:
    from floe_bench.adapters.orchestrators.dagster.sqlite import keep_engines, spare_the_disk

    spare_the_disk()
    keep_engines()
    place = Place.described(os.environ[PROJECT_VARIABLE])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = _DO[request["do"]](place, request)
        except BenchError as error:
            answer = {"error": {"kind": error.kind, "message": error.message, "remedy": error.remedy}}
        with Path(request["answers"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"id": request["id"], **answer}) + "\n")
    return 0


def _select(place: Place, request: Request) -> dict[str, Any]:
    from floe_bench.adapters.orchestrators.dagster.select import selected

    return asdict(selected(place, request["select"], request["exclude"]))


def _open(place: Place, request: Request) -> dict[str, Any]:
    import dagster as dg

    from floe_bench.adapters.orchestrators.dagster.step_asset import StepAssets
    from floe_bench.adapters.orchestrators.dagster.step_log import started

    job = StepAssets(place).job(request["nodes"])
    with dg.DagsterInstance.get() as instance:
        after = request["after"]
        run = instance.create_run_for_job(
            job, run_id=request["run_id"], tags=request["tags"], parent_run_id=after, root_run_id=after
        )
        started(instance, run)
    return {}


def _run(place: Place, request: Request) -> dict[str, Any]:
    """One node is one step of the run, or the steps of a Python asset and its checks."""
    import dagster as dg
    from dagster._core.definitions.job_base import InMemoryJob
    from dagster._core.execution.api import create_execution_plan, execute_plan
    from dagster._core.execution.plan.state import KnownExecutionState

    from floe_bench.adapters.orchestrators.dagster.step_asset import StepAssets

    announce(place.run(request["run_id"]))
    job = StepAssets(place).job([request["node"]])
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(request["run_id"])
        assert run is not None
        # Dagster's own way to hand one step of a run to another process; earlier attempts make it a restart.
        keys = [step.key for step in create_execution_plan(job).get_steps_to_execute_in_topo_order()]
        known = KnownExecutionState(previous_retry_attempts=dict.fromkeys(keys, int(request["attempt"])))
        plan = create_execution_plan(job, known_state=known, instance_ref=instance.get_ref(), tags=run.tags)
        events = execute_plan(plan, InMemoryJob(job), instance, run)
    return {"steps": [event.step_key for event in events if event.is_step_failure], "checks": _checks(events)}


def _compile(place: Place, request: Request) -> dict[str, Any]:
    from floe_bench.adapters.orchestrators.dagster.definitions import dbt_resource, reuse_parse
    from floe_bench.adapters.orchestrators.dagster.node import compiled_name
    from floe_bench.adapters.orchestrators.dagster.step_asset import StepAssets, build_flags, node_selection

    target = place.run(request["run_id"]) / "preview"
    target.mkdir(parents=True, exist_ok=True)
    reuse_parse(place, target)
    manifest = StepAssets(place).manifest
    words = node_selection(manifest, [request["node_id"]])
    arguments = ["compile", *build_flags(request["tags"]), "--select", *words]
    invocation = dbt_resource(place).cli(arguments, target_path=target, raise_on_error=False)
    events = [event.raw_event["info"] for event in invocation.stream_raw_events()]
    said = [event["msg"] for event in events if event["level"] == "error"]
    if not invocation.is_successful():
        raise ParseFailed("\n".join(dict.fromkeys(said)) or "dbt gave no reason")
    file = target / "compiled" / compiled_name(manifest["nodes"][request["node_id"]])
    return {"compiled": file.read_text(errors="replace") if file.exists() else ""}


def _checks(events: Any) -> list[str]:
    from dagster import AssetCheckSeverity

    found = [
        event.asset_check_evaluation_data for event in events if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    return [
        "passed" if each.passed else "warned" if each.severity == AssetCheckSeverity.WARN else "failed"
        for each in found
    ]


_DO: Mapping[str, Callable[[Place, Request], dict[str, Any]]] = {
    "select": _select,
    "open": _open,
    "run": _run,
    "compile": _compile,
}


if __name__ == "__main__":
    sys.exit(main())
