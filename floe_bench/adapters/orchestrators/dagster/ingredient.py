"""What a node's code is made of beside its own file: macros, variables, configuration, ephemeral models in it.

dbt's manifest says which macros a node calls, but not which variables it reads, so those are looked up with dbt's own
Jinja: in the templates, in the configuration that ``dbt_project.yml`` gives it, and in its property file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from floe_bench.adapters.orchestrators.dagster.declared import Declarations
from floe_bench.adapters.orchestrators.dagster.node import is_table, kind_of
from floe_bench.config.project import DBT_FILE

MACRO, VARIABLE, EPHEMERAL, CONFIG = "macro", "variable", "ephemeral", "config"
NOT_SET = ""
_LONGEST = 60
"""Characters of a variable's value that are kept; of a longer one its hash is."""
_NOT_ROWS = frozenset((
    "enabled", "alias", "schema", "database", "target_schema", "target_database", "tags", "meta", "docs", "group",
    "access", "freshness", "persist_docs", "grants", "packages", "quoting", "static_analysis", "full_refresh",
    "on_configuration_change", "lookback", "batch_size", "concurrent_batches",
))  # fmt: skip
"""Configuration that changes where a table is, who may see it, or the next run, but no row of what is there."""
Properties = Callable[[str], str]
"""The text of a property file of the project, by its path from the dbt folder; empty for one that is not there."""


def ingredients_of(
    manifest: Mapping[str, Any], variables: Mapping[str, Any], properties: Properties = lambda path: ""
) -> dict[str, dict[str, str]]:
    """By node id, and then ``macro NAME``, ``variable NAME``, ``config NAME`` or ``ephemeral NAME``: what it is now.

    ``variables`` are those of ``dbt_project.yml``. What dbt and its adapters bring along is left out, and so is
    configuration that nobody wrote down.
    """
    read = _Templates(manifest, properties)
    found: dict[str, dict[str, str]] = {}
    for node in manifest["nodes"].values():
        if is_table(node):
            made_of = dict(read.parts(node))
            known = {**variables, **_mapping(variables.get(node.get("package_name", "")))}
            made_of |= {f"{VARIABLE} {name}": told(known.get(name, NOT_SET)) for name in read.variables(node)}
            made_of |= _configured(node)
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


def project_properties(dbt_dir: Path) -> Properties:
    def read(path: str) -> str:
        try:
            return (dbt_dir / path).read_text()
        except (OSError, ValueError):
            return ""  # dbt has just read it, as above

    return read


def _configured(node: Mapping[str, Any]) -> dict[str, str]:
    """What somebody set, as dbt understood it; of an enforced contract its columns too."""
    config, written = node.get("config", {}), node.get("unrendered_config", {})
    found = {name: config.get(name, config.get(name.replace("_", "-"))) for name in written if name not in _NOT_ROWS}
    found["materialized"] = config.get("materialized")  # whether anybody set it or not: every node has something
    if _mapping(config.get("contract")).get("enforced"):
        columns = [(name, each.get("data_type")) for name, each in node.get("columns", {}).items()]
        found["contract"] = {"enforced": True, "columns": columns}
    return {f"{CONFIG} {name}": told(value) for name, value in found.items() if value not in (None, "", [], {})}


def told(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return text if len(text) <= _LONGEST else f"#{_hash(text)}"


class _Templates:
    """The templates of one manifest, each looked into once."""

    def __init__(self, manifest: Mapping[str, Any], properties: Properties) -> None:
        self._properties = Declarations(properties)
        self._project = str(manifest.get("metadata", {}).get("project_name") or "")
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
        texts += [(f"config of {each['unique_id']}", self._config(each)) for each in (node, *self._ephemeral(node))]
        for unique_id, text in texts:
            if unique_id not in self._named:
                self._named[unique_id] = variables_in(text)
            yield from self._named[unique_id]

    def _config(self, node: Mapping[str, Any]) -> str:
        """Every word of its configuration before it was rendered."""
        package, _, path = str(node.get("patch_path") or "").partition("://")
        written = self._properties.config(node, path) if path and package == self._project else ()
        return "\n".join((*_words(node.get("unrendered_config", {})), *written))

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


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _words(each)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
