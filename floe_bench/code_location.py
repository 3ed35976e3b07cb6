"""The opened project as an ordinary Dagster code location.

``DAGSTER_HOME=<project>/.floe-bench/dagster FLOE_BENCH_PROJECT=<project> dagster dev -m floe_bench.code_location``

Dagster imports this module again in every process that it starts for a run.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from floe_bench.adapters.orchestrators.dagster.place import PROJECT_VARIABLE, Place
from floe_bench.config.project import find_project
from floe_bench.config.settings import load_settings
from floe_bench.wiring.site import ProjectSite

if TYPE_CHECKING:
    from dagster import Definitions

log = logging.getLogger(__name__)

_ADDRESS, _CREDENTIAL = "PYICEBERG_CATALOG__FLOE__URI", "PYICEBERG_CATALOG__FLOE__CREDENTIAL"


def load() -> Definitions:
    """What of the project can be materialized, on the stack that runs now.

    Raises:
        StackNotReady: it does not run.
        NoProject, ConfigInvalid, ParseFailed: as the bench would.
    """
    site = _site()
    place = Place(site.project)
    _warn_of_another_home(place)
    os.environ.update(_stack_environment(site))
    from floe_bench.adapters.orchestrators.dagster.definitions import definitions
    from floe_bench.adapters.orchestrators.dagster.parse import read_project

    read_project(place, place.environment({}))
    return definitions(place)


def _site() -> ProjectSite:
    named = os.environ.get(PROJECT_VARIABLE)
    project = Place.described(named).project if named else find_project()
    return ProjectSite(project, stack=load_settings(project.root).stack)


def _stack_environment(site: ProjectSite) -> dict[str, str]:
    """Empty where a parent process, this module in it, filled the environment for the same stack already."""
    endpoints = site.stack.attach()
    if _CREDENTIAL in os.environ and os.environ.get(_ADDRESS) == endpoints.catalog_uri:
        return {}
    # Not only what is missing: a shell may still hold the variables of another project's lakehouse.
    return site.environment(endpoints)


def _warn_of_another_home(place: Place) -> None:
    home = os.environ.get("DAGSTER_HOME")
    if home is None or Path(home).resolve() != place.home.resolve():
        log.warning("floe-bench shows runs of DAGSTER_HOME=%s only; it is %s here", place.home, home or "not set")


defs = load()
