"""The verbs of the bench: one interface, with a local and a remote form.

Method names are the wire protocol's verbs, parameter and return types its schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset
from floe_bench.model.code import Code
from floe_bench.model.finding import Finding
from floe_bench.model.reset import Reset
from floe_bench.model.run import Run, RunRequest
from floe_bench.model.snapshot import Diff, Snapshot
from floe_bench.model.stack import StackStatus
from floe_bench.model.table import Table
from floe_bench.ports.anatomy import AnatomyVerbs
from floe_bench.ports.carry import CancellableCarrying, CarryVerbs
from floe_bench.ports.check import CancellableChecks, Checks
from floe_bench.ports.console import ConsoleVerbs
from floe_bench.ports.export import Exporting
from floe_bench.ports.maintenance import Maintenance
from floe_bench.ports.past import PastVerbs
from floe_bench.ports.picking import Picking
from floe_bench.ports.profile import CancellableProfiling, Profiling
from floe_bench.ports.querying import CancellableQuerying, Querying
from floe_bench.ports.rehearsal import Rehearsing
from floe_bench.ports.reshape import Reshaping
from floe_bench.ports.saving import Saving
from floe_bench.ports.service import ServiceVerbs
from floe_bench.ports.stepping import CancellableStepping, Stepping
from floe_bench.ports.undo import Undoing
from floe_bench.ports.view import ViewVerbs


class Bench(Protocol):
    """Every call may raise any BenchError. Calls that need the stack or the project wait until it is booted."""

    def status(self) -> StackStatus:
        """At once, also while booting."""

    def keep(self, kept: bool) -> StackStatus:
        """Stay up after the last client left, or not; ``kept`` waits for the boot, and starts what was stopped."""

    def shutdown(self) -> None:
        """Stop runs, stack and the engine itself."""

    def reset(self) -> Reset:
        """Delete the lakehouse and the run history; returns what was deleted, in words. The stack is down then."""

    def assets(self) -> tuple[Asset, ...]:
        """Every asset with its status."""

    def submit(self, request: RunRequest) -> str:
        """Queue a run; its id, at once."""

    def cancel(self, run_id: str) -> None:
        """Ask it to end; again, not to wait any longer: its process is ended, then killed. See ``Run.ending``."""

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        """Newest first, without nodes."""

    def run(self, run_id: str) -> Run:
        """With nodes; a unique prefix is enough."""

    def tables(self) -> tuple[Table, ...]: ...

    def snapshots(self, table: str) -> tuple[Snapshot, ...]:
        """Oldest first, each with the run and asset that made it."""

    def diff(
        self,
        table: str,
        from_snapshot: int | None = None,
        to_snapshot: int | None = None,
        key: tuple[str, ...] = (),
        limit: int = 20,
        offset: int = 0,
    ) -> Diff:
        """The last two snapshots by default; from the parent of ``to_snapshot`` when only that is given.

        ``limit`` samples of each kind of change, after the first ``offset``. How far a long one is comes as
        ``ComparisonProgressed`` events.
        """

    def query(self, sql: str, limit: int = 1000) -> QueryAnswer: ...

    def rows(self, table: str, snapshot_id: int | None = None, offset: int = 0, limit: int = 100) -> QueryAnswer:
        """A page of a table as it was at a snapshot; as it is now when None. ``types`` are Iceberg's spelling."""

    def code(self, run_id: str | None, node_id: str) -> Code:
        """Of a node in that run; None: as the project has it now, with the newest compiled text there is."""

    def failing_rows(self, run_id: str | None, node_id: str, limit: int = 50) -> QueryAnswer:
        """What a dbt test of that run finds in the tables as they are now."""

    def logs(self, source: str = "", lines: int = 200) -> tuple[LogLine, ...]:
        """Of ``engine``, ``stack``, a service of it or a run id; engine and stack when empty."""

    def doctor(self) -> tuple[Finding, ...]: ...

    def connect(self, tool: str, show_secrets: bool = False) -> str:
        """Settings for an outside ``tool``: dbt, pyiceberg, duckdb, spark, trino or env."""

    @property
    def services(self) -> ServiceVerbs: ...

    @property
    def carrying(self) -> CarryVerbs: ...

    @property
    def undo(self) -> Undoing: ...

    @property
    def stepping(self) -> Stepping:
        """Runs that can be stepped."""

    @property
    def rehearsing(self) -> Rehearsing: ...

    @property
    def checks(self) -> Checks: ...

    def refresh(self) -> None:
        """Look at project, runs and catalog again; answers come as events."""

    @property
    def console(self) -> ConsoleVerbs: ...

    @property
    def anatomy(self) -> AnatomyVerbs: ...

    @property
    def views(self) -> ViewVerbs: ...

    @property
    def maintenance(self) -> Maintenance: ...

    @property
    def profile(self) -> Profiling: ...

    @property
    def export(self) -> Exporting: ...

    @property
    def querying(self) -> Querying: ...

    @property
    def reshaping(self) -> Reshaping: ...

    @property
    def picking(self) -> Picking: ...

    @property
    def saving(self) -> Saving: ...

    @property
    def past(self) -> PastVerbs: ...


class CancellableBench(Bench, Protocol):
    """A Bench whose slow reads end with ``Cancelled`` soon after ``cancelled`` turned true. That is not on the wire."""

    def diff(
        self,
        table: str,
        from_snapshot: int | None = None,
        to_snapshot: int | None = None,
        key: tuple[str, ...] = (),
        limit: int = 20,
        offset: int = 0,
        cancelled: Callable[[], bool] | None = None,
    ) -> Diff: ...

    def rows(
        self,
        table: str,
        snapshot_id: int | None = None,
        offset: int = 0,
        limit: int = 100,
        cancelled: Callable[[], bool] | None = None,
    ) -> QueryAnswer: ...

    def code(self, run_id: str | None, node_id: str, cancelled: Callable[[], bool] | None = None) -> Code: ...

    def failing_rows(
        self, run_id: str | None, node_id: str, limit: int = 50, cancelled: Callable[[], bool] | None = None
    ) -> QueryAnswer: ...

    @property
    def profile(self) -> CancellableProfiling: ...

    @property
    def querying(self) -> CancellableQuerying: ...

    @property
    def stepping(self) -> CancellableStepping: ...

    @property
    def checks(self) -> CancellableChecks: ...

    @property
    def carrying(self) -> CancellableCarrying: ...
