"""What was written and what was run: sources from the manifest or the project, compiled SQL from the runs' folders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from floe_bench.adapters.orchestrators.dagster.declared import declared_line, function_line
from floe_bench.adapters.orchestrators.dagster.node import compiled_name
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.errors import NoSuchNode
from floe_bench.model.code import Code

_LONGEST = 200_000
"""Characters of a source: a seed may be as large as it likes."""
_UNCOMPILED = ("source", "seed", "unit_test")


class _Manifest(msgspec.Struct):
    """One node is wanted; the thousands of others stay bytes."""

    nodes: dict[str, msgspec.Raw] = {}
    sources: dict[str, msgspec.Raw] = {}
    unit_tests: dict[str, msgspec.Raw] = {}


def code_of(place: Place, node_id: str, *, run_id: str | None, earlier: Iterable[str]) -> Code:
    """As ``run_id`` had it; None: as the project has it now, with the newest compiled text there is.

    ``earlier`` are the ids of the runs before that one, newest first.

    Raises:
        NoSuchNode: neither that run nor the project knows it.
    """
    if node_id.startswith("python."):
        return _python(place, node_id)
    then = _node(_target(place, run_id) / "manifest.json", node_id) if run_id else None
    node = then or _node(place.manifest, node_id)
    if node is None:
        raise NoSuchNode(f"there is no node '{node_id}'", remedy="floe-bench assets")
    path = str(node.get("original_file_path", ""))
    source = str(node.get("raw_code") or "")[:_LONGEST] or _text(place.project.dbt_dir / path)
    line = declared_line(node, _text(place.project.dbt_dir / path)) if path.endswith((".yml", ".yaml")) else None
    code = Code(node_id, str(node["resource_type"]), source, path, run_id, line=line)
    return code if code.kind in _UNCOMPILED else _compiled(place, code, compiled_name(node), earlier)


def _compiled(place: Place, code: Code, name: Path, earlier: Iterable[str]) -> Code:
    found = _files(place, name, earlier)
    if code.run_id is None:
        run_id, file = next(found, (None, None))
    else:
        run_id, file = code.run_id, _file(place, name, code.run_id)
    before, older = next(found, (None, None))
    return replace(
        code,
        run_id=run_id,
        compiled=file.read_text(errors="replace") if file else "",
        compiled_path=str(file) if file else "",
        previous=older.read_text(errors="replace") if older else None,
        previous_run_id=before,
    )


def _files(place: Place, name: Path, runs: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for run_id in runs:
        file = _file(place, name, run_id)
        if file is not None:
            yield run_id, file


def _file(place: Place, name: Path, run_id: str) -> Path | None:
    """A microbatch model is compiled once a batch, into a folder of its name: the last batch speaks for it."""
    file = _target(place, run_id) / "compiled" / name
    if file.is_file():
        return file
    batches = sorted(file.with_suffix("").glob("*.sql")) if file.suffix == ".sql" else []
    return batches[-1] if batches else None


def _target(place: Place, run_id: str) -> Path:
    return place.run(run_id) / "target"


def _node(manifest: Path, node_id: str) -> Mapping[str, Any] | None:
    try:
        known = msgspec.json.decode(manifest.read_bytes(), type=_Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        return None  # a run that was killed leaves half a manifest
    for section in (known.nodes, known.sources, known.unit_tests):
        if node_id in section:
            found: Mapping[str, Any] = json.loads(bytes(section[node_id]))
            return found
    return None


def _python(place: Place, node_id: str) -> Code:
    """Its module as it is now: nothing keeps what a run imported."""
    asset = node_id.removeprefix("python.")
    path = next((str(each.get("path", "")) for each in place.python_assets() if each["asset"] == asset), None)
    if path is None:
        raise NoSuchNode(f"there is no Python asset '{asset}'", remedy="floe-bench assets")
    text = _text(place.project.root / path) if path else ""
    return Code(node_id, "python", text, path, line=function_line(asset.rpartition("/")[2], text))


def _text(file: Path) -> str:
    try:
        with file.open(errors="replace") as found:
            return found.read(_LONGEST)
    except OSError:
        return ""
