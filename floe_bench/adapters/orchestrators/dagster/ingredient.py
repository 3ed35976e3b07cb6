"""What a node's code is made of beside its own file: macros, variables, and the ephemeral models compiled into it.

dbt's manifest says which macros a node calls, but not which variables it reads, so those are looked up in the templates
with dbt's own Jinja. A variable that is only named in a property file is not found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.dagster.node import is_table, kind_of
from floe_bench.config.project import DBT_FILE

MACRO, VARIABLE, EPHEMERAL = "macro", "variable", "ephemeral"
NOT_SET = ""
_LONGEST = 60
"""Characters of a variable's value that are kept; of a longer one its hash is."""


def ingredients_of(manifest: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """By node id, and then ``macro NAME``, ``variable NAME`` or ``ephemeral NAME``: what it is, so that it compares.

    ``variables`` are those of ``dbt_project.yml``. What dbt and its adapters bring along is left out.
    """
    read = _Templates(manifest)
    found: dict[str, dict[str, str]] = {}
    for node in manifest["nodes"].values():
        if is_table(node):
            made_of = dict(read.parts(node))
            known = {**variables, **_mapping(variables.get(node.get("package_name", "")))}
            made_of |= {f"{VARIABLE} {name}": told(known.get(name, NOT_SET)) for name in read.variables(node)}
            if made_of:
                found[node["unique_id"]] = made_of
    return found


def with_variables(ingredients: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, str]:
    """``ingredients`` as they are in a run that was ``given`` variables of its own."""
    changed = {f"{VARIABLE} {name}": told(value) for name, value in given.items()}
    return {key: changed.get(key, value) for key, value in ingredients.items()}


def project_variables(dbt_dir: Path) -> Mapping[str, Any]:
    import yaml

    try:
        config = yaml.safe_load((dbt_dir / DBT_FILE).read_text())
    except (OSError, ValueError, yaml.YAMLError):
        return {}  # dbt has just read it; whatever it is now, the next parse says
    return _mapping(config.get("vars") if isinstance(config, dict) else None)


def told(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return text if len(text) <= _LONGEST else f"#{_hash(text)}"


class _Templates:
    """The templates of one manifest, each looked into once."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._nodes, self._macros = manifest["nodes"], manifest.get("macros", {})
        own = str(manifest.get("metadata", {}).get("adapter_type") or "")
        # A macro package of an adapter is named like dbt_duckdb; one from the hub is not called by its adapter's name.
        self._shipped = {"dbt", "dbt_duckdb", f"dbt_{own}"}
        self._named: dict[str, frozenset[str]] = {}

    def parts(self, node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for macro in self._called(node):
            yield f"{MACRO} {macro['name']}", _hash(macro.get("macro_sql", ""))
        for parent in self._ephemeral(node):
            yield f"{EPHEMERAL} {parent['name']}", str(parent.get("checksum", {}).get("checksum", ""))

    def variables(self, node: Mapping[str, Any]) -> Iterator[str]:
        texts = [(each["unique_id"], each.get("raw_code", "")) for each in (node, *self._ephemeral(node))]
        texts += [(each["unique_id"], each.get("macro_sql", "")) for each in self._called(node)]
        for unique_id, text in texts:
            if unique_id not in self._named:
                self._named[unique_id] = variables_in(text)
            yield from self._named[unique_id]

    def _ephemeral(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        waiting, seen = [*node.get("depends_on", {}).get("nodes", [])], set[str]()
        while waiting:
            parent = self._nodes.get(waiting.pop())
            if parent is not None and parent["unique_id"] not in seen and kind_of(parent) == "ephemeral":
                seen.add(parent["unique_id"])
                waiting += parent.get("depends_on", {}).get("nodes", [])
                yield parent

    def _called(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Macros that it, or an ephemeral model in it, calls, and those that they call."""
        waiting, seen = [], set[str]()
        for each in (node, *self._ephemeral(node)):
            waiting += each.get("depends_on", {}).get("macros", [])
        while waiting:
            unique_id = waiting.pop()
            macro = self._macros.get(unique_id)
            if macro is None or unique_id in seen or macro.get("package_name") in self._shipped:
                continue
            seen.add(unique_id)
            waiting += macro.get("depends_on", {}).get("macros", [])
            yield macro


def variables_in(template: str) -> frozenset[str]:
    """Names that ``template`` gives to ``var(...)``; one that is computed is not known."""
    if "var(" not in template.replace(" ", ""):
        return frozenset()
    from dbt_common.clients.jinja import get_environment
    from jinja2 import TemplateSyntaxError, nodes

    try:
        tree = get_environment(None, capture_macros=True).parse(template)
    except TemplateSyntaxError:
        return (
            frozenset()
        )  # dbt itself takes a block of it apart before it reads it; the checksum still tells of changes
    return frozenset(
        str(call.args[0].value)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "var"
        if call.args and isinstance(call.args[0], nodes.Const)
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
