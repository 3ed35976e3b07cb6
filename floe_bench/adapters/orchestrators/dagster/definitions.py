"""The project as Dagster definitions: dbt assets from the manifest, Python assets from the project's own module."""

# No `from __future__ import annotations` here: Dagster reads the parameter types of an asset function as objects.

import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtProject, dbt_assets

from floe_bench.adapters.dbt.branch_name import VARIABLE as BRANCH_VARIABLE
from floe_bench.adapters.dbt.pause import VARIABLE as PAUSE_VARIABLE
from floe_bench.adapters.orchestrators.dagster.build import Build
from floe_bench.adapters.orchestrators.dagster.cli_resource import BenchDbt
from floe_bench.adapters.orchestrators.dagster.gate import gated
from floe_bench.adapters.orchestrators.dagster.ingredient import with_variables
from floe_bench.adapters.orchestrators.dagster.io_manager import io_manager
from floe_bench.adapters.orchestrators.dagster.journal import JournalWriter
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.rehearsed import rehearsed
from floe_bench.adapters.orchestrators.dagster.select import indirect_selection
from floe_bench.adapters.orchestrators.dagster.tag import (
    EXCLUDE,
    FULL_REFRESH,
    PYTHON_ASSET,
    REHEARSAL,
    SELECT,
    VARIABLES,
)
from floe_bench.adapters.orchestrators.dagster.translator import BenchTranslator
from floe_bench.errors import ConfigInvalid, ParseFailed
from floe_bench.model.rehearsal import branch_of


def definitions(place: Place) -> dg.Definitions:
    """Everything that can be materialized here. Where the stack answers is in the environment (``Place.environment``).

    Raises:
        ParseFailed: the project has not been parsed yet.
        ConfigInvalid: the Python assets' module cannot be imported.
    """
    if not place.manifest.exists():
        raise ParseFailed(f"{place.project.name} has not been parsed yet", remedy="floe-bench assets")
    manifest = json.loads(place.manifest.read_text())
    resources = {"dbt": dbt_resource(place), "iceberg": io_manager()}
    return dg.Definitions.merge(
        dg.Definitions(assets=[_dbt_assets(place, manifest)], resources=resources), python_assets(place)
    )


def dbt_resource(place: Place) -> BenchDbt:
    """dbt for this project; everything that it writes goes into the state folder."""
    return BenchDbt(
        project_dir=str(place.project.dbt_dir),
        profiles_dir=str(place.profiles),
        profile=place.project.profile,
        dbt_executable=str(Path(sys.executable).parent / "floe-bench-dbt"),
    )


def _dbt_assets(place: Place, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    project = DbtProject(
        project_dir=place.project.dbt_dir,
        target_path=place.target,
        profiles_dir=place.profiles,
        profile=place.project.profile,
    )
    translator = BenchTranslator()

    @dbt_assets(manifest=manifest, dagster_dbt_translator=translator, project=project, name="dbt")
    def build(context: dg.AssetExecutionContext, dbt: BenchDbt) -> Iterator[Any]:
        tags = context.run.tags
        target = place.run(context.run_id) / "target"
        target.mkdir(parents=True, exist_ok=True)
        reuse_parse(place, target)
        pause = place.pause(context.run_id)
        if pause.exists():
            raise dg.Failure("paused before the build began", allow_retries=False)
        rehearsal = tags.get(REHEARSAL)
        branch = branch_of(rehearsal) if rehearsal else ""
        with JournalWriter(place.run(context.run_id)) as journal, run_id_in_environment(context.run_id, pause, branch):
            invocation = dbt.cli(
                _arguments(place, tags),
                # With the selection as typed dbt decides itself; else dagster-dbt translates Dagster's subset.
                context=None if SELECT in tags or EXCLUDE in tags else context,
                manifest=manifest,
                dagster_dbt_translator=translator,
                target_path=target,
            )
            made_of = ingredients_of(place, tags.get(VARIABLES))
            found = Build(invocation, context, manifest, journal, place.links, project, made_of).events()
            yield from rehearsed(found, context) if rehearsal else found

    return build


def _arguments(place: Place, tags: Mapping[str, str]) -> list[str]:
    # dbt tells when a node starts, and what the adapter answered, on its debug level only.
    arguments = ["build", "--log-level", "debug", "--indirect-selection", indirect_selection()]
    if tags.get(FULL_REFRESH):
        arguments.append("--full-refresh")
    if tags.get(VARIABLES):
        arguments += ["--vars", tags[VARIABLES]]
    if SELECT in tags:
        # Of namespaces that it does not build in dbt needs no list of tables.
        arguments.append("--cache-selected-only")
    for flag, tag in (("--select", SELECT), ("--exclude", EXCLUDE)):
        if tags.get(tag):
            words = [word for word in tags[tag].split() if not word.startswith(PYTHON_ASSET)]
            # One argument: dagster-dbt takes only the first word after the flag for the selection.
            arguments += [flag, " ".join(words)] if words else []
    if "state:" in tags.get(SELECT, "") + tags.get(EXCLUDE, ""):
        arguments += ["--state", str(place.last_good)]
    return arguments


def ingredients_of(place: Place, given: str | None) -> Mapping[str, Mapping[str, str]]:
    """What each node's code is made of in a run that was ``given`` these ``--vars``."""
    found = place.ingredients_by_node()
    if not given:
        return found
    import yaml

    # What is no mapping dbt refuses, before any node is made.
    named = yaml.safe_load(given)
    return {each: with_variables(parts, named) for each, parts in found.items()} if isinstance(named, dict) else found


def reuse_parse(place: Place, target: Path) -> None:
    parsed = place.target / "partial_parse.msgpack"
    if parsed.exists():
        (target / parsed.name).write_bytes(parsed.read_bytes())


class run_id_in_environment:  # noqa: N801 - a with-statement reads as words
    """Tells the dbt child which run it belongs to. Not by --vars: changed vars make dbt parse everything again."""

    def __init__(self, run_id: str, pause: Path | None = None, branch: str = "") -> None:
        self._told = {"DAGSTER_RUN_ID": run_id, BRANCH_VARIABLE: branch}
        self._told |= {PAUSE_VARIABLE: str(pause)} if pause else {}

    def __enter__(self) -> None:
        os.environ.update(self._told)

    def __exit__(self, *_: object) -> None:
        for name in self._told:
            os.environ.pop(name, None)


def python_assets(place: Place) -> dg.Definitions:
    module = place.project.dagster_module
    if not module:
        return dg.Definitions()
    for folder in (place.project.dbt_dir, place.project.root):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    # The project's folders are not ours to write into.
    sys.dont_write_bytecode = True
    try:
        found = importlib.import_module(module)
    except Exception as error:
        raise ConfigInvalid(
            f"the Python assets' module '{module}' cannot be imported: {type(error).__name__}: {error}",
            remedy="correct dagster_module in floe-bench.toml",
            where=str(place.project.root / "floe-bench.toml"),
        ) from error
    assets = dg.load_assets_from_modules([found])
    gated(assets)
    return dg.Definitions(assets=assets, asset_checks=dg.load_asset_checks_from_modules([found]))
