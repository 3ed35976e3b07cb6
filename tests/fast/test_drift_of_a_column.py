"""How a column moved over snapshots: what is followed, what is read, and which change is unusual."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from floe_bench.cli.drift_report import DRIFT, READING
from floe_bench.core.profile import LocalProfiling
from floe_bench.errors import Cancelled, NoSuchSnapshot, QueryFailed, UsageError
from floe_bench.events import DriftProgressed, Event
from floe_bench.model.drift import (
    EARLIEST,
    MEAN,
    NO_MORE,
    NOT_YET,
    NULLS,
    ROWS,
    Figures,
    Reading,
    marked,
    measures_of,
    unusual_places,
    value_of,
)
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Column, Member, Table, TableName
from tests.builders import dbt_project
from tests.command_line import CommandLine

ORDERS = TableName(("marts",), "orders")
START = datetime(2026, 1, 31, tzinfo=UTC)
AMOUNT = Column(2, "amount", "long")


class Lake:
    """Catalog and compute of one table whose figures are the snapshot's own id."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.line = snapshots
        self.schemas: dict[int, tuple[Column, ...]] = {}
        self.lost: set[int] = set()
        self.read: list[tuple[int, str]] = []

    def catalog(self) -> Any:
        return self

    def compute(self) -> Any:
        return self

    def snapshots(self, name: TableName) -> tuple[Snapshot, ...]:
        return self.line

    def table(self, name: TableName) -> Table:
        at = next((each.snapshot_id for each in self.line if "main" in each.refs), None)
        return Table(str(name), "marts", at, 1, 1, 1, START)

    def members(self, name: TableName, snapshot_id: int | None = None) -> tuple[Member, ...]:
        columns = self.schemas.get(snapshot_id or -1, (AMOUNT,))
        return tuple(Member(each.field_id, (each.name,), each.type) for each in columns)

    def figures(self, name: TableName, snapshot_id: int, path: tuple[str, ...], *, cancelled: Any) -> Figures:
        if cancelled():
            raise Cancelled("cancelled")
        self.read.append((snapshot_id, path[0]))
        if snapshot_id in self.lost:
            raise QueryFailed("a file is gone", remedy="floe-bench snapshots")
        return Figures(snapshot_id, 0, mean=float(snapshot_id))


def snapshot(snapshot_id: int, operation: str = "append", **more: Any) -> Snapshot:
    parent = snapshot_id - 1 or None
    return replace(Snapshot(snapshot_id, parent, START + timedelta(hours=snapshot_id), operation), **more)


def line(many: int, **at: str) -> Lake:
    """``many`` snapshots, main at the last."""
    made = [snapshot(each, at.get(f"s{each}", "append")) for each in range(1, many + 1)]
    return Lake(*made[:-1], replace(made[-1], refs=("main",)))


def figures_of(found: Any) -> list[int | None]:
    return [each.figures.rows if each.figures else None for each in found.readings]


def test_it_is_oldest_first_of_the_newest_along_one_line() -> None:
    lake = line(6)
    lake.line = (*lake.line, snapshot(9, parent_id=3, refs=("audit",)))
    profiling = LocalProfiling(lake)
    found = profiling.drift("marts.orders", "amount", limit=3)
    assert (figures_of(found), found.older, found.field_id) == ([4, 5, 6], 3, 2)
    assert figures_of(profiling.drift("marts.orders", "amount", 9)) == [1, 2, 3, 9]
    with pytest.raises(NoSuchSnapshot):
        profiling.drift("marts.orders", "amount", 77)
    with pytest.raises(UsageError, match="0 snapshots"):
        profiling.drift("marts.orders", "amount", limit=0)


def test_the_newest_is_read_first_and_each_is_told_as_it_comes() -> None:
    lake, told = line(3), list[Event]()
    LocalProfiling(lake, emit=told.append).drift("marts.orders", "amount")
    progress = [event for event in told if isinstance(event, DriftProgressed)]
    assert [each.reading.snapshot_id for each in progress] == [3, 2, 1] == [number for number, _ in lake.read]
    assert {(each.table, each.column, each.snapshots) for each in progress} == {("marts.orders", "amount", 3)}


def test_what_was_read_once_is_kept_and_what_failed_is_tried_again() -> None:
    lake = line(3)
    lake.lost = {2}
    profiling = LocalProfiling(lake)
    first = profiling.drift("marts.orders", "amount")
    assert (figures_of(first), first.faults) == ([1, None, 3], 1)
    assert (first.readings[1].fault, first.readings[1].remedy) == ("a file is gone", "floe-bench snapshots")
    lake.lost, lake.read = set(), []
    assert figures_of(profiling.drift("marts.orders", "amount")) == [1, 2, 3]
    assert lake.read == [(2, "amount")]


def test_a_column_is_followed_by_its_id_over_a_rename_and_where_it_is_not() -> None:
    lake = line(5)
    lake.schemas = {1: (Column(1, "amount", "string"),), 2: (Column(2, "spend", "int"),), 5: ()}
    found = LocalProfiling(lake).drift("marts.orders", "amount")
    assert [(each.column, each.type, each.absent) for each in found.readings] == [
        ("", "", NOT_YET), ("spend", "int", ""), ("amount", "long", ""), ("amount", "long", ""), ("", "", NO_MORE),
    ]  # fmt: skip
    assert lake.read == [(4, "amount"), (3, "amount"), (2, "spend")]
    with pytest.raises(UsageError, match="no column 'total'") as error:
        LocalProfiling(lake).drift("marts.orders", "total")
    assert error.value.remedy == "floe-bench schema marts.orders --history"


def test_what_only_wrote_the_same_rows_anew_is_not_read_but_where_the_rows_before_are_gone() -> None:
    lake = line(4, s2="replace", s3="replace")
    found = LocalProfiling(lake).drift("marts.orders", "amount")
    assert [each.same_rows for each in found.readings] == [False, True, True, False]
    assert figures_of(found) == [3, 3, 3, 4], "of those with the same rows one is read, the newest"
    lake = line(4, s2="replace", s3="replace")
    lake.lost = {3}
    assert figures_of(LocalProfiling(lake).drift("marts.orders", "amount")) == [2, 2, 2, 4]


def test_the_first_half_of_a_write_is_not_read_and_is_no_change() -> None:
    """PyIceberg, and so Dagster's IO manager, replaces rows by a delete and an append."""
    lake = line(5, s2="delete", s4="delete")
    soon = [
        replace(each, committed_at=START + timedelta(hours=(number + 1) // 2)) for number, each in enumerate(lake.line)
    ]
    lake.line = tuple(soon)
    found = LocalProfiling(lake).drift("marts.orders", "amount")
    assert [each.half for each in found.readings] == [False, True, False, True, False]
    assert figures_of(found) == [1, None, 3, None, 5] and found.faults == 0
    at_the_half = LocalProfiling(lake).drift("marts.orders", "amount", 4)
    assert figures_of(at_the_half) == [1, None, 3, 4], "what was current is told as it was"
    lake.line = (*soon[:3], replace(soon[3], run_id="r1"), replace(soon[4], run_id="r2"))
    assert figures_of(LocalProfiling(lake).drift("marts.orders", "amount")) == [1, None, 3, 4, 5], "of two runs"


def test_it_can_be_given_up_and_goes_on_from_there() -> None:
    lake = line(4)
    profiling = LocalProfiling(lake)
    with pytest.raises(Cancelled):
        profiling.drift("marts.orders", "amount", cancelled=lambda: len(lake.read) == 2)
    assert figures_of(profiling.drift("marts.orders", "amount")) == [1, 2, 3, 4]
    assert [number for number, _ in lake.read] == [4, 3, 2, 1]


def test_a_table_that_was_never_written_has_no_reading() -> None:
    assert LocalProfiling(Lake()).drift("marts.orders", "amount").readings == ()


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([0, 10, 22, 31, 42, 500], {5}),
        ([0, 10, 22, 31, 42, 52], set()),
        ([0, 0, 0, 0, 0, 3, 3, 3], {5}),
        ([5, 5, 5, 5, 5, 5], set()),
        ([0, 10, 20, 500], set()),
        ([0, 10, None, 22, 31, 42, None, 500, 511], {7}),
        ([0, 10, 510, 520, 531, 541, 1041, 1051, 1061], {2, 6}),
        ([None] * 9, set()),
    ],
    ids=["a jump", "as ever", "what never changes", "nothing", "too few", "over gaps", "two jumps", "no value"],
)
def test_a_change_is_unusual_beyond_three_times_what_most_others_stay_within(
    values: list[float | None], places: set[int]
) -> None:
    assert unusual_places(values) == places


def reading(place: int, figures: Figures | None, **more: Any) -> Reading:
    return replace(Reading(place, START, "append", "amount", "double", figures), **more)


def test_what_is_no_change_is_never_unusual() -> None:
    """An estimate differs by a little, a sum of floats by its order; and a rewrite says nothing of what is usual."""
    blips = [Figures(9, 0, 1_000_000, exact=False, mean=0.3)] * 7
    blips.append(Figures(9, 0, 1_030_000, exact=False, mean=0.1 + 0.2))
    assert not any(each.unusual for each in marked([reading(place, each) for place, each in enumerate(blips)]))
    counted = [replace(each, exact=True) for each in blips]
    assert marked([reading(place, each) for place, each in enumerate(counted)])[-1].unusual == ("distinct",)
    grown = [reading(place, Figures(place // 5, 0), same_rows=place % 5 > 0) for place in range(40)]
    assert not any(each.unusual for each in marked(grown))
    grown.append(reading(40, Figures(60, 0)))
    assert marked(grown)[-1].unusual == (ROWS,)


def test_each_kind_of_column_has_measures_of_its_own() -> None:
    numbers = reading(1, Figures(4, 1, 3, lower="-1.5", upper="NaN", mean=2.0))
    assert measures_of([numbers]) == (ROWS, NULLS, "distinct", MEAN, "least")
    assert (value_of(numbers, NULLS), value_of(numbers, "least")) == (25, -1.5)
    days = reading(1, Figures(4, 4, 0, lower="1970-01-02", upper="1970-01-02T00:00:01+00:00"), type="date")
    assert (value_of(days, EARLIEST), value_of(days, "latest"), value_of(days, "least")) == (86_400, 86_401, None)
    words = reading(1, Figures(0, 0, 0, lower="1", upper="2", shortest=1, mean_length=1.5, longest=2), type="string")
    assert measures_of([words]) == (ROWS, "distinct", "shortest", "mean length", "longest")


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    command_line = CommandLine()
    assert command_line("run").code == 0
    return command_line


MART = "marts.customer_totals"


def test_the_command_prints_its_documented_fields_oldest_first(built: CommandLine) -> None:
    for day in range(2, 8):
        rows = [{"customer_id": n, "orders": 1, "total": 10.0 * day} for n in range(3 if day < 7 else 90)]
        built.bench.write_from_outside(MART, rows)
    found = built("drift", MART, "total", "--limit", "6", "--json").json
    assert (tuple(found), tuple(found["readings"][0])) == (DRIFT.names, READING.names)
    assert [each["mean"] for each in found["readings"]] == [20, 30, 40, 50, 60, 70]
    assert (found["older"], found["readings"][-1]["unusual"]) == (1, ["rows"])
    shown = built("drift", MART, "total")
    assert (shown.code, "! changed more than three times" in shown.err) == (0, True)
    head, *lines = shown.out.splitlines()
    assert head.split() == ["committed", "snapshot", "operation", "rows", "null", "distinct", "mean", "median", "least",
                            "greatest"]  # fmt: skip
    assert len(lines) == 7 and "90 !" in lines[-1]
    assert "1 older one not looked at" in built("drift", MART, "total", "--limit", "6").err
    first = str(found["readings"][0]["snapshot_id"])
    assert len(built("drift", MART, "total", "--at", first, "--json").json["readings"]) == 2


def test_the_command_says_what_could_not_be_read_and_what_is_not_there(built: CommandLine) -> None:
    first = built("snapshots", MART, "--json").json[0]["snapshot_id"]
    built.bench.write_from_outside(MART, [{"customer_id": 1, "orders": 2, "total": 91.0, "tier": "gold"}])
    assert "not there yet" in built("drift", MART, "tier").out.splitlines()[1]
    built.bench.lake.lost = {(TableName.parse(MART), first)}
    outcome = built("drift", MART, "orders")
    assert (outcome.code, "cannot be read: a file that the table needs" in outcome.out) == (1, True)
    assert built("drift", MART, "nothing").code == 2
