"""Starting and ending run workers, one at a time, the others queued in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from floe_bench.adapters.orchestrators.dagster import tag
from floe_bench.adapters.orchestrators.dagster.history import History
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.saved import fingerprint
from floe_bench.adapters.orchestrators.dagster.start import start
from floe_bench.adapters.orchestrators.warm.process import Child, WarmParent
from floe_bench.model.run import Ending, Means, Run, RunRequest, RunStatus

_POLITE_S, _FIRM_S = 10.0, 5.0
"""How long a worker may take after SIGINT (dbt ends its node), and after SIGTERM, before the next step."""

_TURN_S = 0.1
_LOOK_S = 0.1


@dataclass(slots=True)
class _Job:
    run: Run
    request: RunRequest
    process: Child | None = None
    cancelled: bool = False
    sooner: threading.Event = field(default_factory=threading.Event)
    """Somebody does not want to wait for the next step of its ending."""
    ending: Ending | None = None
    settled: threading.Event = field(default_factory=threading.Event)


@dataclass
class Launcher:
    """Two Dagster runs never share a process, and two dbt builds never share a project's tables: one runs at a time."""

    place: Place
    warm: WarmParent
    environment: Callable[[], Mapping[str, str]]
    history: History
    changed: Callable[[Run], None]
    """Told of a run that Dagster does not know yet."""
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Held by whoever builds: a run, or the nodes of a stepped one."""
    _queue: deque[_Job] = field(default_factory=deque)
    _active: _Job | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _closed: bool = False

    def submit(self, request: RunRequest) -> str:
        run = Run(
            run_id=str(uuid.uuid4()),
            status=RunStatus.QUEUED,
            launched_by=request.launched_by,
            selection=request.select or "",
            exclude=request.exclude or "",
            full_refresh=request.full_refresh,
            queued_at=datetime.now(UTC),
            repeats=request.repeats,
            rehearsal=request.rehearsal,
        )
        with self._lock:
            self._queue.append(_Job(run, request))
        self.changed(run)
        self._start_next()
        return run.run_id

    def queued(self) -> tuple[Run, ...]:
        """Runs that wait or that Dagster has not written down yet, newest first."""
        with self._lock:
            waiting = [job.run for job in self._queue]
            if self._active is not None:
                waiting.insert(0, self._active.run)
        return tuple(reversed(waiting))

    def is_ours(self, run_id: str) -> bool:
        with self._lock:
            return self._active is not None and self._active.run.run_id == run_id

    def ending(self, run_id: str) -> Ending | None:
        """How far the process of a cancelled run is with its end."""
        with self._lock:
            job = self._active
            return job.ending if job is not None and job.run.run_id == run_id else None

    def cancel(self, run_id: str) -> bool:
        """Again: the next step of its ending at once. False when the run is not one of ours, or is over."""
        with self._lock:
            job = next((each for each in self._queue if each.run.run_id == run_id), None)
            if job is not None:
                self._queue.remove(job)
                job.cancelled = True
                self._conclude(job, "")
                return True
            job = self._active
            if job is None or job.run.run_id != run_id:
                return False
            # A second SIGINT would interrupt the worker while it ends politely.
            first, job.cancelled = not job.cancelled, True
            if not first:
                job.sooner.set()
            elif job.process is not None:
                threading.Thread(target=self._end, args=(job,), name="cancel", daemon=True).start()
        return True

    def close(self) -> None:
        """Cancel what waits and what runs, and wait for it."""
        with self._lock:
            self._closed = True
            waiting, active = list(self._queue), self._active
        for job in (*waiting, *([active] if active is not None and not active.cancelled else [])):
            self.cancel(job.run.run_id)
        if active is not None:
            active.settled.wait(_POLITE_S + 3 * _FIRM_S)

    def _start_next(self) -> None:
        with self._lock:
            if self._active is not None or self._closed or not self._queue:
                return
            self._active = job = self._queue.popleft()
        threading.Thread(target=self._execute, args=(job,), name=f"run-{job.run.run_id[:8]}", daemon=True).start()

    def _execute(self, job: _Job) -> None:
        folder = self.place.run(job.run.run_id)
        folder.mkdir(parents=True, exist_ok=True)
        asked = folder / "request.json"
        asked.write_text(json.dumps({"run_id": job.run.run_id, "tags": self._tags(job)}))
        code = 0
        held = self._take_turn(job)
        if not job.cancelled:
            with asked.open("rb") as request, (folder / "worker.log").open("wb") as log:
                process = start(
                    "worker",
                    warm=self.warm,
                    place=self.place,
                    env=self.environment(),
                    stdin=request,
                    output=log,
                    stamp=fingerprint(self.place),
                )
                with self._lock:
                    job.process, late = process, job.cancelled
                if late:
                    self._end(job)
                code = process.wait()
        self._settle(job, code)
        if held:
            self.turn.release()
        with self._lock:
            self._active = None
        job.settled.set()
        self._start_next()

    def _take_turn(self, job: _Job) -> bool:
        while not self.turn.acquire(timeout=_TURN_S):
            if job.cancelled:
                return False
        return True

    def _settle(self, job: _Job, code: int) -> None:
        """Make the record true: a worker that is gone leaves no run that looks alive."""
        _end_group(job.process)
        self._conclude(job, _reason(self.place, job.run.run_id, code))

    def _conclude(self, job: _Job, reason: str) -> None:
        from dagster import DagsterRun

        instance = self.history.instance
        run = instance.get_run_by_id(job.run.run_id)
        if run is None:
            # It never came to run: it is remembered all the same.
            run = instance.add_run(DagsterRun(job_name=tag.JOB, run_id=job.run.run_id, tags=self._tags(job)))
        if run.is_finished:
            return
        if job.cancelled or run.status.value == "CANCELING":
            instance.report_run_canceled(run, "cancelled")
        else:
            instance.report_run_failed(run, reason)

    def _tags(self, job: _Job) -> dict[str, str]:
        """Those of the request; of a run that does another one again, Dagster's marks of such runs too."""
        tags, repeats = request_tags(job.request), job.request.repeats
        if repeats is None:
            return tags
        before = self.history.instance.get_run_by_id(repeats)
        first = before.tags.get(tag.REPEATS_FIRST, repeats) if before is not None else repeats
        return {**tags, tag.REPEATS: repeats, tag.REPEATS_FIRST: first}

    def _end(self, job: _Job) -> None:
        process = job.process
        if process is None or process.poll() is not None:
            return
        run = self.history.instance.get_run_by_id(job.run.run_id)
        if run is None or run.status.value == "NOT_STARTED":
            # Nothing was written yet, and the start that is about to be reported would take the mark below away again:
            # an interrupt behind it would read as a failure.
            process.send_signal(signal.SIGKILL)
        elif not run.is_finished and run.status.value != "CANCELING":
            # Without this mark Dagster reports an interrupted run as failed.
            self.history.instance.report_run_canceling(run)
        for means, number, patience_s in _STEPS:
            since = datetime.now(UTC)
            last = means is Means.KILLED
            job.ending = Ending(means, since, None if last else since + timedelta(seconds=patience_s))
            if process.poll() is None:
                process.send_signal(number)
            if _ended(process, patience_s, sooner=job.sooner):
                break
            job.sooner.clear()


_STEPS = (
    (Means.ASKED, signal.SIGINT, _POLITE_S),
    (Means.ENDED, signal.SIGTERM, _FIRM_S),
    (Means.KILLED, signal.SIGKILL, _FIRM_S),
)


def _ended(process: Child, patience_s: float, *, sooner: threading.Event) -> bool:
    deadline = monotonic() + patience_s
    while monotonic() < deadline and not sooner.is_set():
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_S)
            return True
    return process.poll() is not None


def request_tags(request: RunRequest) -> dict[str, str]:
    found = {
        tag.SELECT: request.select,
        tag.EXCLUDE: request.exclude,
        tag.VARIABLES: request.variables,
        tag.FULL_REFRESH: "true" if request.full_refresh else None,
        tag.LAUNCHED_BY: request.launched_by,
        tag.REHEARSAL: request.rehearsal,
    }
    return {name: value for name, value in found.items() if value}


def asked_of(tags: Mapping[str, str]) -> RunRequest:
    """The inverse of ``request_tags``."""
    return RunRequest(
        select=tags.get(tag.SELECT),
        exclude=tags.get(tag.EXCLUDE),
        full_refresh=bool(tags.get(tag.FULL_REFRESH)),
        launched_by=tags.get(tag.LAUNCHED_BY, "dagster"),
        variables=tags.get(tag.VARIABLES),
    )


def _reason(place: Place, run_id: str, code: int) -> str:
    if code < 0:
        return f"the run's worker process died of {signal.Signals(-code).name}"
    log = place.run(run_id) / "worker.log"
    last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:] if log.exists() else []
    return f"the run's worker process ended early (exit {code}): {last[0] if last else 'it said nothing'}"


def _end_group(process: Child | None) -> None:
    """dbt is a child of the worker: when the worker was killed it would go on by itself."""
    if process is None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
