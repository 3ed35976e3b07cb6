"""The run worker: one Dagster run in one process. ``python -m …dagster.worker`` with a request on standard input.

Dagster redirects the process's file descriptors, resets logging and deadlocks when runs share a process, so a run never
shares one. Exit codes: 0 success, 1 failed, 3 it could not start.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.dagster.event_log import begun, empty_log
from floe_bench.adapters.orchestrators.dagster.journal import JournalWriter, announce
from floe_bench.adapters.orchestrators.dagster.place import PROJECT_VARIABLE, Place
from floe_bench.adapters.orchestrators.dagster.tag import EXCLUDE, JOB, REHEARSAL, SELECT
from floe_bench.errors import BenchError, NothingSelected
from floe_bench.model.answer import LogLine


@dataclass(frozen=True, slots=True)
class Ready:
    """What a run needs of the project and of Dagster, whichever run it is."""

    place: Place
    definitions: Any
    job: Any
    instance: Any
    empty_log: Path

    @classmethod
    def made(cls, place: Place | None = None) -> Ready:
        """Raises ParseFailed, ConfigInvalid."""
        import dagster as dg

        from floe_bench.adapters.orchestrators.dagster.compute_log import spare_the_watchers
        from floe_bench.adapters.orchestrators.dagster.definitions import definitions
        from floe_bench.adapters.orchestrators.dagster.sqlite import keep_engines, let_go, spare_the_disk

        place = place or Place.described(os.environ[PROJECT_VARIABLE])
        empty = empty_log(place)
        spare_the_disk()
        keep_engines(connected=True)
        spare_the_watchers()
        found = definitions(place)
        found.resolve_asset_graph()
        job, instance = found.resolve_implicit_global_asset_job_def(), dg.DagsterInstance.get()
        # Dagster looks at each of its files when it is first used, and a run of some assets names the job of all.
        instance.get_run_records(limit=1)
        instance.get_asset_records([dg.AssetKey(place.project.name)])
        job.get_job_snapshot_id()
        let_go()
        return cls(place, found, job, instance, empty)


def main(ready: Ready | None = None) -> int:
    """``ready`` was made before the request came."""
    place = Place.described(os.environ[PROJECT_VARIABLE])
    request = json.load(sys.stdin)
    run_id, tags = request["run_id"], request["tags"]
    announce(place.run(run_id))
    try:
        return 0 if _execute(ready or Ready.made(place), run_id, tags) else 1
    except BenchError as error:
        _give_up(place, run_id, tags, error)
        return 3


def _execute(ready: Ready, run_id: str, tags: Mapping[str, str]) -> bool:
    from floe_bench.adapters.orchestrators.dagster.sqlite import let_go

    with ready.instance as instance, begun(instance, ready.place, ready.empty_log, run_id):
        result = ready.job.execute_in_process(
            instance=instance,
            run_id=run_id,
            asset_selection=_selection(ready.place, ready.definitions, tags),
            tags=dict(tags),
            raise_on_error=False,
        )
        let_go()
    return bool(result.success)


def _selection(place: Place, found: Any, tags: Mapping[str, str]) -> Sequence[Any] | None:
    """The asset keys that dbt's selection stands for; None for everything."""
    import dagster as dg

    from floe_bench.adapters.orchestrators.dagster.select import selected_keys

    known = {key.to_user_string() for key in found.resolve_asset_graph().materializable_asset_keys}
    if REHEARSAL in tags:
        # Their IO manager writes to main.
        known -= {str(each["asset"]) for each in place.python_assets()}
    elif not _selects(tags):
        return None
    keys = selected_keys(place, tags.get(SELECT, ""), tags.get(EXCLUDE, "")) if _selects(tags) else tuple(known)
    chosen = [dg.AssetKey(key.split("/")) for key in keys if key in known]
    if not chosen:
        asked = " ".join(filter(None, (tags.get(SELECT), f"--exclude {tags[EXCLUDE]}" if EXCLUDE in tags else "")))
        raise NothingSelected(f"'{asked}' selects nothing that can be materialized", remedy="floe-bench assets")
    return chosen


def _selects(tags: Mapping[str, str]) -> bool:
    return SELECT in tags or EXCLUDE in tags


def _give_up(place: Place, run_id: str, tags: Mapping[str, str], error: BenchError) -> None:
    """A run that cannot start is a failed run with a reason, not a run that never was."""
    import dagster as dg

    with JournalWriter(place.run(run_id)) as journal:
        journal.log(LogLine(at=datetime.now(UTC), level="error", source="engine", text=error.message, run_id=run_id))
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(run_id)
        if run is None:
            run = instance.add_run(dg.DagsterRun(job_name=JOB, run_id=run_id, tags=dict(tags)))
        instance.report_run_failed(run, error.message)


if __name__ == "__main__":
    sys.exit(main())
