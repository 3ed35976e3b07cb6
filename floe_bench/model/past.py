"""What somebody means by a snapshot, a ref or a time: of one table, and of several at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from floe_bench.errors import NoSuchSnapshot
from floe_bench.model.snapshot import Snapshot


def find_snapshot(snapshots: Sequence[Snapshot], typed: str, *, table: str) -> int:
    """A snapshot id, the unique start of one, a branch or tag, or a time: what was on the main line then.

    Raises:
        NoSuchSnapshot: none fits, or several do.
    """
    moment = moment_of(typed)
    if moment is not None:
        found = _then(snapshots, moment)
        if found is None:
            raise NoSuchSnapshot(f"{table} had no snapshot at {typed}", remedy=f"floe-bench snapshots {table}")
        return found
    like = _like(snapshots, typed)
    if len(like) == 1:
        return like[0]
    fault = f"'{typed}' fits {len(like)} snapshots of {table}" if like else f"{table} has no snapshot '{typed}'"
    raise NoSuchSnapshot(fault, remedy=f"floe-bench snapshots {table}")


def lake_at(tables: Mapping[str, Sequence[Snapshot]], typed: str) -> dict[str, int]:
    """The snapshot of each table; one that had none then is missing.

    A time is what was on each main line. A branch or tag is that of the tables that have it, beside the others as they
    are now. A snapshot id, or the unique start of one, stands for the time at which it was committed.

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
    like = {table: found for table, snapshots in tables.items() if (found := _like(snapshots, typed))}
    many = sum(map(len, like.values()))
    if many != 1:
        fault = f"'{typed}' fits {many} snapshots" if many else f"no table of the query has a snapshot or ref '{typed}'"
        raise NoSuchSnapshot(fault, remedy="floe-bench snapshots TABLE, or a time: --at 2026-01-31")
    table, (snapshot_id,) = next(iter(like.items()))
    committed_at = next(each.committed_at for each in tables[table] if each.snapshot_id == snapshot_id)
    others = _known((each, _then(snapshots, committed_at)) for each, snapshots in tables.items())
    return {**others, table: snapshot_id}


def moment_of(typed: str) -> datetime | None:
    """Without a zone it is the user's own. A bare number is the start of an id, not a year."""
    if "-" not in typed and ":" not in typed:
        return None
    try:
        return datetime.fromisoformat(typed).astimezone(UTC)
    except ValueError:
        return None


def _like(snapshots: Sequence[Snapshot], typed: str) -> list[int]:
    wanted = typed.rstrip("…")
    exact = [each.snapshot_id for each in snapshots if str(each.snapshot_id) == wanted]
    by_ref = [each.snapshot_id for each in snapshots if wanted in each.refs]
    return exact or by_ref or [each.snapshot_id for each in snapshots if str(each.snapshot_id).startswith(wanted)]


def _ref(snapshots: Sequence[Snapshot], ref: str) -> int | None:
    return next((each.snapshot_id for each in snapshots if ref in each.refs), None)


def _then(snapshots: Sequence[Snapshot], moment: datetime) -> int | None:
    known = {each.snapshot_id: each for each in snapshots}
    each = next((found for found in snapshots if "main" in found.refs), None)
    while each is not None:
        if each.committed_at <= moment:
            return each.snapshot_id
        each = known.get(each.parent_id) if each.parent_id is not None else None
    return None


def _known(found: Iterable[tuple[str, int | None]]) -> dict[str, int]:
    return {table: snapshot_id for table, snapshot_id in found if snapshot_id is not None}
