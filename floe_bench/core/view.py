"""Views of the catalog, as the bench offers them."""

from __future__ import annotations

from collections.abc import Iterable

from floe_bench.core.parts import Tables
from floe_bench.errors import NoSuchTable
from floe_bench.model.table import TableName
from floe_bench.model.view import LakeView, ViewDefinition
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.view import HasViews


class LocalViews:
    """Fulfils ``ports.view.ViewVerbs``."""

    def __init__(self, parts: Tables) -> None:
        self._parts = parts

    def all(self) -> tuple[LakeView, ...]:
        return listed(view_names(self._parts.catalog()))

    def definition(self, view: str) -> ViewDefinition:
        name, catalog = TableName.parse(view), self._parts.catalog()
        if not isinstance(catalog, HasViews):
            raise NoSuchTable(f"there is no view {name}: this stack's catalog serves none", remedy="floe-bench tables")
        return catalog.views.definition(name)


def view_names(catalog: CatalogReader) -> tuple[TableName, ...]:
    return catalog.views.all() if isinstance(catalog, HasViews) else ()


def looked_for(catalog: CatalogReader) -> tuple[TableName, ...]:
    """The very same value while nothing changed."""
    return catalog.views.look() if isinstance(catalog, HasViews) else ()


def listed(names: Iterable[TableName]) -> tuple[LakeView, ...]:
    return tuple(LakeView(str(name), name.place) for name in names)
