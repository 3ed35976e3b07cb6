"""When a catalog is asked for its views. Time is a number here: a namespace takes ``answer_s`` of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any, cast

from pyiceberg.catalog.rest import DEFAULT_ENDPOINTS, VIEW_ENDPOINTS, RestCatalog
from pyiceberg.exceptions import ServerError

from floe_bench.adapters.catalogs.view import CatalogViews
from floe_bench.model.stack import Watermark
from floe_bench.model.table import TableName

TICK_S = 0.4


class Here(Executor):
    """One after the other, in this thread."""

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any], **options: Any) -> Iterator[Any]:
        return iter([fn(*each) for each in zip(*iterables, strict=True)])


class Lake:
    """Stands for PyIceberg's catalog; ``asked`` counts the questions for the views of a namespace."""

    def __init__(self, *, watermarks: bool, serves: bool = True, answer_s: float = 0.002) -> None:
        self.now, self.asked, self.refuses = 100.0, 0, False
        self.names: dict[str, list[str]] = {"marts": ["latest"], "staging": []}
        self._supported_endpoints = {*DEFAULT_ENDPOINTS, *(VIEW_ENDPOINTS if serves else ())}
        self._watermarks, self._answer_s, self._writes, self._written_at = watermarks, answer_s, 0, 0.0
        self.views = CatalogViews(
            lambda: cast(RestCatalog, self), watermark=self._watermark, pool=Here(), clock=lambda: self.now
        )
        self.views.take((("marts",), ("staging",)))

    def list_namespaces(self, parent: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        return [] if parent else [(name,) for name in self.names]

    def list_views(self, namespace: tuple[str, ...]) -> list[tuple[str, ...]]:
        self.asked, self.now = self.asked + 1, self.now + self._answer_s
        if self.refuses:
            raise ServerError("not now")
        return [(*namespace, name) for name in self.names[namespace[0]]]

    def write(self, namespace: str = "marts", view: str = "") -> None:
        self._writes, self._written_at = self._writes + 1, self.now
        if view:
            self.names[namespace].append(view)

    def passed(self, seconds: float) -> list[str]:
        """What is known at the end of it."""
        end = self.now + seconds
        found = self.views.look()
        while self.now + TICK_S <= end:
            self.now += TICK_S
            found = self.views.look()
        return [name.name for name in found]

    def _watermark(self) -> Watermark | None:
        return Watermark(self._writes, self.now - self._written_at) if self._watermarks else None


def test_while_nothing_is_written_no_view_is_asked_for() -> None:
    lake = Lake(watermarks=True)
    assert lake.passed(5) == ["latest"]
    known = lake.views.look()
    lake.asked = 0
    lake.passed(600)
    assert lake.views.look() is known and lake.views.all() is known
    assert lake.asked == 0


def test_a_view_that_is_written_shows_within_two_seconds() -> None:
    lake = Lake(watermarks=True)
    lake.passed(60)
    for name in ("one", "two"):
        lake.write(view=name)
        assert name in lake.passed(1.5)


def test_a_view_is_not_missed_whose_write_moved_the_watermark_before_it_is_answered() -> None:
    lake = Lake(watermarks=True)
    lake.passed(60)
    lake.write()
    lake.passed(0.4)
    lake.names["marts"].append("late")
    assert lake.passed(3) == ["late", "latest"]


def test_while_tables_are_written_views_take_a_twentieth_of_the_time() -> None:
    for answer_s in (0.001, 0.1):
        lake = Lake(watermarks=True, answer_s=answer_s)
        lake.passed(5)
        lake.asked = 0
        for _ in range(300):
            lake.write()
            lake.passed(TICK_S)
        assert 0 < lake.asked * answer_s <= 0.06 * 300 * TICK_S, answer_s


def test_without_a_watermark_views_are_looked_for_now_and_then() -> None:
    lake = Lake(watermarks=False)
    lake.passed(5)
    lake.asked = 0
    lake.write(view="newest")
    assert lake.passed(60) == ["latest", "newest"]
    assert 0 < lake.asked <= 2 * 60


def test_who_asks_for_all_views_has_those_of_now() -> None:
    lake = Lake(watermarks=False)
    lake.passed(5)
    lake.names["fresh"] = ["first"]
    lake.write(view="newest")
    assert [name.name for name in lake.views.all()] == ["first", "latest", "newest"]


def test_a_namespace_that_is_known_later_is_looked_into_though_nothing_was_written_since() -> None:
    lake = Lake(watermarks=True)
    lake.names["fresh"] = ["first"]
    lake.write()
    lake.passed(30)
    lake.views.take((("marts",), ("staging",), ("fresh",)))
    assert "first" in lake.passed(2)


def test_what_was_refused_is_asked_again_though_nothing_was_written_since() -> None:
    lake = Lake(watermarks=True)
    lake.refuses = True
    assert lake.passed(30) == []
    lake.refuses = False
    assert lake.passed(2) == ["latest"]


def test_a_catalog_that_serves_no_views_is_not_asked_for_any() -> None:
    lake = Lake(watermarks=True, serves=False)
    assert (lake.passed(30), lake.views.all(), lake.asked) == ([], (), 0)


def test_names_that_did_not_change_are_the_very_same_value() -> None:
    lake = Lake(watermarks=False)
    known = lake.views.look()
    assert known == (TableName(("marts",), "latest"),)
    lake.passed(30)
    assert lake.views.look() is known and lake.views.all() is known
