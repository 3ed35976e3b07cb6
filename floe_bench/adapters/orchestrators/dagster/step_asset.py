"""Assets of a stepped run: each dbt node is a Dagster step of its own, where a build is one step for them all."""

# No `from __future__ import annotations` here: Dagster reads the parameter types of an asset function as objects.

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg
from dagster_dbt import DbtProject

from floe_bench.adapters.orchestrators.dagster import tag
from floe_bench.adapters.orchestrators.dagster.build import Build
from floe_bench.adapters.orchestrators.dagster.cli_resource import BenchDbt
from floe_bench.adapters.orchestrators.dagster.definitions import (
    dbt_resource,
    ingredients_of,
    python_assets,
    reuse_parse,
    run_id_in_environment,
)
from floe_bench.adapters.orchestrators.dagster.io_manager import io_manager
from floe_bench.adapters.orchestrators.dagster.journal import JournalWriter
from floe_bench.adapters.orchestrators.dagster.node import checked_asset, selector, step_name
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.translator import BenchTranslator


@dataclass
class StepAssets:
    """One project's nodes, as definitions of those that are asked for."""

    place: Place

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.place.manifest.read_text())
        return found

    def job(self, nodes: Sequence[Mapping[str, Any]]) -> dg.JobDefinition:
        """``nodes``: ``{"asset", "node_id", "checks": [node ids]}`` each; checks run right after their node."""
        own = [self._asset(node) for node in nodes if not _is_python(node)]
        resources = {"dbt": dbt_resource(self.place), "iceberg": io_manager()}
        found = dg.Definitions(assets=own, resources=resources)
        if any(_is_python(node) for node in nodes):
            python = python_assets(self.place)
            stand_ins = dg.Definitions(assets=list(_read_from_outside(python, own)))
            found = dg.Definitions.merge(found, python, stand_ins)
        keys = [dg.AssetKey(str(node["asset"]).split("/")) for node in nodes]
        return found.resolve_implicit_global_asset_job_def().get_subset(asset_selection=set(keys))

    @cached_property
    def project(self) -> DbtProject:
        return DbtProject(
            project_dir=self.place.project.dbt_dir,
            target_path=self.place.target,
            profiles_dir=self.place.profiles,
            profile=self.place.project.profile,
        )

    @cached_property
    def translator(self) -> BenchTranslator:
        return BenchTranslator()

    def _asset(self, node: Mapping[str, Any]) -> dg.AssetsDefinition:
        spec = self.translator.get_asset_spec(self.manifest, node["node_id"], self.project)

        # Skippable: a model that fails makes no output, and says why itself.
        @dg.multi_asset(
            specs=[spec.replace_attributes(skippable=True)],
            check_specs=list(self._checks(spec, node)),
            name=step_name(node["asset"], ""),
        )
        def execute(context: dg.AssetExecutionContext, dbt: BenchDbt) -> Iterator[Any]:
            yield from self._events(node, context, dbt)

        return execute

    def _checks(self, spec: dg.AssetSpec, node: Mapping[str, Any]) -> Iterator[dg.AssetCheckSpec]:
        """Those of the asset itself; a test of another one is told as an evaluation."""
        for each in node["checks"]:
            if checked_asset(self.manifest, self.manifest["nodes"].get(each, {})) == node["asset"]:
                found = self.translator.get_asset_check_spec(spec, self.manifest, each, self.project)
                if found is not None:
                    yield found

    def _events(self, node: Mapping[str, Any], context: dg.AssetExecutionContext, dbt: BenchDbt) -> Iterator[Any]:
        place, run_id, made = self.place, context.run_id, False
        target = place.run(run_id) / "target"
        target.mkdir(parents=True, exist_ok=True)
        reuse_parse(place, target)
        with JournalWriter(place.run(run_id)) as journal, run_id_in_environment(run_id):
            invocation = dbt.cli(
                _arguments(self.manifest, node, context.run.tags),
                manifest=self.manifest,
                dagster_dbt_translator=self.translator,
                target_path=target,
                raise_on_error=False,
            )
            made_of = ingredients_of(place, context.run.tags.get(tag.VARIABLES))
            own = str(node["asset"])
            build = Build(invocation, context, self.manifest, journal, place.links, self.project, made_of, own=own)
            for found in build.events():
                made = made or isinstance(found, dg.Output)
                if isinstance(found, dg.AssetCheckEvaluation | dg.AssetObservation):
                    context.log_event(found)
                else:
                    yield found
        if not made:
            known = build.finished.get(node["node_id"])
            raise dg.Failure(known.message if known and known.message else f"dbt ended without making {node['asset']}")


def _read_from_outside(python: dg.Definitions, own: Sequence[dg.AssetsDefinition]) -> Iterator[dg.AssetSpec]:
    """What Python assets read and this job does not make: Dagster wants to know at least that it exists."""
    theirs = [each for each in python.assets or () if isinstance(each, dg.AssetsDefinition)]
    made = {key for each in (*theirs, *own) for key in each.keys}
    specs = {each.key for each in python.assets or () if isinstance(each, dg.AssetSpec | dg.SourceAsset)}
    read = {key for each in theirs for key in each.dependency_keys}
    yield from (dg.AssetSpec(key) for key in sorted(read - made - specs))


def node_selection(manifest: Mapping[str, Any], node_ids: Sequence[str]) -> list[str]:
    """Words that select exactly these: a name alone may also be a folder's."""
    every = {**manifest["nodes"], **manifest.get("unit_tests", {})}
    return [selector(every, every[each]) for each in node_ids if each in every]


def _arguments(manifest: Mapping[str, Any], node: Mapping[str, Any], tags: Mapping[str, str]) -> list[str]:
    wanted = node_selection(manifest, [node["node_id"], *node["checks"]])
    # dbt tells when a node starts, and what the adapter answered, on its debug level only.
    build = ["build", "--log-level", "debug", "--indirect-selection", "empty"]
    return [*build, *build_flags(tags), "--select", " ".join(wanted)]


def build_flags(tags: Mapping[str, str]) -> list[str]:
    """What was asked of every node of the run."""
    full = ["--full-refresh"] if tags.get(tag.FULL_REFRESH) else []
    return [*full, *(["--vars", tags[tag.VARIABLES]] if tags.get(tag.VARIABLES) else [])]


def _is_python(node: Mapping[str, Any]) -> bool:
    return str(node["node_id"]).startswith("python.")
