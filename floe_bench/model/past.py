"""What somebody means by a snapshot, a ref or a time: of one table, and of several at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from floe_bench.errors import NoSuchSnapshot
from floe_bench.model.command import to_type
from floe_bench.model.snapshot import Snapshot


def find_snapshot(snapshots: Sequence[Snapshot], typed: str, *, table: str) -> int:
    """A snapshot id, the unique start of one, a branch or tag, or a time: what was current then.

    Raises:
        NoSuchSnapshot: none fits, or several do.
    """
    moment = moment_of(typed)
    if moment is not None:
        found = snapshot_then(snapshots, moment)
        if found is None:
            raise NoSuchSnapshot(f"{table} had no snapshot at {typed}", remedy=to_type("snapshots", table))
        return found.snapshot_id
    like = _like(snapshots, typed)
    if len(like) == 1:
        return like[0]
    fault = f"'{typed}' fits {len(like)} snapshots of {table}" if like else f"{table} has no snapshot '{typed}'"
    raise NoSuchSnapshot(fault, remedy=to_type("snapshots", table))


def lake_at(tables: Mapping[str, Sequence[Snapshot]], typed: str) -> dict[str, int]:
    """The snapshot of each table; one that had none then is missing.

    A time is what was current then. A branch or tag is that of the tables that have it, beside the others as they are
    now. A snapshot id, or the unique start of one, stands for the time at which it was committed.

    Raises:
        NoSuchSnapshot: none fits, or several do.
    """
    moment = moment_of(typed)
    if moment is not None:
        return _known((table, _then(snapshots, moment)) for table, snapshots in tables.items())
    named = _known((table, _ref(snapshots, typed)) for table, snapshots in tables.items())
    if named:
        now = _known((table, _ref(snapshots, "main")) for table, snapshots in tables.items())
        return {**now, **named}
    table, snapshot = one_like(tables, typed)
    others = _known((each, _then(snapshots, snapshot.committed_at)) for each, snapshots in tables.items())
    return {**others, table: snapshot.snapshot_id}


def one_like(tables: Mapping[str, Sequence[Snapshot]], typed: str) -> tuple[str, Snapshot]:
    """The table and snapshot that a snapshot id, or the unique start of one, names. Raises NoSuchSnapshot."""
    like = [(table, each) for table, found in tables.items() for each in _like(found, typed)]
    if len(like) == 1:
        table, snapshot_id = like[0]
        return table, next(each for each in tables[table] if each.snapshot_id == snapshot_id)
    fault = f"'{typed}' fits {len(like)} snapshots" if like else f"no table here has a snapshot or ref '{typed}'"
    raise NoSuchSnapshot(fault, remedy="floe-bench snapshots TABLE, or a time: --at 2026-01-31")


def moment_of(typed: str, zone: tzinfo | None = None) -> datetime | None:
    """Without a zone it is the user's own. A bare number is the start of an id, not a year."""
    if "-" not in typed and ":" not in typed:
        return None
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)


def snapshot_then(snapshots: Sequence[Snapshot], moment: datetime) -> Snapshot | None:
    """What was current then; None for a table that was not written yet, and where nothing that is kept reaches so far.

    The table's own log knows it, also of what was undone since. Where that log does not reach so far, it is what the
    main line had then.

    Source: Iceberg spec, "Table Metadata Fields", snapshot-log.
    """
    log = sorted(((at, place) for place, each in enumerate(snapshots) for at in each.current_at))
    if log and log[0][0] <= moment:
        return snapshots[max(entry for entry in log if entry[0] <= moment)[1]]
    return next((each for each in main_line(snapshots) if each.committed_at <= moment), None)


def reaches(snapshots: Sequence[Snapshot], moment: datetime) -> bool:
    """What is kept says what the table had then, also if that is nothing."""
    if snapshot_then(snapshots, moment) is not None:
        return True
    oldest = min(snapshots, key=lambda each: each.committed_at, default=None)
    return oldest is None or oldest.parent_id is None


def main_line(snapshots: Sequence[Snapshot]) -> Iterator[Snapshot]:
    """Newest first, as far as it is kept."""
    known = {each.snapshot_id: each for each in snapshots}
    each = next((found for found in snapshots if "main" in found.refs), None)
    while each is not None:
        yield each
        each = known.get(each.parent_id) if each.parent_id is not None else None


def _like(snapshots: Sequence[Snapshot], typed: str) -> list[int]:
    wanted = typed.rstrip("…")
    exact = [each.snapshot_id for each in snapshots if str(each.snapshot_id) == wanted]
    by_ref = [each.snapshot_id for each in snapshots if wanted in each.refs]
    return exact or by_ref or [each.snapshot_id for each in snapshots if str(each.snapshot_id).startswith(wanted)]


def _ref(snapshots: Sequence[Snapshot], ref: str) -> int | None:
    return next((each.snapshot_id for each in snapshots if ref in each.refs), None)


def _then(snapshots: Sequence[Snapshot], moment: datetime) -> int | None:
    found = snapshot_then(snapshots, moment)
    return found.snapshot_id if found is not None else None


def _known(found: Iterable[tuple[str, int | None]]) -> dict[str, int]:
    return {table: snapshot_id for table, snapshot_id in found if snapshot_id is not None}
