"""Where the time of one model's run goes, from "materialize this" to what a client knows.

python benchmarks/way.py [ROUNDS]

The times are everybody's own: the client's clock, Dagster's event log, dbt's log file, the snapshot in the catalog.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from dagster import DagsterEventType, DagsterInstance
from loop import MODEL, SCHEMA, bench, followed, materialize

from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.config.project import find_project
from floe_bench.core.demo import copy
from floe_bench.engine.client import EngineClient
from floe_bench.events import NodeChanged, RunChanged
from floe_bench.model.run import NodeStatus

THINKING_S = 4.0
"""Between two runs, as of a person: what is prepared ahead of the next is ready by then."""
Moment = tuple[str, float]
"""What had happened then, and when, in seconds since 1970."""


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = copy(Path(folder) / "demo")
        place = Place(find_project(project))
        with bench(project) as client, DagsterInstance.from_config(str(place.home)) as instance:
            materialize(client, None)
            materialize(client, MODEL)
            runs = [list(run(client, place, instance)) for _ in range(rounds)]
    print(f"one model ({MODEL}), {rounds} rounds, median seconds")
    print(f"  {'until':<58}{'took':>7}{'since the request':>20}")
    for place_in, (what, _) in enumerate(runs[0][1:], start=1):
        took = statistics.median(found[place_in][1] - found[place_in - 1][1] for found in runs)
        since = statistics.median(found[place_in][1] - found[0][1] for found in runs)
        print(f"  {what:<58}{took:>7.3f}{since:>20.3f}")


def run(client: EngineClient, place: Place, instance: DagsterInstance) -> Iterator[Moment]:
    time.sleep(THINKING_S)
    began, known, over, run_id = time.time(), 0.0, 0.0, ""
    for event in followed(client, MODEL):
        if isinstance(event, NodeChanged) and event.node.name == MODEL and event.node.status is NodeStatus.SUCCESS:
            known = time.time()
        if isinstance(event, RunChanged) and event.run.status.over:
            over, run_id = time.time(), event.run.run_id
            break
    dagster = {each.dagster_event_type: each.timestamp for each in instance.all_logs(run_id) if each.dagster_event}
    dbt = dict(said_by_dbt(place.run(run_id)))
    committed = max(each.committed_at for each in client.snapshots(f"{SCHEMA}.{MODEL}")).timestamp()
    yield "the request", began
    yield "the run's process is there, and Dagster begins the run", dagster[DagsterEventType.RUN_START]
    yield "Dagster begins its step", dagster[DagsterEventType.STEP_START]
    yield "dbt runs", dbt["MainReportVersion"]
    yield "dbt has the project, and knows what there is to do", dbt["ConcurrencyLine"]
    yield "dbt knows the tables of the lakehouse; the model begins", dbt["NodeStart"]
    yield "the model's SQL is compiled, DuckDB and the catalog open", dbt["SQLQuery"]
    yield "DuckDB has answered, the file is written, it is committed", committed
    yield "dbt says that the model is made", dbt["NodeFinished"]
    yield "a client knows", known
    yield "tests, and the run is over", over


def said_by_dbt(run: Path) -> Iterator[Moment]:
    """When each kind of line was said, of the model and of nobody in particular."""
    seen: set[str] = set()
    for line in (run / "target" / "dbt.log").read_text().splitlines():
        said = json.loads(line)
        name, of = said["info"]["name"], said["data"].get("node_info", {}).get("node_name")
        if name not in seen and (of == MODEL or name in ("MainReportVersion", "ConcurrencyLine")):
            seen.add(name)
            yield name, datetime.fromisoformat(said["info"]["ts"]).timestamp()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
