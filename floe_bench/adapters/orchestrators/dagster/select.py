"""Which assets a selection in dbt's syntax stands for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.dagster.node import checked_asset, is_table, key_of, upstream_of
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.tag import PYTHON_ASSET
from floe_bench.errors import NothingSelected, ParseFailed
from floe_bench.model.step import StepCheck
from floe_bench.ports.stepping import Selected

_OPERATORS = frozenset("+@*:,/\\.[]")


def selected_keys(place: Place, select: str, exclude: str) -> tuple[str, ...]:
    """Asset keys, in no order. ``asset:KEY`` words name Python assets; the rest is dbt's and dbt decides it.

    Raises:
        ParseFailed: dbt does not understand the selection.
        NothingSelected: a ``state:`` selector has nothing to compare with.
    """
    manifest = json.loads(place.manifest.read_text())
    words = select.split()
    python = tuple(word.removeprefix(PYTHON_ASSET) for word in words if word.startswith(PYTHON_ASSET))
    theirs = [word for word in words if not word.startswith(PYTHON_ASSET)]
    if not theirs and python:
        return python
    plain = None if exclude else _plain_names(manifest, theirs)
    ids = plain if plain is not None else _ask_dbt(place, theirs, exclude.split())
    tables = [manifest["nodes"][each] for each in ids if each in manifest["nodes"]]
    return (*python, *(key_of(node) for node in tables if is_table(node)))


def _plain_names(manifest: Mapping[str, Any], words: list[str]) -> list[str] | None:
    """Node ids when every word is just the name of one node, which saves starting dbt; None when dbt must decide."""
    nodes = [node for node in manifest["nodes"].values() if is_table(node)]
    folders = {part for node in nodes for part in node["fqn"][:-1]}
    by_name: dict[str, list[str]] = {}
    for node in nodes:
        by_name.setdefault(node["name"], []).append(node["unique_id"])
    found: list[str] = []
    for word in words:
        if _OPERATORS & set(word) or word in folders or len(by_name.get(word, ())) != 1:
            return None
        found += by_name[word]
    return found or None


def selected(place: Place, select: str, exclude: str) -> Selected:
    """As ``selected_keys``, with the tests that a build of the selection would run.

    Raises:
        ParseFailed, NothingSelected
    """
    manifest = json.loads(place.manifest.read_text())
    every = {**manifest["nodes"], **manifest.get("unit_tests", {})}
    python = [word.removeprefix(PYTHON_ASSET) for word in select.split() if word.startswith(PYTHON_ASSET)]
    theirs = [word for word in select.split() if not word.startswith(PYTHON_ASSET)]
    if theirs or exclude:
        ids = _ask_dbt(place, theirs, exclude.split(), "--indirect-selection", indirect_selection())
    else:
        ids = [] if python else list(every)
    if not (select or exclude):
        python = [str(each["asset"]) for each in place.python_assets()]
    found = [every[each] for each in ids if each in every]
    return Selected(
        assets=(*(key_of(node) for node in found if is_table(node)), *python),
        checks=tuple(_check(manifest, node) for node in found if node["resource_type"] in ("test", "unit_test")),
    )


def _check(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> StepCheck:
    return StepCheck(
        node_id=node["unique_id"],
        name=node["name"],
        asset=checked_asset(manifest, node),
        reads=tuple(dict.fromkeys(key_of(parent) for parent in upstream_of(manifest, node))),
    )


def indirect_selection() -> str:
    """dbt's default would also run a test that reads a table which neither the selection nor its ancestors build."""
    return os.environ.get("DBT_INDIRECT_SELECTION", "buildable")


def _ask_dbt(place: Place, select: list[str], exclude: list[str], *more: str) -> list[str]:
    from floe_bench.adapters.orchestrators.dagster.definitions import dbt_resource

    arguments = ["ls", "--output", "json", "--output-keys", "unique_id", "--quiet", *more]
    if select:
        # One argument each: dagster-dbt takes only the first word after the flag for the selection.
        arguments += ["--select", " ".join(select)]
    if exclude:
        arguments += ["--exclude", " ".join(exclude)]
    if any("state:" in word for word in (*select, *exclude)):
        if not (place.last_good / "manifest.json").exists():
            raise NothingSelected(
                "'state:' compares with the last successful run of everything, and there is none yet",
                remedy="floe-bench run",
            )
        arguments += ["--state", str(place.last_good)]
    invocation = dbt_resource(place).cli(arguments, target_path=_listing(place), raise_on_error=False)
    found, said = [], []
    for event in invocation.stream_raw_events():
        message = event.raw_event["info"]["msg"]
        if event.raw_event["info"]["level"] == "error":
            said.append(message)
        elif event.raw_event["info"]["name"] in ("ListCmdOut", "PrintEvent"):
            found += [json.loads(line)["unique_id"] for line in message.splitlines() if line.startswith("{")]
    if not invocation.is_successful():
        raise ParseFailed(f"dbt cannot select '{' '.join(select)}': {' '.join(said) or 'no reason given'}")
    return found


def _listing(place: Place) -> Path:
    target = place.target.parent / "listing"
    target.mkdir(exist_ok=True)
    parsed = place.target / "partial_parse.msgpack"
    if parsed.exists():
        (target / parsed.name).write_bytes(parsed.read_bytes())
    return target
