"""Names of a catalog: what is asked of whom, and what happens where views are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

from pyiceberg.catalog.rest import DEFAULT_ENDPOINTS, VIEW_ENDPOINTS, RestCatalog
from pyiceberg.exceptions import ForbiddenError, RESTError

from floe_bench.adapters.iceberg.listing import Views, namespaces, tables_of, views_of
from floe_bench.model.table import TableName


@dataclass
class Session:
    """The calls that listing makes of PyIceberg's catalog. ``refused`` is what a namespace's views answer."""

    serves_views: bool = True
    refused: dict[str, Exception] = field(default_factory=dict)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def _supported_endpoints(self) -> set[Any]:
        return {*DEFAULT_ENDPOINTS, *(VIEW_ENDPOINTS if self.serves_views else ())}

    def list_namespaces(self, parent: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        return [] if parent else [("marts",), ("staging",)]

    def list_tables(self, namespace: tuple[str, ...]) -> list[tuple[str, ...]]:
        return [(*namespace, "orders")]

    def list_views(self, namespace: tuple[str, ...]) -> list[tuple[str, ...]]:
        self.asked.append(("views", namespace))
        if namespace[0] in self.refused:
            raise self.refused[namespace[0]]
        return [(*namespace, "latest")]


def listed(session: Session) -> tuple[tuple[TableName, ...], Views]:
    catalog = cast(RestCatalog, session)
    with ThreadPoolExecutor(2) as pool:
        found = namespaces(catalog, pool)
        return tables_of(catalog, found, pool), views_of(catalog, found, pool)


def test_tables_and_views_of_every_namespace_are_listed() -> None:
    tables, views = listed(Session())
    assert tables == (TableName(("marts",), "orders"), TableName(("staging",), "orders"))
    assert views.names == (TableName(("marts",), "latest"), TableName(("staging",), "latest"))
    assert not views.refused


def test_a_catalog_that_serves_no_views_is_never_asked_for_them() -> None:
    session = Session(serves_views=False)
    assert (listed(session)[1], session.asked) == (Views(), [])


def test_views_that_are_refused_take_no_table_off_the_list() -> None:
    refused = {"marts": ForbiddenError("no"), "staging": RESTError("UnsupportedOperationException: no views here")}
    tables, views = listed(Session(refused=refused))
    assert (len(tables), views.names) == (2, ())
    assert views.refused == {("marts",): "no", ("staging",): "UnsupportedOperationException: no views here"}


def test_one_namespace_that_refuses_hides_no_view_of_another() -> None:
    views = listed(Session(refused={"marts": NotImplementedError("501")}))[1]
    assert views.names == (TableName(("staging",), "latest"),)
