"""The way from a snapshot back to the first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from floe_bench.adapters.iceberg.branch import ancestry


def table(**parents: int | None) -> Any:
    """Of snapshots ``s1``, ``s2`` and so on, with the number of each one's parent."""
    found = [SimpleNamespace(snapshot_id=int(name[1:]), parent_snapshot_id=of) for name, of in parents.items()]
    return SimpleNamespace(metadata=SimpleNamespace(snapshots=found))


def ids(of: Any, snapshot_id: int | None) -> list[int]:
    return [each.snapshot_id for each in ancestry(of, snapshot_id)]


def test_a_snapshot_and_its_ancestors_are_told_newest_first() -> None:
    branched = table(s1=None, s2=1, s3=1, s4=3)
    assert ids(branched, 4) == [4, 3, 1]
    assert ids(branched, None) == ids(branched, 9) == []


def test_what_was_expired_ends_it_and_so_does_a_circle() -> None:
    assert ids(table(s3=2, s4=3), 4) == [4, 3]
    assert ids(table(s1=2, s2=1), 2) == [2, 1]
