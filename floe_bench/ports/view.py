"""Views of a catalog: the verbs of the bench, and what they need of a catalog."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from floe_bench.model.table import TableName
from floe_bench.model.view import LakeView, ViewDefinition


class ViewVerbs(Protocol):
    def all(self) -> tuple[LakeView, ...]:
        """By name, as they are now; none where the catalog serves no views."""

    def definition(self, view: str) -> ViewDefinition:
        """Raises NoSuchTable."""


class ViewReader(Protocol):
    """Metadata only. Thread-safe."""

    def all(self) -> tuple[TableName, ...]:
        """The name of every view, as they are now; none where the catalog serves no views.

        Raises CatalogUnreachable.
        """

    def look(self) -> tuple[TableName, ...]:
        """As ``all``, asked again only where something may have happened, and now and then; the very same value while
        nothing changed. To be asked several times a second."""

    def definition(self, name: TableName) -> ViewDefinition:
        """Raises NoSuchTable, CatalogUnreachable."""


@runtime_checkable
class HasViews(Protocol):
    """An optional power of a catalog."""

    @property
    def views(self) -> ViewReader: ...
