"""Views of an Iceberg REST catalog."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from floe_bench.adapters.catalogs.metadata import SETTLED_S
from floe_bench.adapters.catalogs.view_metadata import definition
from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.adapters.iceberg.listing import Namespace, namespaces, serves_views, views_of
from floe_bench.errors import BenchError, NoSuchTable
from floe_bench.model.stack import Watermark
from floe_bench.model.table import TableName
from floe_bench.model.view import ViewDefinition

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog

log = logging.getLogger(__name__)


_SOON_S, _SHARE = 1.0, 0.05
"""How often views are looked for while something is written, and how much of the time that may take: they change more
seldom than tables."""


class CatalogViews:
    """Fulfils ``ports.view.ViewReader``.

    ``watermark``: see ``ports.stack.CanWatermark``. Views are listed apart from the tables, which nobody shall wait
    longer for. One listing at a time.
    """

    def __init__(
        self,
        session: Callable[[], RestCatalog],
        *,
        watermark: Callable[[], Watermark | None],
        pool: Executor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session, self._watermark, self._pool, self._clock = session, watermark, pool, clock
        self._one = threading.Lock()
        self._names: tuple[TableName, ...] = ()
        self._refused: Mapping[Namespace, str] = {}
        self._namespaces: tuple[Namespace, ...] = ()
        self._covered: tuple[Watermark, tuple[Namespace, ...]] | None = None
        """No view was written since they were listed, as long as the watermark is this one."""
        self._due_at = float("-inf")

    def take(self, namespaces: tuple[Namespace, ...]) -> None:
        """Those there are: listed with the tables."""
        if namespaces != self._namespaces:
            self._namespaces = namespaces

    def all(self) -> tuple[TableName, ...]:
        with self._one, translated("the catalog"):
            session = self._session()
            level = self._watermark() if serves_views(session) else None
            if not self._is_covered(level):
                self.take(namespaces(session, self._pool))
                self._list(session, level)
            return self._names

    def look(self) -> tuple[TableName, ...]:
        if self._clock() < self._due_at:
            return self._names
        with self._one, translated("the catalog"):
            session = self._session()
            level = self._watermark() if serves_views(session) else None
            if not self._is_covered(level):
                self._list(session, level)
            return self._names

    def _is_covered(self, level: Watermark | None) -> bool:
        if level is None or self._covered is None:
            return False
        covered, among = self._covered
        return level.value == covered.value and among is self._namespaces

    def _list(self, session: RestCatalog, level: Watermark | None) -> None:
        began, among = self._clock(), self._namespaces
        found = views_of(session, among, self._pool)
        if found.names != self._names:
            self._names = found.names
        for namespace, why in found.refused.items():
            if self._refused.get(namespace) != why:
                log.warning("views of %s cannot be listed: %s", ".".join(namespace), why)
        self._refused = found.refused
        settled = level is not None and level.age_s >= SETTLED_S and not found.refused
        self._covered = (level, among) if level is not None and settled else None
        now = self._clock()
        self._due_at = now + max(_SOON_S, (now - began) / _SHARE)

    def definition(self, name: TableName) -> ViewDefinition:
        with _of_view(name):
            return definition(name, _loaded(self._session(), name))

    def has(self, name: TableName) -> bool:
        """Asked where a table was not found; a catalog that cannot say has none."""
        try:
            self.definition(name)
        except BenchError:
            return False
        return True


def _loaded(catalog: RestCatalog, name: TableName) -> object:
    """As PyIceberg asks for it, and as the server says it."""
    from pyiceberg.catalog.rest import Capability, Endpoints, IdentifierKind
    from pyiceberg.exceptions import NoSuchViewError

    catalog._check_endpoint(Capability.V1_LOAD_VIEW)
    url = catalog.url(Endpoints.load_view, **catalog._split_identifier_for_path(name.parts, IdentifierKind.VIEW))
    answer = catalog._session.get(url)
    if answer.status_code != 200:
        # Raises what it means, and asks again with a fresh token.
        if not catalog.view_exists(name.parts):
            raise NoSuchViewError(f"View does not exist: {name}")
        answer = catalog._session.get(url)
        answer.raise_for_status()
    return answer.json()


@contextmanager
def _of_view(name: TableName) -> Iterator[None]:
    """A name that a server would not accept is no view's either."""
    from pyiceberg.exceptions import BadRequestError, NoSuchViewError

    with translated(f"view {name}"):
        try:
            yield
        except (NoSuchViewError, BadRequestError, NotImplementedError) as error:
            raise NoSuchTable(f"there is no view {name}", remedy="floe-bench tables") from error
