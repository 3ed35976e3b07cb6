"""What of a moment made a check fail, and what made that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from floe_bench.errors import NoSuchNode, NoSuchRun
from floe_bench.model.bisection import Commit, Culprit, Moment
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.step import Input
from floe_bench.ports.orchestrator import Orchestrator


def culprits(
    before: Moment, after: Moment, fails: Callable[[Mapping[str, int]], bool]
) -> tuple[tuple[Commit, int | None], ...]:
    """The commits of ``after`` that make the check ``fail`` alone on top of ``before``; all where none does so.

    Each with the snapshot that its table had before.
    """
    last = {commit.table: commit for commit in after.commits}
    found = tuple((commit, before.snapshots.get(table)) for table, commit in last.items())
    if len(found) == 1:
        return found
    alone = tuple(
        (commit, was) for commit, was in found if fails({**before.snapshots, commit.table: commit.snapshot.snapshot_id})
    )
    return alone or found


def explained(commit: Commit, before: int | None, line: Mapping[int, Snapshot], orchestrator: Orchestrator) -> Culprit:
    """With the code and the inputs of the node that made it, and those of the time before."""
    now, old = commit.snapshot, line.get(before) if before is not None else None
    reads = tuple(Input(table, read, (old.inputs if old else {}).get(table)) for table, read in now.inputs.items())
    return Culprit(
        table=commit.table,
        snapshot=now,
        before=before,
        sql=_compiled(now, orchestrator),
        previous_sql=_compiled(old, orchestrator) if old else "",
        previous_run_id=old.run_id if old else None,
        reads=reads,
    )


def _compiled(snapshot: Snapshot, orchestrator: Orchestrator) -> str:
    """Empty for one that is not by us, and where the run's files are gone."""
    if snapshot.run_id is None or snapshot.node_id is None:
        return ""
    try:
        return orchestrator.code(snapshot.run_id, snapshot.node_id).compiled
    except (NoSuchRun, NoSuchNode):
        return ""
