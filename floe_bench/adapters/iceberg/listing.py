"""Every table and view of a catalog, nested namespaces included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.probe import PROBE_NAMESPACE
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog

Namespace = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Views:
    """``refused`` says why those of a namespace could not be listed, though the catalog serves views."""

    names: tuple[TableName, ...] = ()
    refused: Mapping[Namespace, str] = field(default_factory=dict)


def namespaces(catalog: RestCatalog, pool: Executor) -> tuple[Namespace, ...]:
    """Without our probe's, breadth first. Call inside ``translated``, as what follows."""
    known: dict[Namespace, None] = {}
    level: Iterable[Namespace] = _visible(catalog.list_namespaces())
    # Some servers list nested namespaces at the root as well, so each is asked once.
    while fresh := [namespace for namespace in dict.fromkeys(level) if namespace not in known]:
        known.update(dict.fromkeys(fresh))
        children = pool.map(lambda namespace: _children(catalog, namespace), fresh)
        level = [child for found in children for child in found]
    return tuple(known)


def tables_of(catalog: RestCatalog, among: Iterable[Namespace], pool: Executor) -> tuple[TableName, ...]:
    """By name. A namespace that vanishes meanwhile has nothing."""
    return _sorted(pool.map(lambda each: _tables(catalog, each), among))


def views_of(catalog: RestCatalog, among: Sequence[Namespace], pool: Executor) -> Views:
    """As ``tables_of``; none of a catalog that does not serve them, which is not asked."""
    if not serves_views(catalog):
        return Views()
    answers = dict(zip(among, pool.map(lambda each: _views(catalog, each), among), strict=True))
    refused = {each: answer for each, answer in answers.items() if isinstance(answer, str)}
    return Views(_sorted(answer for answer in answers.values() if not isinstance(answer, str)), refused)


def table_names(catalog: RestCatalog, pool: Executor) -> tuple[TableName, ...]:
    return tables_of(catalog, namespaces(catalog, pool), pool)


def serves_views(catalog: RestCatalog) -> bool:
    """By its own word, or where it has none by that of ``open_catalog``.

    Source: Iceberg REST specification, ``endpoints`` of a catalog's configuration.
    """
    from pyiceberg.catalog.rest import Capability

    return Capability.V1_LIST_VIEWS in catalog._supported_endpoints


def _sorted(found: Iterable[list[TableName]]) -> tuple[TableName, ...]:
    return tuple(sorted({name for names in found for name in names}))


def _children(catalog: RestCatalog, namespace: Namespace) -> list[Namespace]:
    from pyiceberg.exceptions import NoSuchNamespaceError

    try:
        return _visible(catalog.list_namespaces(namespace))
    except NoSuchNamespaceError:
        return []


def _tables(catalog: RestCatalog, namespace: Namespace) -> list[TableName]:
    from pyiceberg.exceptions import NoSuchNamespaceError

    try:
        return [_name(found) for found in catalog.list_tables(namespace)]
    except NoSuchNamespaceError:
        return []


def _views(catalog: RestCatalog, namespace: Namespace) -> list[TableName] | str:
    """Text: why not. Some catalogs say that they serve views and then do not, or not to everybody: that takes no table
    off the list."""
    from pyiceberg.exceptions import NoSuchNamespaceError, RESTError

    try:
        return [_name(found) for found in catalog.list_views(namespace)]
    except NoSuchNamespaceError:
        return []
    except (RESTError, NotImplementedError) as error:
        return str(error).strip().partition("\n")[0] or type(error).__name__


def _name(found: Namespace) -> TableName:
    return TableName(tuple(found[:-1]), found[-1])


def _visible(namespaces: Iterable[Namespace]) -> list[Namespace]:
    return [tuple(namespace) for namespace in namespaces if namespace[0] != PROBE_NAMESPACE]
