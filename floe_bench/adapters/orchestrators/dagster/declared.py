"""The line at which a file declares a node, where it is said inside the file and not by the file as a whole."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_LISTS = ("models", "seeds", "snapshots", "analyses")


class _Entry(NamedTuple):
    """One mapping of a property file and the line that it begins at."""

    line: int
    of: Mapping[str, Any]


def declared_line(node: Mapping[str, Any], text: str) -> int | None:
    """Of a node of dbt's manifest in the property file that it comes from, from 1; None where its file is all it is.

    A test that is declared more than once in one place is not told apart: its column, or its model, is meant.
    """
    if not str(node.get("original_file_path", "")).endswith((".yml", ".yaml")):
        return None
    root = _composed(text)
    if node["resource_type"] == "source":
        return _source(root, node)
    if node["resource_type"] == "test":
        return _test(root, node)
    return next((each.line for name in _lists(node) for each in _named(root.get(name), str(node["name"]))), None)


class Declarations:
    """What property files say of nodes; each file is taken apart once, and only where it can name a variable."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._known: dict[str, dict[str, list[str]]] = {}

    def config(self, node: Mapping[str, Any], path: str) -> Sequence[str]:
        """Every text under the ``config`` of ``node``, as it was written."""
        if path not in self._known:
            text = self._read(path)
            self._known[path] = _configs(text) if "var(" in text.replace(" ", "") else {}
        return self._known[path].get(str(node["name"]), ())


def _configs(text: str) -> dict[str, list[str]]:
    root = _composed(text)
    found: dict[str, list[str]] = {}
    for kind in _LISTS:
        for entry in _entries(root.get(kind)):
            name = entry.of.get("name")
            if name is not None:
                found.setdefault(str(name.value), []).extend(_scalars(entry.of.get("config")))
    return found


def function_line(name: str, text: str) -> int | None:
    """Of the one function of that name in a Python module: a decorated one begins at its ``def``."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    found = [
        each.lineno
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name
    ]
    return found[0] if len(found) == 1 else None


def _lists(node: Mapping[str, Any]) -> tuple[str, ...]:
    return ("unit_tests",) if node["resource_type"] == "unit_test" else _LISTS


def _source(root: Mapping[str, Any], node: Mapping[str, Any]) -> int | None:
    for source in _named(root.get("sources"), str(node["source_name"])):
        return next((each.line for each in _named(source.of.get("tables"), str(node["name"]))), source.line)
    return None


def _test(root: Mapping[str, Any], node: Mapping[str, Any]) -> int | None:
    """The test itself; else the column, else the model that it is about."""
    about = next(_about(root, node), None)
    if about is None:
        return None
    column = next(_named(about.of.get("columns"), str(node.get("column_name") or "")), None)
    declared = column or about
    metadata = node.get("test_metadata") or {}
    name = ".".join(filter(None, (metadata.get("namespace"), metadata.get("name"))))
    tests = [
        line
        for key in ("data_tests", "tests")
        for line, said in _tests(declared.of.get(key))
        if said in (name, metadata.get("name"))
    ]
    return tests[0] if len(tests) == 1 else declared.line


def _about(root: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[_Entry]:
    attached = str(node.get("attached_node") or "")
    for name in _LISTS if attached else ():
        yield from _named(root.get(name), attached.split(".")[2])
    for parent in node.get("depends_on", {}).get("nodes", []):
        if parent.startswith("source."):
            _, _, source_name, table = parent.split(".", 3)
            for source in _named(root.get("sources"), source_name):
                yield from _named(source.of.get("tables"), table)


def _tests(found: Any) -> Iterator[tuple[int, str]]:
    """A test is its name, or a mapping whose first key, or whose ``test_name``, is that."""
    import yaml

    for each in found.value if isinstance(found, yaml.SequenceNode) else ():
        line = each.start_mark.line + 1
        if isinstance(each, yaml.ScalarNode):
            yield line, each.value
        elif isinstance(each, yaml.MappingNode) and each.value:
            known = _mapping(each)
            name = known.get("test_name")
            yield line, name.value if name is not None else next(iter(known))


def _named(found: Any, name: str) -> Iterator[_Entry]:
    for entry in _entries(found):
        said = entry.of.get("name")
        if said is not None and said.value == name:
            yield entry


def _entries(found: Any) -> Iterator[_Entry]:
    import yaml

    for each in found.value if isinstance(found, yaml.SequenceNode) else ():
        yield _Entry(each.start_mark.line + 1, _mapping(each))


def _mapping(found: Any) -> Mapping[str, Any]:
    import yaml

    return {str(key.value): value for key, value in found.value} if isinstance(found, yaml.MappingNode) else {}


def _scalars(found: Any) -> Iterator[str]:
    import yaml

    if isinstance(found, yaml.ScalarNode):
        yield found.value
    elif isinstance(found, yaml.SequenceNode):
        for each in found.value:
            yield from _scalars(each)
    elif isinstance(found, yaml.MappingNode):
        for _, value in found.value:
            yield from _scalars(value)


def _composed(text: str) -> Mapping[str, Any]:
    import yaml

    try:
        return _mapping(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return {}  # dbt says what is wrong with it
