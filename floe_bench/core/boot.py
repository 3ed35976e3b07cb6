"""Bringing one project to life, in the order in which things need each other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from floe_bench.core.board import Board
from floe_bench.errors import BenchError, Cancelled, EngineError
from floe_bench.events import (
    Booted,
    PhaseEnded,
    PhaseStarted,
    ProblemFound,
    ProblemSolved,
    ProjectOpened,
    RunsListed,
    StackChanged,
)
from floe_bench.model.asset import Asset
from floe_bench.model.reset import Reset
from floe_bench.model.run import Run
from floe_bench.model.stack import Endpoints, StackState, StackStatus
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.compute import Compute
from floe_bench.ports.orchestrator import Orchestrator
from floe_bench.ports.site import Site

T = TypeVar("T")

PROJECT = "dbt project"
"""What the project's problems are about."""

_RUNS_REMEMBERED = 50


class Unfinished(Protocol):
    """Work that an engine which was killed may have left half done."""

    def unfinished(self) -> bool: ...

    def settle(self) -> tuple[str, ...]:
        """Finish it or roll it back; what was done, in words. Raises BenchError: it stays unfinished."""


class Boot:
    """Runs once, in a thread of its own. Whoever needs a part waits for that part, and is told why there is none."""

    def __init__(self, site: Site, board: Board) -> None:
        self._site, self._board = site, board
        self._stop = threading.Event()
        self._reading = threading.RLock()
        self._stack_ready, self._whole = threading.Event(), threading.Event()
        self._endpoints: Endpoints | None = None
        self._catalog: CatalogReader | None = None
        self._compute: Compute | None = None
        self._orchestrator: Orchestrator | None = None
        self.assets: tuple[Asset, ...] | None = None
        self._stack_error: BenchError | None = None
        self._project_error: BenchError | None = None
        self._unfinished: tuple[Unfinished, ...] = ()
        self._changing = threading.Lock()
        self._resting: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="boot", daemon=True)

    def end_with(self, *work: Unfinished) -> None:
        """The last phase, where there is something to take up."""
        self._unfinished = work

    def start(self) -> None:
        self._thread.start()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    # ── what others wait for ──────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> StackStatus:
        status = self._site.stack.status()
        if status.state is StackState.READY and not self._stack_ready.is_set():
            return StackStatus(status.stack, StackState.STARTING, status.services)
        if self._stack_error is not None:
            return StackStatus(status.stack, StackState.FAILED, status.services)
        return status

    def endpoints(self) -> Endpoints:
        return self._part(self._stack_ready, lambda: self._endpoints)

    def catalog(self) -> CatalogReader:
        return self._part(self._stack_ready, lambda: self._catalog)

    def compute(self) -> Compute:
        return self._part(self._stack_ready, lambda: self._compute)

    def orchestrator(self, *, parsed: bool = True) -> Orchestrator:
        """``parsed``: only when the project could be read; raises what dbt said otherwise."""
        found = self._part(self._whole, lambda: self._orchestrator)
        if parsed and self._project_error is not None:
            raise self._project_error
        return found

    def _part(self, ready: threading.Event, part: Callable[[], T | None]) -> T:
        while not ready.wait(0.2):
            if self._stop.is_set():
                raise Cancelled("the bench is closing")
        if self._stack_error is not None:
            raise self._stack_error
        found = part()
        if found is None:
            raise EngineError("the stack is down", remedy="floe-bench up")
        return found

    # ── the boot itself ───────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        start = time.monotonic()
        project = self._site.project
        self._board.emit(ProjectOpened(project.name, str(project.root), project.namespace))
        self._attempt(self._site.orchestrator.prepare)
        self._attempt(self._bring_up)
        self._stack_ready.set()
        self._board.emit(StackChanged(self.status()))
        if self._stack_error is None:
            self._attempt(self._open_orchestrator)
        self._whole.set()
        self._take_up()
        ok = self._stack_error is None and self._project_error is None
        self._board.emit(Booted(ok, time.monotonic() - start))

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BenchError as error:
            self._stack_error = error
        except Exception as error:
            logging.getLogger(__name__).exception("the boot failed")
            self._stack_error = EngineError(
                f"the boot failed: {type(error).__name__}: {error}", remedy="floe-bench logs --source engine"
            )
        if self._stack_error is not None:
            failed = self._stack_error
            self._board.emit(ProblemFound("stack", failed.message, failed.remedy, failed.where))

    def _bring_up(self) -> None:
        endpoints = self._site.stack.up(self._board.emit, self._stop.is_set)
        self._catalog, self._compute = self._site.catalog(endpoints), self._site.compute(endpoints)
        self._endpoints = endpoints

    def _open_orchestrator(self) -> None:
        assert self._endpoints is not None
        orchestrator = self._site.orchestrator
        with self._phase("dagster", "dagster instance") as detail:
            orchestrator.attach(self._site.environment(self._endpoints))
            self._orchestrator = orchestrator
            known = self._orchestrator.runs(_RUNS_REMEMBERED)
            runs = tuple(self._with_nodes(run) for run in known)
            self._board.emit(RunsListed(runs))
            detail.append(f"{len(runs)} runs" if len(runs) < _RUNS_REMEMBERED else f"{len(runs)} newest runs")
        threading.Thread(target=self._orchestrator.follow, args=(self._board.emit,), name="follow", daemon=True).start()
        with self._phase("dbt", "dbt project") as detail:
            self.read_project()
            if self._project_error is not None:
                raise self._project_error
            detail.append(f"{len(self.assets or ())} assets")

    def _with_nodes(self, run: Run) -> Run:
        assert self._orchestrator is not None
        return self._orchestrator.run(run.run_id)

    def _take_up(self) -> None:
        begun = [work for work in self._unfinished if work.unfinished()] if self._stack_error is None else []
        if begun:
            with self._phase("undo", "what was interrupted") as detail:
                for work in begun:
                    detail += work.settle()

    def catch_up(self) -> None:
        """Read the project if a file of it was saved since it was read; waits for a read that is under way."""
        orchestrator = self.orchestrator(parsed=False)  # before the lock: a boot that is under way reads under it
        with self._reading:
            if orchestrator.changed_files():
                self.read_project()

    def read_project(self) -> bool:
        """Read the project (again); one that cannot be read leaves the assets that were known before: False."""
        with self._reading:
            return self._read_project()

    def _read_project(self) -> bool:
        assert self._orchestrator is not None
        try:
            self.assets = self._orchestrator.load(self._board.emit)
        except BenchError as error:
            self._project_error = error
            self._board.emit(ProblemFound(PROJECT, error.message, error.remedy, error.where))
            return False
        self._project_error = None
        self._board.emit(ProblemSolved(PROJECT))
        return True

    def revive(self) -> None:
        """Start a stack again that ended by itself (killed, out of memory); the boot's own failure stays as it is."""
        if self._stop.is_set() or self._stack_error is not None or self._endpoints is None or self._resting:
            return
        with self._changing:
            if self._site.stack.status().state is StackState.STOPPED and not self._resting:
                self._back(lambda: self._site.stack.up(self._board.emit, self._stop.is_set))

    def rest(self, service: str, stop: Callable[[], None]) -> None:
        """Stop that service, which is then left stopped. Raises what the boot failed with."""
        self.endpoints()
        with self._changing:
            self._resting.add(service)
            try:
                stop()
            finally:
                self._board.emit(StackChanged(self.status()))

    def rise(self, start: Callable[[], Endpoints]) -> None:
        """Start what is missing of the stack. Raises what the boot failed with, or the start."""
        self.endpoints()
        with self._changing:
            self._resting.clear()
            self._back(start)

    def wake(self) -> None:
        """Start what was stopped by hand. Raises as ``rise``."""
        if self._resting:
            self.rise(lambda: self._site.stack.up(self._board.emit, self._stop.is_set))

    def _back(self, start: Callable[[], Endpoints]) -> None:
        self._board.emit(StackChanged(self.status()))
        try:
            if start() != self._endpoints:
                # Runs and queries hold the old addresses.
                self._stack_error = EngineError("the lakehouse came back at other ports", remedy="floe-bench down")
                self._board.emit(ProblemFound("stack", self._stack_error.message, self._stack_error.remedy))
        finally:
            self._board.emit(StackChanged(self.status()))

    @contextmanager
    def _phase(self, phase: str, title: str) -> Iterator[list[str]]:
        start, detail = time.monotonic(), list[str]()
        self._board.emit(PhaseStarted(phase, title, datetime.now(UTC)))
        try:
            yield detail
        except BenchError as error:
            # Not raised on: the catalog is there, and a project is mended while the bench is open.
            line = error.message.splitlines()[0]
            self._board.emit(PhaseEnded(phase, time.monotonic() - start, error=line, remedy=error.remedy))
        else:
            self._board.emit(PhaseEnded(phase, time.monotonic() - start, ", ".join(detail)))

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

    def close(self, *, stop_stack: bool) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._close_compute()
        self._site.orchestrator.close()
        if stop_stack:
            self._site.stack.down()

    def _close_compute(self) -> None:
        if self._compute is not None:
            self._compute.close()
            self._compute = None

    def reset(self) -> Reset:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._close_compute()
        self._site.orchestrator.close()
        self._catalog = self._orchestrator = self._endpoints = None
        lost, forgotten = self._site.stack.reset(), self._site.forget()
        self._board.emit(StackChanged(self.status()))
        return Reset((*lost, *forgotten.deleted), forgotten.kept)
