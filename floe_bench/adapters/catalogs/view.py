"""Views of an Iceberg REST catalog."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.anatomy import all_columns
from floe_bench.adapters.catalogs.mapping import moment
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.adapters.iceberg.listing import Names, Namespace
from floe_bench.errors import BenchError, NoSuchTable, TableError
from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.table import TableName
from floe_bench.model.view import ViewDefinition, ViewVersion, Wording

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.schema import Schema
    from pyiceberg.view.metadata import ViewMetadata
    from pyiceberg.view.metadata import ViewVersion as IcebergVersion

log = logging.getLogger(__name__)


class CatalogViews:
    """Fulfils ``ports.view.ViewReader``."""

    def __init__(self, session: Callable[[], RestCatalog]) -> None:
        self._session = session
        self._names: tuple[TableName, ...] = ()
        self._refused: Mapping[Namespace, str] = {}

    def take(self, listed: Names) -> None:
        """What was listed last."""
        if listed.views != self._names:
            self._names = listed.views
        for namespace, why in listed.refused.items():
            if self._refused.get(namespace) != why:
                log.warning("views of %s cannot be listed: %s", ".".join(namespace), why)
        self._refused = listed.refused

    def names(self) -> tuple[TableName, ...]:
        return self._names

    def definition(self, name: TableName) -> ViewDefinition:
        with _of_view(name):
            return _definition(name, self._session().load_view(name.parts).metadata)

    def has(self, name: TableName) -> bool:
        """Asked where a table was not found; a catalog that cannot say has none."""
        try:
            self.definition(name)
        except BenchError:
            return False
        return True


@contextmanager
def _of_view(name: TableName) -> Iterator[None]:
    """A name that a server would not accept is no view's either."""
    from pyiceberg.exceptions import BadRequestError, NoSuchViewError

    with translated(f"view {name}"):
        try:
            yield
        except (NoSuchViewError, BadRequestError, NotImplementedError) as error:
            raise NoSuchTable(f"there is no view {name}", remedy="floe-bench tables") from error


def _definition(name: TableName, metadata: ViewMetadata) -> ViewDefinition:
    current = next((each for each in metadata.versions if each.version_id == metadata.current_version_id), None)
    if current is None:
        raise TableError(f"view {name}: its metadata lacks version {metadata.current_version_id}, the current one")
    if all(each.schema_id != current.schema_id for each in metadata.schemas):
        raise TableError(f"view {name}: its metadata lacks schema {current.schema_id}, that of its current version")
    return ViewDefinition(
        view=str(name),
        view_uuid=metadata.view_uuid,
        format_version=metadata.format_version,
        location=metadata.location,
        schemas=tuple(
            _schema(schema, metadata, current=schema.schema_id == current.schema_id)
            for schema in sorted(metadata.schemas, key=lambda each: each.schema_id)
        ),
        versions=tuple(
            _version(each, current=each is current)
            for each in sorted(metadata.versions, key=lambda each: (each.timestamp_ms, each.version_id))
        ),
        properties=dict(metadata.properties),
    )


def _schema(schema: Schema, metadata: ViewMetadata, *, current: bool) -> SchemaVersion:
    first = min((each.timestamp_ms for each in metadata.versions if each.schema_id == schema.schema_id), default=None)
    return SchemaVersion(schema.schema_id, all_columns(schema), current, since=None if first is None else moment(first))


def _version(version: IcebergVersion, *, current: bool) -> ViewVersion:
    return ViewVersion(
        version_id=version.version_id,
        since=moment(version.timestamp_ms),
        schema_id=version.schema_id,
        wordings=tuple(Wording(each.root.dialect, each.root.sql) for each in version.representations),
        current=current,
        default_namespace=".".join(version.default_namespace),
        default_catalog=version.default_catalog or "",
        summary=dict(version.summary),
    )
