"""What the bench believes stays true after it was told nothing for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from floe_bench.core.board import Board
from floe_bench.core.boot import Boot
from floe_bench.core.refresh import CATALOG, STACK, Refresher
from floe_bench.errors import CatalogUnreachable, StackUnavailable
from floe_bench.events import AssetsChanged, Event, TablesChanged
from floe_bench.model.asset import Asset
from floe_bench.model.table import Table, TableName
from floe_bench.tui.render.table import table_line


def quiet_catalog(look: Callable[[object], tuple[Table, ...]], **powers: object) -> object:
    """Nothing waits to be read in it."""
    return SimpleNamespace(tables=tuple, look=look, unread=(), seen=lambda names: None, **powers)


class AwayBoot:
    """A lakehouse whose catalog is silent, and whose daemon cannot start it again, until it is ``back``."""

    stopping = False
    assets: tuple[Asset, ...] = ()

    def __init__(self) -> None:
        self.back = False
        self.revived = 0

    def orchestrator(self, *, parsed: bool = True) -> object:
        return SimpleNamespace(materializations=dict, snapshot_links=dict)

    def catalog(self) -> object:
        if not self.back:
            raise CatalogUnreachable("no answer")
        return quiet_catalog(lambda first: ())

    def revive(self) -> None:
        self.revived += 1
        if not self.back:
            raise StackUnavailable("the Docker daemon does not answer", remedy="sudo systemctl start docker")


def until(claim: Callable[[], object], wake: Callable[[], None]) -> None:
    deadline = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < deadline
        wake()
        time.sleep(0.02)


def test_a_stack_that_cannot_be_started_again_is_said_and_tried_again_and_solved() -> None:
    boot, board = AwayBoot(), Board()
    refresher = Refresher(cast(Boot, boot), board, taken_back=dict, is_published=lambda name: True)
    refresher.start()
    try:
        until(lambda: boot.revived >= 2, refresher.all_changed)
        found = {each.about: each for each in board.state.problems}
        assert set(found) == {CATALOG, STACK}
        assert (found[STACK].message, found[STACK].remedy) == (
            "the Docker daemon does not answer",
            "sudo systemctl start docker",
        )
        boot.back = True
        until(lambda: not board.state.problems, refresher.all_changed)
    finally:
        refresher.stop()


class LargeBoot(AwayBoot):
    """A catalog of many tables; first it knows the names, then those of the bench, and then all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.assets = (Asset("wide/t7", "table", "wide", "wide.t7"),)
        self.names = tuple(TableName(("wide",), f"t{n}") for n in range(1_000))
        self.seen: list[TableName] = []
        self.may_read_on = threading.Event()
        self.looks = 0
        self._read: set[TableName] = set()
        self._catalog = SimpleNamespace(look=self.look, unread=set(self.names), seen=self.seen.extend)

    def catalog(self) -> object:
        return self._catalog

    def look(self, first: object) -> tuple[Table, ...]:
        self.looks += 1
        if self.looks == 2:
            self._read = set(self.seen)
        if self.looks > 2:
            self.may_read_on.wait(10)
            self._read = set(self.names)
        self._catalog.unread = set(self.names) - self._read
        return tuple(
            replace(Table.unread(name), snapshot_id=1, rows=7) if name in self._read else Table.unread(name)
            for name in self.names
        )


def test_the_bench_asks_for_its_own_tables_first_and_judges_them_while_others_are_known_by_name_alone() -> None:
    boot, board = LargeBoot(), Board()
    told: list[tuple[str, object]] = []
    emit = board.emit

    def noted(event: Event) -> None:
        if isinstance(event, TablesChanged):
            told.append(("tables", sum(table.is_read for table in event.tables)))
        if isinstance(event, AssetsChanged):
            told.append(("assets", event.assets[0].table))
        emit(event)

    board.emit = noted  # type: ignore[method-assign]  # what is told, and in which order
    refresher = Refresher(cast(Boot, boot), board, taken_back=dict, is_published=lambda name: True)
    refresher.start()
    try:
        until(lambda: len(told) >= 3, lambda: None)
        assert boot.seen == [TableName(("wide",), "t7")]
        assert told[:3] == [("tables", 0), ("tables", 1), ("assets", "wide.t7")]
        boot.may_read_on.set()
        until(lambda: ("tables", 1_000) in told, lambda: None)
    finally:
        boot.may_read_on.set()
        refresher.stop()


class SlowViewsBoot(AwayBoot):
    """Tables are there at once; views when they may be."""

    def __init__(self) -> None:
        super().__init__()
        self.may_list = threading.Event()

    def catalog(self) -> object:
        table = replace(Table.unread(TableName(("marts",), "orders")), snapshot_id=1, rows=7)
        return quiet_catalog(lambda first: (table,), views=self)

    def look(self) -> tuple[TableName, ...]:
        self.may_list.wait(10)
        return (TableName(("marts",), "latest"),)

    def all(self) -> tuple[TableName, ...]:
        return self.look()

    def definition(self, name: TableName) -> None: ...


def test_neither_tables_nor_assets_wait_for_views() -> None:
    boot, board = SlowViewsBoot(), Board()
    refresher = Refresher(cast(Boot, boot), board, taken_back=dict, is_published=lambda name: True)
    refresher.start()
    try:
        until(lambda: board.state.tables and board.state.assets is not None, refresher.all_changed)
        assert not board.state.views
        boot.may_list.set()
        until(lambda: "marts.latest" in board.state.views, refresher.all_changed)
    finally:
        boot.may_list.set()
        refresher.stop()


def test_a_table_of_which_only_the_name_is_known_is_not_called_empty() -> None:
    name = TableName(("wide",), "t")
    never_written = replace(Table.unread(name), rows=0)
    said = [
        "".join(span.text for column in table_line(each, "wide") for span in column)
        for each in (Table.unread(name), never_written)
    ]
    assert [each.split() for each in said] == [["t", "?"], ["t", "empty"]]
