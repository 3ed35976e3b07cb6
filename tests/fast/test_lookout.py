"""Which tables of a catalog are looked at when. Time is a number here: a look takes 4 ms of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any

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
        self.asked_alive = 0
        self._watermarks, self._writes, self._written_at = watermarks, 0, 0.0
        self.lookout = Lookout(
            names=lambda: tuple(sorted(self.heads)),
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

    def settled(self) -> None:
        self.passed(5)
        self.reads.clear()
        self.asked_alive = 0

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
    lake.passed(TICK_S)
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
    lake.passed(TICK_S)
    lake.write(TableName(("n",), "t00001"))
    lake.passed(2)
    lake.write(TableName(("n",), "fresh"))
    assert lake.passed(8)["n.fresh"] == 1
