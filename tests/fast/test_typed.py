"""Which snapshots are one's own: those that a statement certainly wrote, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from floe_bench.core.pairing import paired
from floe_bench.core.querying.typed import Typed, written_between
from floe_bench.model.snapshot import Snapshot
from tests.builders import snapshot


def line(*facts: dict[str, Any]) -> list[Snapshot]:
    """1, 2, 3, …, each the parent of the next; the last is current."""
    return [
        snapshot(number, parent_id=number - 1 or None, refs=("main",) if number == len(facts) else (), **each)
        for number, each in enumerate(facts, 1)
    ]


OURS: dict[str, Any] = {"run_id": None, "asset": None}


@pytest.mark.parametrize(
    ("since", "own"),
    [
        ([OURS], [2]),
        ([OURS, OURS], [3, 2]),
        ([OURS, OURS, OURS], []),
        ([{"run_id": "seven"}], []),
        ([OURS, {**OURS, "written_by": "spark 3.5"}], []),
        ([], []),
    ],
    ids=["one", "two", "more than a statement makes", "a run", "another engine", "nothing"],
)
def test_only_what_nobody_else_can_have_written_is_ones_own(since: list[dict[str, Any]], own: list[int]) -> None:
    found = line(OURS, *since)
    assert list(written_between(found, 1, len(found))) == own


def test_the_first_write_of_a_table_is_ones_own_and_a_rollback_meanwhile_is_not() -> None:
    assert list(written_between(line(OURS), None, 1)) == [1]
    assert list(written_between(line(OURS, OURS), 7, 2)) == []


def test_what_was_written_is_known_to_the_next_engine_and_odd_lines_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "typed.txt"
    Typed(file).add([8841, 6476])
    Typed(file).add([6476, 5369])
    file.write_text(file.read_text() + "tea\n\n")
    assert Typed(file).ids() == {8841, 6476, 5369}
    assert file.stat().st_mode & 0o777 in (0o600, 0o644)
    assert Typed(tmp_path / "nothing.txt").ids() == frozenset()


def test_a_typed_snapshot_is_no_runs_although_its_table_is_an_assets() -> None:
    (found,) = paired(line(OURS), table="t", assets=(), links={1: ("run", "asset")}, typed={1})
    assert (found.typed, found.run_id, found.asset) == (True, None, None)
