"""Reading the project: dbt parses it, in a process of its own, and the manifest becomes assets.

Run as ``python -m …dagster.parse`` it prints one JSON object: ``{"python": [...]}``, or ``{"error": …}``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.dagster.ingredient import (
    ingredients_of,
    project_properties,
    project_variables,
)
from floe_bench.adapters.orchestrators.dagster.node import assets_of
from floe_bench.adapters.orchestrators.dagster.place import PROJECT_VARIABLE, Place
from floe_bench.adapters.orchestrators.dagster.remembered import remember, remembered
from floe_bench.adapters.orchestrators.dagster.saved import files, fingerprint
from floe_bench.adapters.orchestrators.dagster.start import start
from floe_bench.adapters.orchestrators.warm.process import WarmParent
from floe_bench.config.project import DBT_FILE
from floe_bench.errors import BenchError, ParseFailed, by_kind
from floe_bench.model.asset import Asset


def read_project(
    place: Place, environment: Mapping[str, str], warm: WarmParent | None = None, *, seen: str | None = None
) -> tuple[Asset, ...]:
    """The project's assets; dbt is asked only when a file of the project changed since the last time. ``seen``: its
    fingerprint, when that was taken a moment ago.

    Raises:
        ParseFailed: dbt's own words, with file and line where it names them.
        ConfigInvalid: the module of Python assets cannot be imported.
    """
    place.prepare()
    seen, note = seen or fingerprint(place), place.target.parent / "fingerprint"
    if (known := remembered(place, seen)) is not None:
        return known
    if not (note.exists() and note.read_text() == seen and place.manifest.exists() and _complete(place)):
        note.unlink(missing_ok=True)
        place.python.write_text(json.dumps(_parse_elsewhere(place, environment, warm)))
        note.write_text(seen)
    manifest = json.loads(place.manifest.read_text())
    made_of = place.ingredients_by_node()
    found = (replace(each, ingredients=made_of.get(each.node_id or "", {})) for each in assets_of(manifest))
    assets = (*found, *(_python_asset(each) for each in place.python_assets()))
    remember(place, seen, assets)
    return assets


def _complete(place: Place) -> bool:
    return place.python.exists() and place.ingredients.exists()


def _parse_elsewhere(place: Place, environment: Mapping[str, str], warm: WarmParent | None) -> list[dict[str, Any]]:
    log = place.target.parent / "parse.log"
    with Path(os.devnull).open("rb") as nothing, log.open("wb") as output:
        start("parse", warm=warm, place=place, env=environment, stdin=nothing, output=output).wait()
    said = log.read_text(errors="replace").splitlines()
    answer = next((line for line in reversed(said) if line.startswith('{"')), None)
    if answer is None:
        raise ParseFailed(f"reading the project failed: {said[-1] if said else 'no output'}", remedy=f"less {log}")
    found = json.loads(answer)
    if "error" in found:
        error = found["error"]
        raise by_kind(error["kind"])(error["message"], remedy=error["remedy"], where=error["where"])
    return list(found["python"])


def _python_asset(found: Mapping[str, Any]) -> Asset:
    return Asset(
        asset=found["asset"],
        kind="python",
        group=found["group"],
        table=found["asset"].replace("/", ".") if "/" in found["asset"] else f"public.{found['asset']}",
        node_id=f"python.{found['asset']}",
        upstream=tuple(found["upstream"]),
        description=found["description"],
        owners=tuple(found["owners"]),
        tags=tuple(found["tags"]),
        path=found.get("path", ""),
        checksum=found["checksum"],
    )


def main() -> int:
    place = Place.described(os.environ[PROJECT_VARIABLE])
    try:
        _parse(place)
        answer: dict[str, Any] = {"python": list(_python_assets(place))}
    except BenchError as error:
        answer = {"error": {"kind": error.kind, "message": error.message, "remedy": error.remedy, "where": error.where}}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
    return 0


def _parse(place: Place) -> None:
    from floe_bench.adapters.orchestrators.dagster.definitions import dbt_resource

    if not (place.project.dbt_dir / DBT_FILE).exists():
        raise ParseFailed(f"there is no {DBT_FILE} any more in {place.project.dbt_dir}", where=DBT_FILE)
    invocation = dbt_resource(place).cli(["parse"], target_path=place.target, raise_on_error=False)
    said: list[str] = []
    for event in invocation.stream_raw_events():
        if event.raw_event["info"]["level"] == "error":
            said.append(event.raw_event["info"]["msg"])
    if not invocation.is_successful():
        raise parse_error(place, said)
    dbt_dir, manifest = place.project.dbt_dir, json.loads(place.manifest.read_text())
    made_of = ingredients_of(manifest, project_variables(dbt_dir), project_properties(dbt_dir))
    place.ingredients.write_text(json.dumps(made_of))


def parse_error(place: Place, said: list[str]) -> ParseFailed:
    """dbt's words as one message; file and line are taken from where dbt puts them."""
    text = _plain("\n".join(dict.fromkeys(said))) or "dbt gave no reason"
    said_file = re.search(r"[\w./-]+\.(?:sql|ya?ml|py|csv|md)\b", text)
    file = _in_project(place, said_file[0]) if said_file else _unreadable(place)
    line = re.search(r"line (\d+)", text)
    where = f"{file}:{line[1]}" if file and line else file
    remedy = "floe-bench refreshes when the file is saved"
    if "dbt deps" in text:
        remedy = f"dbt deps --project-dir {place.project.dbt_dir}"
    return ParseFailed(text, remedy=remedy, where=where)


def _in_project(place: Place, name: str) -> str:
    """dbt names a file from the dbt folder, or from one of its resource folders; this is always the former."""
    root = place.project.dbt_dir
    if not (root / name).exists():
        found = [file for file in files(place) if file.is_relative_to(root) and str(file).endswith(f"/{name}")]
        if len(found) == 1:
            return str(found[0].relative_to(root))
    return name


def _unreadable(place: Place) -> str:
    """``dbt_project.yml`` if it is not YAML: dbt does not say then which file it was reading."""
    import yaml

    try:
        yaml.safe_load((place.project.dbt_dir / DBT_FILE).read_text())
    except (OSError, ValueError, yaml.YAMLError):
        return DBT_FILE
    return ""


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).removeprefix("Encountered an error:\n").strip()


def _python_assets(place: Place) -> Iterator[dict[str, Any]]:
    if not place.project.dagster_module:
        return
    from floe_bench.adapters.orchestrators.dagster.definitions import definitions

    graph = definitions(place).resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        if "dagster_dbt/manifest" in node.metadata:
            continue
        yield {
            "asset": key.to_user_string(),
            "group": node.group_name or "python",
            "upstream": sorted(parent.to_user_string() for parent in node.parent_keys),
            "description": node.description or "",
            "owners": list(node.owners),
            "tags": sorted(node.tags),
            "checksum": _module_checksum(place),
            "path": _module_path(place),
        }


def _module_checksum(place: Place) -> str:
    file = _module_file(place)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""


def _module_path(place: Place) -> str:
    """From the project's root where it lies in there."""
    file = _module_file(place)
    return os.path.relpath(file, place.project.root) if file else ""


def _module_file(place: Place) -> str | None:
    return getattr(sys.modules.get(place.project.dagster_module or ""), "__file__", None)


if __name__ == "__main__":
    sys.exit(main())
