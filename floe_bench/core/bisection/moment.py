"""The history of several tables as one line of moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from floe_bench.model.bisection import Commit, Moment
from floe_bench.model.snapshot import Snapshot, is_half


def moments(lines: Mapping[str, Sequence[Snapshot]]) -> tuple[Moment, ...]:
    """Oldest first, from the first at which every table has a snapshot. ``lines`` are main lines, oldest first.

    Commits are ordered by their time; those of one table keep their order, whatever their writers' clocks said. What
    one run wrote without anybody in between is one moment, since nobody was meant to read half of it; so are a delete
    and the append right after it.
    """
    found: list[Moment] = []
    now: dict[str, int] = {}
    for group in _grouped(_merged(lines)):
        now |= {commit.table: commit.snapshot.snapshot_id for commit in group}
        if len(now) == len(lines):
            found.append(Moment(group[-1].snapshot.committed_at, tuple(group), dict(now)))
    return tuple(found)


def _merged(lines: Mapping[str, Sequence[Snapshot]]) -> list[Commit]:
    timed: list[tuple[datetime, Commit]] = []
    for table, line in lines.items():
        latest: datetime | None = None
        for snapshot in line:
            latest = snapshot.committed_at if latest is None else max(latest, snapshot.committed_at)
            timed.append((latest, Commit(table, snapshot)))
    # Sorting is stable: at the same time, the order of a table's own line stays.
    return [commit for _, commit in sorted(timed, key=lambda each: each[0])]


def _grouped(commits: Sequence[Commit]) -> Iterator[list[Commit]]:
    group: list[Commit] = []
    for commit in commits:
        if group and not _belongs(group[-1], commit):
            yield group
            group = []
        group.append(commit)
    if group:
        yield group


def _belongs(last: Commit, commit: Commit) -> bool:
    before, after = last.snapshot, commit.snapshot
    if before.run_id is not None or after.run_id is not None:
        return before.run_id == after.run_id
    return last.table == commit.table and is_half(before, after)
