"""Following a run that another process executes and writes down."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import psutil

from floe_bench.adapters.orchestrators.dagster import follower as following
from floe_bench.adapters.orchestrators.dagster.follower import Follower
from floe_bench.adapters.orchestrators.dagster.history import History
from floe_bench.adapters.orchestrators.dagster.journal import JournalWriter
from floe_bench.adapters.orchestrators.dagster.launcher import Launcher
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.events import Event, NodeChanged, RunChanged
from floe_bench.model.project import Project
from floe_bench.model.run import Ending, Run, RunStatus
from tests.builders import node, run


class OneRun:
    """An instance with one run, none of whose steps has begun; counts how often its runs are read."""

    def __init__(self, run: Run) -> None:
        self.run, self.reads = run, 0
        self.instance = self

    def runs(self, limit: int) -> tuple[Run, ...]:
        self.reads += 1
        return (self.run,)

    def get_records_for_run(self, run_id: str, **asked: object) -> OneRun:
        return self

    event_log_storage, cursor, records = None, "", ()


class Idle:
    def queued(self) -> tuple[Run, ...]:
        return ()

    def ending(self, run_id: str) -> Ending | None:
        return None

    def is_ours(self, run_id: str) -> bool:
        return True


@contextmanager
def followed(place: Place, history: OneRun) -> Iterator[queue.Queue[Event]]:
    heard: queue.Queue[Event] = queue.Queue()
    follower = Follower(place, cast(History, history), cast(Launcher, Idle()))
    thread = threading.Thread(target=follower.follow, args=(heard.put,))
    thread.start()
    try:
        yield heard
    finally:
        follower.stop()
        thread.join()


def test_a_journal_is_heard_at_once_and_dagster_read_again_when_its_files_changed_or_it_is_time(tmp_path: Path) -> None:
    place = Place(Project("shop", tmp_path, tmp_path, "shop", "shop"))
    place.database.parent.mkdir(parents=True)
    place.database.touch()
    going = run(status=RunStatus.RUNNING)
    history = OneRun(going)
    with followed(place, history) as heard, JournalWriter(place.run(going.run_id)) as journal:
        journal.worker(os.getpid(), psutil.Process().create_time())
        assert isinstance(heard.get(timeout=60), RunChanged)
        began, before = time.monotonic(), history.reads
        for number in range(20):
            journal.node(node(f"model_{number}"))
            found = heard.get(timeout=60)
            assert isinstance(found, NodeChanged) and found.node.name == f"model_{number}"
            time.sleep(0.03)
        assert history.reads - before <= 1 + (time.monotonic() - began) / following._IDLE_S
        history.run = run(status=RunStatus.CANCELLING)
        place.database.write_text("another status")
        found = heard.get(timeout=60)
        assert isinstance(found, RunChanged) and found.run.status is RunStatus.CANCELLING
