"""Reading dbt's manifest: nodes as assets. No dbt and no Dagster is imported here.

Source: dbt docs, "Manifest JSON file", schema v12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.table import TableName

DBT_STEPS = "dbt__node__"
"""How the names of a stepped run's dbt steps begin in Dagster."""
_TABLES = ("model", "seed", "snapshot")


def table_of(node: Mapping[str, Any]) -> TableName:
    """The Iceberg table of a model, seed, snapshot or source."""
    name = node.get("alias") or node.get("identifier") or node["name"]
    return TableName(tuple(str(node["schema"]).split(".")), str(name))


def key_of(node: Mapping[str, Any]) -> str:
    """The asset key as Dagster writes it."""
    return "/".join(table_of(node).parts)


def step_name(asset: str, kind: str) -> str:
    """Of the Dagster step that makes an asset in a stepped run."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", asset.replace("/", "__"))
    return name if kind == "python" else DBT_STEPS + name


def selector(every: Mapping[str, Mapping[str, Any]], node: Mapping[str, Any]) -> str:
    """The word of dbt's selection syntax for exactly this node of ``every``: a name alone may also be a folder's."""
    fqn = node["fqn"]
    below = any(each["fqn"][: len(fqn)] == fqn for each in every.values() if each is not node)
    name = "fqn:" + ".".join(fqn)
    return f"{name},path:{node['original_file_path']}" if below else name


def kind_of(node: Mapping[str, Any]) -> str:
    if node["resource_type"] == "model":
        return str(node.get("config", {}).get("materialized", "table"))
    return str(node["resource_type"])


def compiled_name(node: Mapping[str, Any]) -> Path:
    """Where dbt puts the compiled text of a node, below ``compiled``."""
    original = Path(str(node["original_file_path"]))
    if node["resource_type"] == "test" and original.suffix in (".yml", ".yaml"):
        original = original / str(node["path"])
    return Path(str(node["package_name"])) / original


def group_of(node: Mapping[str, Any]) -> str:
    """floe tier, else dbt group, else the first folder, else the resource's kind."""
    meta = node.get("meta") or node.get("config", {}).get("meta") or {}
    group = meta.get("tier") or node.get("group") or node.get("config", {}).get("group")
    if isinstance(group, dict):
        group = group.get("name")
    if group:
        return str(group)
    if node["resource_type"] in ("seed", "source"):
        return str(node["schema"])
    folders = node.get("fqn", [])[1:-1]
    return str(folders[0]) if folders else str(node["resource_type"]) + "s"


def owners_of(node: Mapping[str, Any]) -> tuple[str, ...]:
    meta = node.get("meta") or node.get("config", {}).get("meta") or {}
    owner = meta.get("owner") or meta.get("owners") or ()
    owners = [owner] if isinstance(owner, str) else list(owner)
    group = node.get("group")
    if not owners and isinstance(group, dict):
        found = group.get("owner", {})
        owners = [found.get("email") or found.get("name")]
    return tuple(str(owner) for owner in owners if owner)


def is_table(node: Mapping[str, Any]) -> bool:
    """It becomes a table: not a test, not ephemeral, not disabled."""
    return node["resource_type"] in _TABLES and kind_of(node) != "ephemeral"


def upstream_of(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Direct parents that are tables or sources, each once; an ephemeral model is seen through."""
    # Neither recursion (chains are long) nor a second visit (every diamond of ephemeral models would double the walk).
    waiting, seen = [*reversed(node.get("depends_on", {}).get("nodes", []))], set[str]()
    while waiting:
        parent_id = waiting.pop()
        parent = manifest["nodes"].get(parent_id) or manifest["sources"].get(parent_id)
        if parent is None or parent_id in seen:
            continue
        seen.add(parent_id)
        if parent["resource_type"] == "source" or is_table(parent):
            yield parent
        elif kind_of(parent) == "ephemeral":
            waiting += reversed(parent.get("depends_on", {}).get("nodes", []))


def checked_asset(manifest: Mapping[str, Any], test: Mapping[str, Any]) -> str | None:
    """The key of the asset a test is about: its attached node, or the one node it reads."""
    about = test.get("attached_node")
    parents = [about] if about else test.get("depends_on", {}).get("nodes", [])
    nodes = [manifest["nodes"].get(parent) or manifest["sources"].get(parent) for parent in parents]
    keys = {key_of(node) for node in nodes if node}
    return keys.pop() if len(keys) == 1 else None


def assets_of(manifest: Mapping[str, Any]) -> tuple[Asset, ...]:
    """Every table the project makes or reads, parents before children."""
    checks: dict[str, int] = {}
    unique: dict[str, str] = {}
    for node in manifest["nodes"].values():
        about = checked_asset(manifest, node) if node["resource_type"] == "test" else None
        if about:
            checks[about] = checks.get(about, 0) + 1
            if (node.get("test_metadata") or {}).get("name") == "unique" and node.get("column_name"):
                unique.setdefault(about, node["column_name"])
    read = {key_of(p) for n in manifest["nodes"].values() if is_table(n) for p in upstream_of(manifest, n)}
    sources = [source for source in manifest["sources"].values() if key_of(source) in read]
    made = {key_of(node) for node in manifest["nodes"].values() if is_table(node)}
    found = [_source(source) for source in sources if key_of(source) not in made]
    found += [_asset(manifest, node, checks, unique) for node in manifest["nodes"].values() if is_table(node)]
    return _ordered(found)


def _asset(
    manifest: Mapping[str, Any], node: Mapping[str, Any], checks: Mapping[str, int], unique: Mapping[str, str]
) -> Asset:
    return Asset(
        asset=key_of(node),
        kind=kind_of(node),
        group=group_of(node),
        table=str(table_of(node)),
        node_id=node["unique_id"],
        upstream=tuple(dict.fromkeys(key_of(parent) for parent in upstream_of(manifest, node))),
        tags=tuple(node.get("tags", ())),
        owners=owners_of(node),
        description=node.get("description", ""),
        path=node.get("original_file_path", ""),
        checksum=str(node.get("checksum", {}).get("checksum", "")),
        unique_key=_declared_key(node) or tuple(filter(None, (unique.get(key_of(node)),))),
        checks_total=checks.get(key_of(node), 0),
    )


def _declared_key(node: Mapping[str, Any]) -> tuple[str, ...]:
    key = node.get("config", {}).get("unique_key") or ()
    # A dbt snapshot keeps several versions of one key.
    return () if node["resource_type"] == "snapshot" else (key,) if isinstance(key, str) else tuple(key)


def _source(node: Mapping[str, Any]) -> Asset:
    return Asset(
        asset=key_of(node),
        kind="source",
        group=group_of(node),
        table=str(table_of(node)),
        status=AssetStatus.EXTERNAL,
        node_id=node["unique_id"],
        description=node.get("description", ""),
        path=node.get("original_file_path", ""),
    )


def _ordered(assets: list[Asset]) -> tuple[Asset, ...]:
    by_key = {asset.asset: asset for asset in assets}
    done: dict[str, Asset] = {}
    pending: list[tuple[str, Iterator[str]]] = []
    for first in assets:
        # An explicit stack: a chain of 10,000 models is deeper than Python's recursion.
        pending.append((first.asset, iter(first.upstream)))
        while pending:
            key, parents = pending[-1]
            parent = next((p for p in parents if p in by_key and p not in done), None)
            if parent is None:
                pending.pop()
                done.setdefault(key, by_key[key])
            else:
                pending.append((parent, iter(by_key[parent].upstream)))
    return tuple(done.values())
