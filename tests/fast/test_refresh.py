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
from floe_bench.model.table import Table, TableName
from floe_bench.tui.render.table import table_line


class AwayBoot:
    """A lakehouse whose catalog is silent, and whose daemon cannot start it again, until it is ``back``."""

    stopping = False
    assets = ()

    def __init__(self) -> None:
        self.back = False
        self.revived = 0

    def orchestrator(self, *, parsed: bool = True) -> object:
        return SimpleNamespace(materializations=dict, snapshot_links=dict)

    def catalog(self) -> object:
        if not self.back:
            raise CatalogUnreachable("no answer")
        return SimpleNamespace(tables=tuple, names=tuple, look=lambda first: ())

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
    """A catalog of many tables that reads none before it may."""

    def __init__(self, names: tuple[TableName, ...]) -> None:
        super().__init__()
        self.names, self.may_read = names, threading.Event()

    def catalog(self) -> object:
        return SimpleNamespace(names=lambda: self.names, look=self.look)

    def look(self, first: object) -> tuple[Table, ...]:
        self.may_read.wait(10)
        return tuple(replace(Table.unread(name), snapshot_id=1, rows=7) for name in self.names)


def test_tables_of_a_large_catalog_are_named_before_they_are_read() -> None:
    boot, board = LargeBoot(tuple(TableName(("wide",), f"t{n}") for n in range(1_000))), Board()
    refresher = Refresher(cast(Boot, boot), board, taken_back=dict, is_published=lambda name: True)
    refresher.start()
    try:
        until(lambda: board.state.tables is not None, refresher.all_changed)
        named = tuple((board.state.tables or {}).values())
        assert (len(named), {(table.rows, table.snapshot_id) for table in named}) == (1_000, {(None, None)})
        boot.may_read.set()
        until(lambda: all(table.rows == 7 for table in (board.state.tables or {}).values()), refresher.all_changed)
    finally:
        boot.may_read.set()
        refresher.stop()


class SlowViewsBoot(AwayBoot):
    """Tables are there at once; views when they may be."""

    def __init__(self) -> None:
        super().__init__()
        self.may_list = threading.Event()

    def catalog(self) -> object:
        table = replace(Table.unread(TableName(("marts",), "orders")), snapshot_id=1, rows=7)
        return SimpleNamespace(names=tuple, look=lambda first: (table,), views=self)

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
