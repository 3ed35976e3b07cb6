"""Following every run of the project, by whomever it was started."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from dataclasses import dataclass, field, replace

import psutil

from floe_bench.adapters.orchestrators.dagster.history import History, PythonSteps
from floe_bench.adapters.orchestrators.dagster.journal import JournalReader
from floe_bench.adapters.orchestrators.dagster.launcher import Launcher
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.events import Logged, NodeChanged, RunChanged
from floe_bench.model.answer import LogLine
from floe_bench.model.run import Run, RunStatus
from floe_bench.ports.stack import Emit

_GLANCE_S, _BUSY_S, _IDLE_S = 0.005, 0.1, 0.5
_WATCHED_RUNS = 30


@dataclass(slots=True)
class _Tail:
    """What was already reported of one run that is not over."""

    journal: JournalReader
    steps: PythonSteps
    run: Run | None = None

    @property
    def begun(self) -> bool:
        return self.run is not None and self.run.status is not RunStatus.QUEUED


@dataclass
class Follower:
    """Polls: Dagster's own watcher does not see other processes' runs before somebody names them."""

    place: Place
    history: History
    launcher: Launcher
    _tails: dict[str, _Tail] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)
    _seen: tuple[object, ...] = ()
    _looked: float = 0.0
    _stopped: threading.Event = field(default_factory=threading.Event)

    def follow(self, emit: Emit) -> None:
        """Until ``stop``; runs that were over before are not reported again."""
        self._over = {run.run_id for run in self.history.runs(_WATCHED_RUNS) if run.status.over}
        while not self._stopped.is_set():
            try:
                if self._changed() or self._due():
                    self._look(emit)
                elif self._busy():
                    self._hear_steps(emit)
                self._listen(emit)
            except Exception:  # a locked database, a full disk: the next look goes on where this one ended
                self._seen = ()
                logging.getLogger(__name__).exception("following the runs failed")
                self._stopped.wait(_BUSY_S)

    def _listen(self, emit: Emit) -> None:
        """Until the next look at Dagster: a journal tells of its nodes sooner, and costs less to look at.

        A run is said to have begun before anything of it is.
        """
        if not self._busy():
            self._stopped.wait(_BUSY_S if self.launcher.queued() else _IDLE_S)
            return
        until = time.monotonic() + _BUSY_S
        while time.monotonic() < until:
            if self._stopped.wait(_GLANCE_S):
                return
            for run_id, tail in self._tails.items():
                if tail.begun and tail.journal.grew():
                    _tell(run_id, tail.journal, emit)

    def stop(self) -> None:
        self._stopped.set()

    def _busy(self) -> bool:
        """A stepped run that stands may stand for days."""
        return any(tail.run is None or tail.run.status is not RunStatus.STOPPED for tail in self._tails.values())

    def _changed(self) -> bool:
        file = self.place.database
        files = [each.stat() for each in (file, file.with_name(file.name + "-wal")) if each.exists()]
        ends = [self.launcher.ending(run_id) for run_id in self._tails]
        seen = (*((each.st_mtime_ns, each.st_size) for each in files), *ends)
        changed, self._seen = seen != self._seen, seen
        return changed or bool(self.launcher.queued())

    def _due(self) -> bool:
        """No file tells of a worker that was killed."""
        return self._busy() and time.monotonic() - self._looked >= _IDLE_S

    def _look(self, emit: Emit) -> None:
        self._looked = time.monotonic()
        for run in reversed(self.history.runs(_WATCHED_RUNS)):
            if run.run_id in self._over:
                continue
            tail = self._tails.get(run.run_id)
            if tail is None:
                tail = self._tails[run.run_id] = _Tail(
                    JournalReader(self.place.run(run.run_id)), PythonSteps(run.run_id)
                )
            # The status was read first: what the journal holds then is complete when the status says over.
            self._drain(tail, run, emit)
            if run.status.over:
                run = replace(run, error=self._error(tail, run))
                self._over.add(run.run_id)
                self._tails.pop(run.run_id)
                self._remember_good(run)
            elif self._died(tail, run):
                continue
            if not run.status.over:
                run = replace(run, ending=self.launcher.ending(run.run_id))
            if run != tail.run:
                tail.run = run
                emit(RunChanged(run))

    def _drain(self, tail: _Tail, run: Run, emit: Emit) -> None:
        _tell(run.run_id, tail.journal, emit)
        # Reading a run's own file makes it, and the worker that is about to would have to try again.
        if run.status is not RunStatus.QUEUED:
            _tell_steps(run.run_id, tail.steps, self.history, emit)

    def _hear_steps(self, emit: Emit) -> None:
        """Of runs that go on; where dbt does everything there are none to hear of."""
        for run_id, tail in self._tails.items():
            if tail.begun and not tail.steps.none:
                _tell_steps(run_id, tail.steps, self.history, emit)

    def _remember_good(self, run: Run) -> None:
        """``state:`` selectors compare with the last run of everything that went well."""
        manifest = self.place.run(run.run_id) / "target" / "manifest.json"
        if (
            run.status == "success"
            and not run.rehearsal
            and not run.selection
            and not run.exclude
            and manifest.exists()
        ):
            self.place.last_good.mkdir(parents=True, exist_ok=True)
            draft = self.place.last_good / ".manifest.json"
            shutil.copyfile(manifest, draft)
            draft.replace(self.place.last_good / "manifest.json")

    def _error(self, tail: _Tail, run: Run) -> str:
        if run.status != "failed" or any(node.status == "failed" for node in tail.journal.nodes.values()):
            return ""
        return self.history.error(run.run_id)

    def _died(self, tail: _Tail, run: Run) -> bool:
        """A worker of a killed engine died with nobody to report it: its run would look alive for ever."""
        opening = run.step_id is not None
        if opening and run.status is not RunStatus.QUEUED:
            return False  # its processes come and go; the bench that steps it knows where it stands
        if tail.journal.worker is None or self.launcher.is_ours(run.run_id) or is_alive(*tail.journal.worker):
            return False
        found = self.history.instance.get_run_by_id(run.run_id)
        if found is None or found.is_finished or (opening and found.status.value != "NOT_STARTED"):
            return False
        self.history.instance.report_run_failed(found, "the run's worker process died while no engine watched it")
        return True


def _tell(run_id: str, journal: JournalReader, emit: Emit) -> None:
    """What is new in it."""
    lines: list[LogLine] = []
    for entry in journal.read():
        if isinstance(entry, LogLine):
            lines.append(entry)
        else:
            emit(NodeChanged(run_id, entry))
    if lines:
        emit(Logged(tuple(lines)))


def _tell_steps(run_id: str, steps: PythonSteps, history: History, emit: Emit) -> None:
    for node in steps.read(history.instance):
        emit(NodeChanged(run_id, node))


def is_alive(pid: int, created: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - created) < 1.0
    except psutil.NoSuchProcess:
        return False
