"""Which snapshots may go, and why others that are as old stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from floe_bench.dataclass import dataclass
from floe_bench.model.snapshot import Snapshot

MAX_AGE = "history.expire.max-snapshot-age-ms"
MIN_KEPT = "history.expire.min-snapshots-to-keep"
_DEFAULT_AGE = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Policy:
    older_than: datetime
    keep: int


def policy(properties: Mapping[str, str], *, now: datetime, older_than: datetime | None, keep: int | None) -> Policy:
    """What was asked for, else what the table says, else Iceberg's defaults. A property that is no number counts as
    left out.

    Source: Iceberg documentation, "Configuration", table behavior properties.
    """
    age, least = properties.get(MAX_AGE, ""), properties.get(MIN_KEPT, "")
    since = now - (timedelta(milliseconds=int(age)) if age.isdecimal() else _DEFAULT_AGE)
    return Policy(older_than or since, keep if keep is not None else max(1, int(least)) if least.isdecimal() else 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    going: tuple[int, ...]
    held: Mapping[int, str]


def judged(
    snapshots: Sequence[Snapshot], wanted: Policy, *, tags: frozenset[str], needed: Mapping[int, str]
) -> Verdict:
    """``needed``: ids that somebody else needs, each with who. ``held`` is about those older than asked for only.

    Where refs are is what the snapshots themselves say: another look at the table may see another moment.
    """
    reasons = dict(needed)
    for name, chain in _chains(snapshots, tags).items():
        for place, snapshot_id in enumerate(chain[: max(1, wanted.keep)]):
            reasons.setdefault(snapshot_id, f"{name} points to it" if place == 0 else f"among the last of {name}")
    old = [each.snapshot_id for each in snapshots if each.committed_at < wanted.older_than]
    return Verdict(
        tuple(each for each in old if each not in reasons),
        {each: reasons[each] for each in old if each in reasons},
    )


def read_by_runs(snapshots: Sequence[Snapshot], since: datetime | None, who: str) -> dict[int, str]:
    """A run that goes on may have begun to read any snapshot that was a head since it started."""
    if since is None:
        return {}
    before = [each.snapshot_id for each in snapshots if each.committed_at <= since]
    after = [each.snapshot_id for each in snapshots if each.committed_at > since]
    return dict.fromkeys([*before[-1:], *after], who)


def _chains(snapshots: Sequence[Snapshot], tags: frozenset[str]) -> dict[str, list[int]]:
    """Each ref's snapshots, newest first; a tag has one."""
    parents = {each.snapshot_id: each.parent_id for each in snapshots}
    found = {}
    for name, head in ((name, each.snapshot_id) for each in snapshots for name in each.refs):
        chain, at = list[int](), head
        while at not in chain:
            chain.append(at)
            parent = parents[at]
            if parent is None or parent not in parents or name in tags:
                break
            at = parent
        found[name] = chain
    return found
