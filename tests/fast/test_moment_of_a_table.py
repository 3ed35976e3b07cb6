"""What a table had at a time: its own log first, its main line where that does not reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from floe_bench.errors import NoSuchSnapshot
from floe_bench.model.past import find_snapshot, lake_at, moment_of, reaches, snapshot_then
from floe_bench.model.snapshot import Snapshot

START = datetime(2026, 1, 31, 9, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def snapshot(
    snapshot_id: int, minute: int, *, parent: int | None = None, main: bool = False, log: tuple[int, ...] = ()
) -> Snapshot:
    refs = ("main",) if main else ()
    return Snapshot(
        snapshot_id, parent, at(minute), "append", refs=refs, current_at=tuple(at(minute) for minute in log)
    )


UNDONE = (snapshot(11, 0, log=(0, 20), main=True), snapshot(12, 10, parent=11, log=(10,)))
"""12 was current for ten minutes; then it was taken back."""
UNLOGGED = (snapshot(21, 0), snapshot(22, 10, parent=21, main=True))
EXPIRED = (snapshot(32, 10, parent=31, log=(10,), main=True),)


@pytest.mark.parametrize(("minute", "then"), [(5, 11), (15, 12), (20, 11), (99, 11)])
def test_what_was_undone_since_was_current_until_then(minute: int, then: int) -> None:
    found = snapshot_then(UNDONE, at(minute))
    assert found is not None and found.snapshot_id == then


@pytest.mark.parametrize(("minute", "then"), [(-1, None), (0, 21), (9, 21), (10, 22)])
def test_without_a_log_the_main_line_says_it(minute: int, then: int | None) -> None:
    found = snapshot_then(UNLOGGED, at(minute))
    assert (found.snapshot_id if found else None) == then


def test_nothing_is_said_of_a_time_that_expired() -> None:
    assert not reaches(EXPIRED, at(5))
    assert reaches(EXPIRED, at(15))


def test_a_table_that_begins_later_had_nothing_and_that_is_known() -> None:
    assert snapshot_then(UNLOGGED, at(-1)) is None
    assert reaches(UNLOGGED, at(-1))
    assert reaches((), at(0))


def test_a_time_is_one_moment_of_all_tables() -> None:
    lake = {"raw.a": UNDONE, "raw.b": UNLOGGED, "raw.c": EXPIRED}
    assert lake_at(lake, at(5).isoformat()) == {"raw.a": 11, "raw.b": 21}
    assert lake_at(lake, at(15).isoformat()) == {"raw.a": 12, "raw.b": 22, "raw.c": 32}


def test_a_snapshot_stands_for_its_time_in_the_other_tables() -> None:
    assert lake_at({"raw.a": UNDONE, "raw.b": UNLOGGED}, "12") == {"raw.a": 12, "raw.b": 22}


def test_the_start_of_two_ids_names_neither() -> None:
    with pytest.raises(NoSuchSnapshot, match="'1' fits 2 snapshots"):
        lake_at({"raw.a": UNDONE, "raw.b": UNLOGGED}, "1")
    with pytest.raises(NoSuchSnapshot, match=r"'1' fits 2 snapshots of raw\.a"):
        find_snapshot(UNDONE, "1", table="raw.a")


def test_a_time_without_a_zone_is_the_users_own() -> None:
    berlin = timezone(timedelta(hours=1))
    assert moment_of("2026-01-31 10:00", berlin) == START
    assert moment_of("2026-01-31T09:00Z", berlin) == START
    assert moment_of("8841") is None and moment_of("nightly-run") is None
