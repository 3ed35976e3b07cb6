"""Every table of a catalog, nested namespaces included."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.probe import PROBE_NAMESPACE
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog

Namespace = tuple[str, ...]


def table_names(catalog: RestCatalog, pool: Executor) -> tuple[TableName, ...]:
    """By name, without our probe's. A namespace that vanishes meanwhile has no tables.

    Call inside ``translated``.
    """
    found: list[TableName] = []
    for names in pool.map(lambda namespace: _tables(catalog, namespace), _namespaces(catalog, pool)):
        found.extend(names)
    return tuple(sorted(set(found)))


def _namespaces(catalog: RestCatalog, pool: Executor) -> tuple[Namespace, ...]:
    """Breadth first. Some servers list nested namespaces at the root as well, so each is asked once."""
    known: dict[Namespace, None] = {}
    level: Iterable[Namespace] = _visible(catalog.list_namespaces())
    while fresh := [namespace for namespace in dict.fromkeys(level) if namespace not in known]:
        known.update(dict.fromkeys(fresh))
        children = pool.map(lambda namespace: _children(catalog, namespace), fresh)
        level = [child for found in children for child in found]
    return tuple(known)


def _children(catalog: RestCatalog, namespace: Namespace) -> list[Namespace]:
    from pyiceberg.exceptions import NoSuchNamespaceError

    try:
        return _visible(catalog.list_namespaces(namespace))
    except NoSuchNamespaceError:
        return []


def _tables(catalog: RestCatalog, namespace: Namespace) -> list[TableName]:
    from pyiceberg.exceptions import NoSuchNamespaceError

    try:
        return [TableName(tuple(found[:-1]), found[-1]) for found in catalog.list_tables(namespace)]
    except NoSuchNamespaceError:
        return []


def _visible(namespaces: Iterable[Namespace]) -> list[Namespace]:
    return [tuple(namespace) for namespace in namespaces if namespace[0] != PROBE_NAMESPACE]
