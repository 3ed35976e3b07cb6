"""Which two snapshots a diff is between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from floe_bench.core.difference import difference
from floe_bench.errors import NoSuchSnapshot
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.snapshot import Diff, Ground, RowChange, Sample, SchemaChange, Snapshot
from floe_bench.model.table import Column, Table, TableName
from floe_bench.ports.compute import Told, nobody
from tests.builders import snapshot

ORDERS = TableName(("shop",), "orders")


@dataclass
class Kept:
    """A catalog of one table, and rows that say between which snapshots they were asked for."""

    history: Sequence[Snapshot]

    def tables(self) -> tuple[Table, ...]:
        return ()

    def table(self, name: TableName) -> Table:
        raise KeyError(name)

    def snapshots(self, name: TableName) -> tuple[Snapshot, ...]:
        return tuple(self.history)

    def columns(self, name: TableName, snapshot_id: int | None = None) -> tuple[Column, ...]:
        return ()

    def schema_change(self, name: TableName, before: int | None, after: int) -> SchemaChange:
        return SchemaChange()

    def ground(self, name: TableName, before: int | None, after: int) -> Ground:
        return Ground(added=("new",) * after, removed=("old",) * (before or 0))

    def query(self, sql: str, *, limit: int, cancelled: Callable[[], bool]) -> QueryAnswer:
        return QueryAnswer((), (), ())

    def row_change(
        self,
        table: TableName,
        before: int | None,
        after: int,
        *,
        key: tuple[str, ...],
        limit: int,
        offset: int = 0,
        cancelled: Callable[[], bool],
        told: Told = nobody,
        ground: Ground | None = None,
    ) -> tuple[RowChange, tuple[Sample, ...]]:
        return RowChange(added=after, removed=before or 0, key=key), ()

    def count(self, table: TableName, snapshot_id: int | None = None) -> int:
        return 0


def ends(*history: Snapshot, before: int | None = None, after: int | None = None) -> tuple[int | None, int]:
    kept = Kept(history)
    found = difference(kept, kept, ORDERS, before=before, after=after, key=("id",), limit=20, cancelled=lambda: False)
    # Rows, files and the answer itself speak of the same two.
    assert (found.rows.removed or None, found.rows.added) == (found.from_snapshot, found.to_snapshot)
    assert (found.files.removed or None, found.files.added) == (found.from_snapshot, found.to_snapshot)
    assert found.rows.key == ("id",)
    return found.from_snapshot, found.to_snapshot


FIRST, SECOND, THIRD = snapshot(1), snapshot(2, parent_id=1), snapshot(3, parent_id=2, refs=("main",))


def test_by_default_the_current_snapshot_and_its_parent() -> None:
    assert ends(FIRST, SECOND, THIRD) == (2, 3)


def test_the_current_snapshot_is_the_one_of_main_and_not_the_newest() -> None:
    branch = snapshot(4, parent_id=1, refs=("audit",))
    assert ends(FIRST, SECOND, THIRD, branch) == (2, 3)


def test_without_refs_the_newest_is_current() -> None:
    assert ends(FIRST, SECOND) == (1, 2)


def test_a_later_end_alone_is_compared_with_its_parent() -> None:
    assert ends(FIRST, SECOND, THIRD, after=2) == (1, 2)


def test_an_earlier_end_alone_is_compared_with_the_current() -> None:
    assert ends(FIRST, SECOND, THIRD, before=1) == (1, 3)


def test_both_ends_as_given_also_backwards() -> None:
    assert ends(FIRST, SECOND, THIRD, before=3, after=1) == (3, 1)


def test_the_first_snapshot_is_compared_with_nothing() -> None:
    assert ends(FIRST, SECOND, after=1) == (None, 1)


def test_a_parent_that_was_expired_counts_as_nothing() -> None:
    assert ends(snapshot(2, parent_id=1)) == (None, 2)


@pytest.mark.parametrize("asked", [{"before": 9}, {"after": 9}])
def test_a_snapshot_that_is_not_there_is_said_with_the_way_to_see_which_are(asked: dict[str, int]) -> None:
    with pytest.raises(NoSuchSnapshot, match=r"shop.orders has no snapshot 9") as caught:
        ends(FIRST, **asked)
    assert caught.value.remedy == "floe-bench snapshots shop.orders"


def test_a_table_that_was_never_written_has_nothing_to_compare() -> None:
    with pytest.raises(NoSuchSnapshot, match="never written"):
        ends()


def test_samples_show_the_key_first_and_then_what_changed_in_the_most_rows() -> None:
    row = {"a": 1, "note": "x", "id": 7, "total": 2, "name": "n"}
    rows = RowChange(changed=3, key=("id",), columns={"name": 1, "total": 3})
    diff = Diff("shop.orders", 1, 2, SchemaChange(), rows, (Sample("changed", row, row),))
    assert diff.sample_columns == ("id", "total", "name", "a", "note")
