"""The project, as Dagster and dbt see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from floe_bench.adapters.orchestrators.dagster.node import assets_of
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.model.project import Project
from floe_bench.ports.site import Running
from floe_bench.wiring.examination.check import Check, Seen, failed, warned, well

_ENGINE_LOG = "floe-bench logs --source engine"
_READ_LIMIT_S = 120.0
"""A large project is parsed for a minute when it is opened for the first time."""
_COUNTED = 20


def project_checks(project: Project, running: Running) -> Iterator[Check]:
    place = Place(project)
    yield Check("dagster", partial(dagster, place, running), _ENGINE_LOG, needs=("stack",), limit_s=_READ_LIMIT_S)
    yield Check("dbt project", partial(dbt, place, running), _ENGINE_LOG, needs=("dagster",), limit_s=_READ_LIMIT_S)
    yield Check("manifest", partial(manifest, place, running), "floe-bench assets", needs=("dbt project",))


def dagster(place: Place, running: Running) -> Seen:
    count = len(running.orchestrator(parsed=False).runs(_COUNTED))
    more = " or more" if count == _COUNTED else ""
    return well(f"{count}{more} run{'' if count == 1 else 's'} in DAGSTER_HOME {place.home}")


def dbt(place: Place, running: Running) -> Seen:
    running.orchestrator()
    made = assets_of(json.loads(place.manifest.read_text()))
    count = len(made)
    return well(f"{place.project.name} parses: {count} dbt asset{'' if count == 1 else 's'}")


def manifest(place: Place, running: Running) -> Seen:
    if not place.manifest.exists():
        return failed(f"there is no {place.manifest}", fix="floe-bench assets")
    at = datetime.fromtimestamp(place.manifest.stat().st_mtime, UTC)
    if running.orchestrator().changed_files():
        return warned(f"files were saved since the manifest of {at:%Y-%m-%d %H:%M:%S} UTC", fix="floe-bench assets")
    return well(f"of {at:%Y-%m-%d %H:%M:%S} UTC, no file was saved since")
