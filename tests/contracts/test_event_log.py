"""A run's event log that was laid out ahead is the one that Dagster would have made."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from sqlalchemy import Engine, event

from floe_bench.adapters.orchestrators.dagster.event_log import begun, empty_log, recognize
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.sqlite import keep_engines, let_go
from floe_bench.config.project import find_project
from tests.contracts.workbench import shop


@dg.asset
def tea() -> None:
    """Nothing is kept of it."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(find_project(shop(tmp_path)))
    place.prepare()
    return place


@pytest.fixture
def instance(place: Place) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(place.home)) as instance:
        yield instance


def log_of(instance: dg.DagsterInstance, run_id: str) -> Path:
    storage = instance.event_log_storage
    assert isinstance(storage, SqliteEventLogStorage)
    return Path(storage.path_for_shard(run_id))


def laid_out(file: Path) -> list[tuple[object, ...]]:
    """All that SQLite knows of the file's tables, and which of Dagster's migrations it has."""
    with closing(sqlite3.connect(file)) as log:
        shape = log.execute("select type, name, sql from sqlite_master order by 1, 2").fetchall()
        return [*shape, *log.execute("select * from alembic_version"), *log.execute("pragma journal_mode")]


def test_it_is_the_one_that_dagster_makes(place: Place, instance: dg.DagsterInstance) -> None:
    result = dg.materialize([tea], instance=instance)
    assert laid_out(empty_log(place)) == laid_out(log_of(instance, result.run_id))


def test_dagster_writes_into_it(place: Place, instance: dg.DagsterInstance) -> None:
    run_id = dg.DagsterRun(job_name="any").run_id
    with begun(instance, place, empty_log(place), run_id):
        assert log_of(instance, run_id).exists()
        job = dg.Definitions(assets=[tea]).resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=instance, run_id=run_id)
    kinds = [each.dagster_event_type for each in instance.all_logs(run_id)]
    assert dg.DagsterEventType.ASSET_MATERIALIZATION in kinds
    assert [each for each in log_of(instance, run_id).parent.iterdir() if each.suffix != ".db"] == []


def test_a_log_that_is_there_already_keeps_its_events(place: Place, instance: dg.DagsterInstance) -> None:
    run_id = dg.materialize([tea], instance=instance).run_id
    before = [each.timestamp for each in instance.all_logs(run_id)]
    with begun(instance, place, empty_log(place), run_id):
        pass
    assert [each.timestamp for each in instance.all_logs(run_id)] == before


def test_a_log_that_is_laid_out_is_not_held_against_all_migrations_again(
    place: Place, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, never = dg.materialize([tea], instance=instance).run_id, dg.DagsterRun(job_name="any").run_id
    held: list[object] = []
    compared = sqlite_event_log.check_alembic_revision
    monkeypatch.setattr(
        sqlite_event_log, "check_alembic_revision", lambda *given: held.append(given) or compared(*given)
    )
    with dg.DagsterInstance.from_config(str(place.home)) as another:
        for run_id in (done, never):
            recognize(another, run_id)
        assert another.all_logs(done)
        assert held == []
        assert another.all_logs(never) == []
        assert len(held) == 1, "one that is not there yet is laid out by Dagster"


def test_an_event_that_is_written_makes_no_engine_anew(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_engines()
    first = dg.materialize([tea], instance=instance)
    made = []
    for module in (sqlite_event_log, sqlite_run_storage):
        kept = module.create_engine
        monkeypatch.setattr(
            kept, "_make", lambda url, make=kept._make, **options: made.append(url) or make(url, **options)
        )
    second = dg.materialize([tea], instance=instance)
    assert made == [f"sqlite:///{log_of(instance, second.run_id)}"]
    assert instance.all_logs(first.run_id)


def test_a_process_that_writes_one_run_opens_no_file_for_each_event(
    place: Place, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But once for each of those that use it at the same time; and what was kept open is closed and written back."""
    for module in (sqlite_event_log, sqlite_run_storage):
        monkeypatch.setattr(module, "create_engine", _plain(module.create_engine))
    keep_engines(connected=True)
    opened: list[str] = []
    with listening(lambda file: opened.append(file)):
        run_id = dg.materialize([tea], instance=instance).run_id
    assert set(Counter(opened).values()) <= {1, 2}
    let_go()
    assert [each.name for each in log_of(instance, run_id).parent.iterdir() if each.suffix != ".db"] == []
    assert [each for each in instance.all_logs(run_id) if each.dagster_event]
    let_go()


def _plain(create: Any) -> Any:
    """Whatever an earlier test put in its place."""
    return getattr(create, "_make", create)


@contextmanager
def listening(hear: Callable[[str], None]) -> Iterator[None]:
    def connected(connection: sqlite3.Connection, record: object) -> None:
        hear(connection.execute("pragma database_list").fetchone()[2])

    event.listen(Engine, "connect", connected)
    yield
    event.remove(Engine, "connect", connected)


def test_it_is_made_once(place: Place) -> None:
    made = empty_log(place)
    at = made.stat().st_mtime_ns
    assert (empty_log(place), made.stat().st_mtime_ns) == (made, at)
    assert [each.name for each in made.parent.iterdir()] == [made.name]
