"""The orchestrator port over Dagster."""

from __future__ import annotations

import importlib
import json
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from floe_bench.adapters.orchestrators.dagster.check import read_check
from floe_bench.adapters.orchestrators.dagster.code import code_of
from floe_bench.adapters.orchestrators.dagster.console import WebConsole, end_left
from floe_bench.adapters.orchestrators.dagster.follower import Follower, is_alive
from floe_bench.adapters.orchestrators.dagster.history import History
from floe_bench.adapters.orchestrators.dagster.journal import JournalReader, worker_of
from floe_bench.adapters.orchestrators.dagster.launcher import Launcher
from floe_bench.adapters.orchestrators.dagster.model_file import ModelFiles
from floe_bench.adapters.orchestrators.dagster.parse import read_project
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.rehearsed import adopt
from floe_bench.adapters.orchestrators.dagster.remembered import remembered
from floe_bench.adapters.orchestrators.dagster.saved import Seen, changed, has_profile, look, stamp
from floe_bench.adapters.orchestrators.dagster.stepper import DagsterStepper
from floe_bench.adapters.orchestrators.warm.process import WarmParent
from floe_bench.errors import NoSuchRun
from floe_bench.events import RunChanged
from floe_bench.model.answer import LogLine
from floe_bench.model.asset import Asset
from floe_bench.model.bisection import Check
from floe_bench.model.code import Code
from floe_bench.model.materialization import Materialization
from floe_bench.model.project import Project
from floe_bench.model.run import Run, RunRequest, RunStatus
from floe_bench.ports.stack import Emit

_RUNS_SEARCHED = 1000
"""How far back the compiled text before a run is looked for."""


class DagsterOrchestrator:
    """Runs on one instance per project; children are forked from a warm parent where the platform can."""

    def __init__(self, project: Project) -> None:
        self._place = Place(project)
        self._warm = WarmParent(self._place.warm, self._place.home / "warm.log")
        self._environment: dict[str, str] = {}
        self._console = WebConsole(self._place, self._child_environment)
        self._emit: Emit = lambda event: None
        self._keeping = threading.Lock()
        self._assets: tuple[str, ...] = ()
        self._read: Seen = {}
        self._looked: Future[tuple[Seen, tuple[Asset, ...] | None]] | None = None

    def prepare(self) -> None:
        self._place.prepare()
        end_left(self._place)
        self._warm.start()
        one = ThreadPoolExecutor(1, thread_name_prefix="look-ahead")
        self._looked = one.submit(self._look_ahead)
        one.shutdown(wait=False)
        threading.Thread(target=importlib.import_module, args=("dagster",), name="import", daemon=True).start()

    def attach(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._history = History(self._place)
        self._launcher = Launcher(
            self._place, self._warm, self._child_environment, self._history, lambda run: self._emit(RunChanged(run))
        )
        self._stepper = DagsterStepper(self._place, self._warm, self._child_environment, self._history, self._launcher)
        self._follower = Follower(self._place, self._history, self._launcher)

    def _child_environment(self) -> Mapping[str, str]:
        return self._place.environment(self._environment)

    @property
    def console(self) -> WebConsole:
        return self._console

    @property
    def model_writer(self) -> ModelFiles:
        return ModelFiles(self._place)

    def load(self, emit: Emit) -> tuple[Asset, ...]:
        self._read, known = self._ahead()
        found = known or read_project(self._place, self._child_environment(), self._warm, seen=stamp(self._read))
        self._assets = tuple(asset.asset for asset in found)
        # The parent may still be importing; the project is there without it.
        threading.Thread(target=self._keep_spares, name="spares", daemon=True).start()
        return found

    def _look_ahead(self) -> tuple[Seen, tuple[Asset, ...] | None]:
        seen = look(self._place)
        return seen, remembered(self._place, stamp(seen))

    def _ahead(self) -> tuple[Seen, tuple[Asset, ...] | None]:
        """The first time what was looked at while the stack started: whatever was saved since is noticed soon."""
        looked, self._looked = self._looked, None
        if looked is not None and has_profile(looked.result()[0], self._place):
            return looked.result()
        return look(self._place), None

    def _keep_spares(self) -> None:
        with self._keeping:
            for program, mark in (("worker", stamp(self._read)), ("dbt", "")):
                self._warm.keep(program, env=self._child_environment(), cwd=self._place.project.root, stamp=mark)

    def changed_files(self) -> tuple[str, ...]:
        return changed(self._read, look(self._place), root=self._place.project.root)

    def submit(self, request: RunRequest) -> str:
        return self._launcher.submit(request)

    def stepper(self) -> DagsterStepper:
        return self._stepper

    def cancel(self, run_id: str) -> None:
        queued = [run for run in self._launcher.queued() if run.run_id.startswith(run_id)]
        run = queued[0] if len(queued) == 1 else self._history.find(run_id)
        if run.status.over or self._launcher.cancel(run.run_id):
            return
        self._cancel_elsewhere(run)

    def _cancel_elsewhere(self, run: Run) -> None:
        """A run of another process (a killed engine's, or ``dagster dev``): its worker handles the signal itself.

        A second time its process is told to end, whatever it is at.
        """
        worker = worker_of(self._place.run(run.run_id))
        if worker is None or not is_alive(*worker):
            raise NoSuchRun(
                f"run {run.run_id[:8]} belongs to another program that cannot be told to stop from here",
                remedy="cancel it where it was started",
            )
        found = self._history.instance.get_run_by_id(run.run_id)
        if found is not None and not found.is_finished:
            self._history.instance.report_run_canceling(found)
        os.kill(worker[0], signal.SIGTERM if run.status is RunStatus.CANCELLING else signal.SIGINT)

    def runs(self, limit: int) -> tuple[Run, ...]:
        known = self._history.runs(limit)
        ids = {run.run_id for run in known}
        waiting = tuple(run for run in self._launcher.queued() if run.run_id not in ids)
        return (*waiting, *known)[:limit]

    def run(self, run_id: str) -> Run:
        queued = [run for run in self._launcher.queued() if run.run_id.startswith(run_id)]
        try:
            run = self._history.find(run_id)
        except NoSuchRun:
            if len(queued) != 1:
                raise
            return queued[0]
        nodes = self._history.nodes(run.run_id)
        error = ""
        if run.status == "failed" and not any(node.status == "failed" for node in nodes):
            error = self._history.error(run.run_id)
        return replace(run, nodes=nodes, error=error, ending=self._launcher.ending(run.run_id))

    def log(self, run_id: str) -> tuple[LogLine, ...]:
        folder = self._place.run(self.run(run_id).run_id)
        return tuple(entry for entry in JournalReader(folder).read() if isinstance(entry, LogLine))

    def code(self, run_id: str | None, node_id: str) -> Code:
        every = [run.run_id for run in self._history.runs(_RUNS_SEARCHED)]
        if run_id is None:
            return code_of(self._place, node_id, run_id=None, earlier=every)
        found = self._history.find(run_id).run_id
        earlier = every[every.index(found) + 1 :] if found in every else []
        return code_of(self._place, node_id, run_id=found, earlier=earlier)

    def check(self, typed: str, *, cancelled: Callable[[], bool]) -> Check:
        return read_check(typed, self._place, self._warm, self._child_environment(), cancelled=cancelled)

    def adopt(self, run_id: str, assets: Sequence[str]) -> None:
        adopt(self._history.instance, run_id, assets)

    def follow(self, emit: Emit) -> None:
        self._emit = emit
        self._follower.follow(emit)

    def materializations(self) -> Mapping[str, Materialization]:
        return self._history.materializations(self._assets)

    def snapshot_links(self) -> Mapping[int, tuple[str, str]]:
        file = self._place.links
        if not file.exists():
            return {}
        found = (json.loads(line) for line in file.read_text().splitlines() if line.endswith("}"))
        return {int(each["snapshot_id"]): (each["run_id"], each["asset"]) for each in found}

    def observe(self, asset: str, description: str, facts: Mapping[str, str]) -> None:
        self._history.observe(asset, description, facts)

    def close(self) -> None:
        self._console.close(last=True)
        if self._environment:
            self._launcher.close()
            self._follower.stop()
            self._history.close()
        self._warm.close()
