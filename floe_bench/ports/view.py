"""Views of a catalog: the verbs of the bench, and what they need of a catalog."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from floe_bench.model.table import TableName
from floe_bench.model.view import LakeView, ViewDefinition


class ViewVerbs(Protocol):
    def all(self) -> tuple[LakeView, ...]:
        """By name, as they were when the catalog's tables were last read; none where it serves no views."""

    def definition(self, view: str) -> ViewDefinition:
        """Raises NoSuchTable."""


class ViewReader(Protocol):
    """Metadata only. Thread-safe."""

    def names(self) -> tuple[TableName, ...]:
        """Of every view, as they were listed along with the tables; the very same value while nothing changed."""

    def definition(self, name: TableName) -> ViewDefinition:
        """Raises NoSuchTable, CatalogUnreachable."""


@runtime_checkable
class HasViews(Protocol):
    """An optional power of a catalog."""

    @property
    def views(self) -> ViewReader: ...
