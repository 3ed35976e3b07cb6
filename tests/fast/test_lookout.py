"""Which tables of a catalog are looked at when. Time is a number here: a look takes 4 ms of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any

import pytest

from floe_bench.adapters.catalogs.lookout import Lookout
from floe_bench.model.stack import Watermark
from floe_bench.model.table import Table, TableName

LOOK_S = 0.004
TICK_S = 0.4


class Here(Executor):
    """One after the other, in this thread."""

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any], **options: Any) -> Iterator[Any]:
        return iter([fn(*each) for each in zip(*iterables, strict=True)])


class Lake:
    """A catalog; ``watermarks``: something tells whether anything was written in it."""

    def __init__(self, count: int, *, watermarks: bool) -> None:
        self.now = 100.0
        self.heads = {TableName(("n",), f"t{number:05}"): 1 for number in range(count)}
        self.seen: dict[TableName, Table] = {}
        self.reads: list[TableName] = []
        self.asked_alive = self.listed = 0
        self._watermarks, self._writes, self._written_at = watermarks, 0, 0.0
        self.lookout = Lookout(
            names=self._names,
            read=self._read,
            alive=self._alive,
            watermark=self._watermark,
            pool=Here(),
            clock=lambda: self.now,
        )

    def write(self, name: TableName, *, shows: bool = True) -> None:
        """``shows`` False: what was written is not answered yet, though the watermark is another already."""
        self._writes, self._written_at = self._writes + 1, self.now
        if shows:
            self.heads[name] = self.heads.get(name, 0) + 1

    def passed(self, seconds: float, first: tuple[TableName, ...] = ()) -> dict[str, int | None]:
        end = self.now + seconds
        found = self.lookout.some(first)
        while self.now + TICK_S <= end:
            self.now += TICK_S
            found = self.lookout.some()
        return {table.table: table.snapshot_id for table in found}

    def read(self) -> None:
        """Asked again at once as long as there are tables known by name alone."""
        self.lookout.some()
        while self.lookout.unread:
            self.lookout.some()

    def settled(self) -> None:
        self.read()
        self.passed(5)
        self.reads.clear()
        self.asked_alive = 0

    def _names(self) -> tuple[TableName, ...]:
        self.listed += 1
        return tuple(sorted(self.heads))

    def _read(self, name: TableName) -> Table | None:
        self.now += LOOK_S
        self.reads.append(name)
        if name not in self.heads:
            return None
        table = Table(str(name), "n", self.heads[name], 0, 0, 0, None)
        self.seen[name] = table if self.seen.get(name) != table else self.seen[name]
        return self.seen[name]

    def _alive(self) -> None:
        self.asked_alive += 1

    def _watermark(self) -> Watermark | None:
        return Watermark(self._writes, self.now - self._written_at) if self._watermarks else None


def test_while_nothing_is_written_tables_are_left_alone_and_the_catalog_is_asked_whether_it_is_there() -> None:
    lake = Lake(20, watermarks=True)
    lake.settled()
    lake.passed(60)
    assert len(lake.reads) <= 60 * 0.002 / LOOK_S + 20
    assert lake.asked_alive >= 20


def test_an_answer_is_the_very_same_while_nothing_changed() -> None:
    lake = Lake(20, watermarks=True)
    lake.settled()
    before = lake.lookout.some()
    lake.passed(30)
    assert lake.lookout.some() is before
    assert lake.lookout.all() is before


def test_a_commit_of_somebody_else_shows_within_a_second_where_a_mark_tells_of_it() -> None:
    lake = Lake(20, watermarks=True)
    lake.settled()
    name = TableName(("n",), "t00013")
    lake.write(name)
    lake.passed(TICK_S)
    lake.write(name)
    assert lake.passed(1.0)[str(name)] == 3


def test_a_commit_that_shows_only_after_its_mark_is_not_missed() -> None:
    lake = Lake(20, watermarks=True)
    lake.settled()
    name = TableName(("n",), "t00007")
    lake.write(name, shows=False)
    lake.passed(0.8)
    lake.heads[name] = 2
    assert lake.passed(2.0)[str(name)] == 2
    assert {table.table: table.snapshot_id for table in lake.lookout.all()}[str(name)] == 2


def test_tables_that_come_and_go_are_noticed() -> None:
    lake = Lake(20, watermarks=True)
    lake.settled()
    fresh, gone = TableName(("n",), "fresh"), TableName(("n",), "t00003")
    lake.write(fresh)
    del lake.heads[gone]
    found = lake.passed(1.0)
    assert found["n.fresh"] == 1
    assert str(gone) not in found


def test_without_a_mark_a_table_that_was_asked_for_shows_within_a_second_and_all_others_in_turn() -> None:
    lake = Lake(200, watermarks=False)
    lake.lookout.asked(watched := TableName(("n",), "t00150"))
    lake.settled()
    lake.write(watched)
    assert lake.passed(1.0)[str(watched)] == 2
    lake.write(other := TableName(("n",), "t00040"))
    assert lake.passed(60)[str(other)] == 2


def test_without_a_mark_looking_takes_a_small_share_of_the_time() -> None:
    lake = Lake(200, watermarks=False)
    lake.settled()
    began = lake.now
    lake.passed(120)
    assert len(lake.reads) * LOOK_S < (lake.now - began) * 0.03


def test_of_ten_thousand_tables_the_one_that_was_just_written_shows_at_once_and_an_unknown_one_in_the_end() -> None:
    lake = Lake(10_000, watermarks=True)
    lake.read()
    written, other = TableName(("n",), "t09000"), TableName(("n",), "t09500")
    lake.write(written)
    lake.write(other)
    lake.reads.clear()
    assert lake.passed(0, first=(written,))[str(written)] == 2
    assert len(lake.reads) < 100
    assert lake.passed(400)[str(other)] == 2
    lake.reads.clear()
    lake.passed(60)
    assert len(lake.reads) < 60 * 0.004 / LOOK_S + 32


def test_of_ten_thousand_tables_a_new_one_shows_in_seconds() -> None:
    lake = Lake(10_000, watermarks=True)
    lake.read()
    lake.write(TableName(("n",), "t00001"))
    lake.passed(2)
    lake.write(TableName(("n",), "fresh"))
    assert lake.passed(8)["n.fresh"] == 1


def numbers(found: Iterable[Table]) -> dict[str, int | None]:
    return {table.table: table.snapshot_id for table in found if table.snapshot_id is not None}


@pytest.mark.parametrize("count", [20, 10_000])
def test_the_first_look_lists_names_once(count: int) -> None:
    lake = Lake(count, watermarks=True)
    lake.lookout.some()
    assert lake.listed == 1


def test_ten_thousand_tables_are_named_before_any_is_read_and_then_each_is_read_once() -> None:
    lake = Lake(10_000, watermarks=True)
    named = lake.lookout.some()
    assert (len(named), lake.reads) == (10_000, [])
    assert named[0] == Table.unread(TableName(("n",), "t00000"))
    lake.read()
    assert len(lake.reads) == len(set(lake.reads)) == 10_000
    assert len(numbers(lake.lookout.some())) == 10_000


def test_what_somebody_has_before_the_eyes_is_read_first_and_told_before_the_rest_is_read() -> None:
    lake = Lake(10_000, watermarks=True)
    bench = [TableName(("n",), f"t{number:05}") for number in range(9_000, 9_100)]
    lake.lookout.seen(bench)
    lake.lookout.some()
    assert set(numbers(lake.lookout.some())) == set(map(str, bench))
    assert lake.reads == bench
    tree = [TableName(("n",), f"t{number:05}") for number in range(5_000, 5_030)]
    lake.lookout.seen(tree)
    lake.reads.clear()
    assert set(map(str, tree)) < set(numbers(lake.lookout.some()))
    assert lake.reads == tree


def test_a_table_that_is_opened_while_ten_thousand_are_read_is_the_next_and_told_at_once() -> None:
    lake = Lake(10_000, watermarks=True)
    for _ in range(3):
        lake.lookout.some()
    known = len(lake.reads)
    assert 0 < known < 1_000
    lake.lookout.asked(opened := TableName(("n",), "t09999"))
    before = lake.now
    assert numbers(lake.lookout.some())[str(opened)] == 1
    assert lake.reads[known] == opened
    assert lake.now - before <= LOOK_S * 2


def test_a_look_at_ten_thousand_unread_tables_comes_back_soon() -> None:
    lake = Lake(10_000, watermarks=True)
    lake.lookout.some()
    for _ in range(5):
        before = lake.now
        lake.lookout.some()
        assert lake.now - before < 1.5


def test_a_table_that_is_written_while_ten_thousand_are_read_is_read_again() -> None:
    lake = Lake(10_000, watermarks=True)
    lake.lookout.some()
    lake.lookout.some()
    lake.write(name := TableName(("n",), "t00000"))
    assert numbers(lake.lookout.some((name,)))[str(name)] == 2
    lake.read()
    assert lake.passed(400)[str(name)] == 2


def test_everything_is_read_for_whoever_asks_for_all_of_it() -> None:
    lake = Lake(10_000, watermarks=False)
    lake.lookout.some()
    assert len(numbers(lake.lookout.all())) == 10_000
    assert not lake.lookout.unread


def test_many_tables_that_come_later_do_not_hide_what_was_written_to_one_that_was_there() -> None:
    lake = Lake(1_000, watermarks=True)
    lake.read()
    lake.passed(10)
    lake.write(name := TableName(("n",), "t00999"))
    for number in range(400):
        lake.write(TableName(("m",), f"t{number:05}"))
    found = lake.passed(60)
    assert (found[str(name)], len(found)) == (2, 1_400)
