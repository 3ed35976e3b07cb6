"""Runs of the orchestrator, and the nodes inside them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    """A stepped run between two nodes: nothing of it is open."""
    CANCELLING = "cancelling"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self in (RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED)


class Means(StrEnum):
    """How the process of a run is made to end, each step when the one before was to no avail."""

    ASKED = "asked"
    """dbt ends its node."""
    ENDED = "ended"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Ending:
    """What was done last to end the process of a cancelled run, and when the next step comes; None after the last."""

    means: Means
    since: datetime
    until: datetime | None = None


class NodeStatus(StrEnum):
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class NodeRun:
    """One dbt node or Python asset inside a run; a test is a node too.

    ``asset`` is the key of the asset it makes or checks (None for a test on several). ``kind`` is seed, model,
    snapshot, test, unit_test or python. ``rows`` are rows written, or failing rows of a test. ``message`` is dbt's, one
    line or many; ``compiled_path`` is absolute, empty if nothing was compiled.
    """

    node_id: str
    name: str
    kind: str
    status: NodeStatus
    asset: str | None = None
    started_at: datetime | None = None
    duration_s: float | None = None
    rows: int | None = None
    snapshot_id: int | None = None
    message: str = ""
    compiled_path: str = ""
    attempt: int = 1
    """Which try of it this was inside its run."""

    @property
    def is_check(self) -> bool:
        return self.kind in ("test", "unit_test")


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``launched_by`` is where it was started: app, cli, dagster (outside), step. Newest runs come first.

    ``selection`` is the dbt selection as typed; empty means everything. ``nodes`` are in start order; empty in listings
    that ask for runs only.
    """

    run_id: str
    status: RunStatus
    launched_by: str = "dagster"
    selection: str = ""
    exclude: str = ""
    full_refresh: bool = False
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str = ""
    nodes: tuple[NodeRun, ...] = ()
    step_id: str | None = None
    """The stepped run that it belongs to."""
    repeats: str | None = None
    """The run that it does again, in whole or in part."""
    ending: Ending | None = None
    """While it is being cancelled by the engine that started it."""
    rehearsal: str | None = None
    """The rehearsal that it is: what it made is on branches."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """``select`` and ``exclude`` in dbt's selection syntax; None selects everything. ``launched_by`` as in ``Run``."""

    select: str | None = None
    exclude: str | None = None
    full_refresh: bool = False
    launched_by: str = "cli"
    variables: str | None = None
    """YAML or JSON for dbt's ``--vars``."""
    repeats: str | None = None
    """Id of the run that it does again."""
    rehearsal: str | None = None
    """Id of the rehearsal that the run is."""
