"""dbt behind ``DbtCliResource``: the stock executable, a forked child and a spare that read the project ahead."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pyarrow as pa
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment

from floe_bench.adapters.dbt.ahead import attach
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.warm.process import CAN_FORK
from floe_bench.adapters.orchestrators.warm.wire import SOCKET_VARIABLE
from floe_bench.config.project import find_project
from floe_bench.model.stack import Endpoints
from floe_bench.wiring.site import ProjectSite
from tests.contracts.workbench import PATIENCE_S, Workbench, eventually, opened, shop

pytestmark = [
    pytest.mark.skipif(not CAN_FORK, reason="programs are forked on Linux only"),
    pytest.mark.xdist_group("warm-dbt"),
]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Invocation:
    code: int
    events: list[dict[str, Any]]
    target: Path

    @property
    def pid(self) -> int:
        return int(self.events[0]["info"]["pid"])

    def count(self) -> Counter[tuple[str, str]]:
        """What is said of each node, and what is said of the end; parsing and connections are dbt's own business."""
        said = ("NodeStart", "NodeFinished", "LogModelResult", "LogSeedResult", "LogTestResult", "EndOfRunSummary")
        return Counter(
            (event["info"]["name"], event["data"].get("node_info", {}).get("unique_id", ""))
            for event in self.events
            if event["info"]["name"] in said
        )

    def compiled(self, model: str) -> str:
        (file,) = self.target.rglob(f"compiled/**/{model}.sql")
        return file.read_text()


@dataclass(frozen=True)
class Dbt:
    bench: Workbench
    place: Place
    env: Mapping[str, str]
    endpoints: Endpoints

    def __call__(self, *args: str, warm: bool = True, **env: str) -> Invocation:
        target = self.place.project.state_dir / "tried" / str(len(list(self.place.project.state_dir.glob("tried/*"))))
        target.mkdir(parents=True)
        told = {**self.env, "DBT_LOG_FORMAT": "json", "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)} | env
        if not warm:
            del told[SOCKET_VARIABLE]
        where = ("--project-dir", self.place.project.dbt_dir, "--profiles-dir", self.place.profiles)
        done = subprocess.run(
            [BIN / "floe-bench-dbt", "--log-level", "debug", *args, *where, "--profile", self.place.project.profile],
            env=told, cwd=self.place.project.root, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
        )  # fmt: skip
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return Invocation(done.returncode, events, target)

    @contextmanager
    def undisturbed(self) -> Iterator[set[int]]:
        """Its spares, which the engine neither renews nor drops meanwhile, whenever it sees that a file was saved."""
        engine = psutil.Process(self.bench.client.engine_pid)
        engine.suspend()
        try:
            yield self.spares()
        finally:
            engine.resume()

    def spares(self) -> set[int]:
        """The waiting children, one for a run's worker and one for its dbt, once both are there."""
        assert eventually(lambda: len(self._parent().children()) == 2)
        return {child.pid for child in self._parent().children()}

    def _parent(self) -> psutil.Process:
        engine = psutil.Process(self.bench.client.engine_pid)
        return next(child for child in engine.children() if any("warm.parent" in word for word in child.cmdline()))


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    root = shop(tmp_path_factory.mktemp("warm") / "shop")
    project = find_project(root)
    with opened(root) as bench:
        site = ProjectSite(project, stack="embedded")
        place = Place(site.project)
        endpoints = site.stack.attach()
        environment = place.environment(dict(site.environment(endpoints)))
        # The engine's own environment, which a run gets: pytest changes a variable of ours with every test.
        ours = psutil.Process(bench.client.engine_pid).environ()
        yield Dbt(bench, place, {name: ours.get(name, value) for name, value in environment.items()}, endpoints)


def test_all_three_say_and_leave_the_same(dbt: Dbt) -> None:
    with dbt.undisturbed() as spares:
        ahead = dbt("build")
        forked = dbt("build", "--vars", "{rows: 10}")
        stock = dbt("build", warm=False)
    assert ahead.pid in spares
    assert forked.pid not in spares | {stock.pid}
    assert ahead.code == forked.code == stock.code == 0
    assert ahead.count() == forked.count() == stock.count()
    artifacts = {"manifest.json", "run_results.json"}
    for each in (ahead, forked, stock):
        assert artifacts <= {file.name for file in each.target.iterdir()}
        assert each.compiled("stg_orders") == stock.compiled("stg_orders")


def test_what_waits_has_read_the_project_and_started_no_process(dbt: Dbt) -> None:
    """Python starts one that remembers the names of locks, with what dbt makes its locks with by itself."""
    with dbt.undisturbed() as spares:
        waiting = [psutil.Process(pid) for pid in spares]
        assert eventually(lambda: all(each.status() == psutil.STATUS_SLEEPING for each in waiting))
        assert [each.children() for each in waiting] == [[], []]


def test_a_file_saved_a_moment_ago_is_in_what_runs(dbt: Dbt) -> None:
    model = dbt.place.project.root / "models" / "customer_totals.sql"
    with dbt.undisturbed() as spares:
        model.write_text(model.read_text() + "-- as it is now\n")
        done = dbt("build", "--select", "customer_totals")
    assert done.pid in spares
    assert "as it is now" in done.compiled("customer_totals")


def test_variables_of_a_request_are_what_runs(dbt: Dbt) -> None:
    dbt.spares()
    done = dbt("build", "--select", "slow", "--vars", "{rows: 3}")
    assert "range(3)" in done.compiled("slow")


def test_an_environment_variable_that_the_project_reads_is_as_the_request_has_it(dbt: Dbt) -> None:
    model = dbt.place.project.root / "models" / "told.sql"
    model.write_text("select '{{ env_var('TOLD', 'nothing') }}' as told\n")
    dbt.bench.until(lambda: any(each.asset == "shop/told" for each in dbt.bench.client.assets()), "the model is known")
    dbt.spares()
    assert "nothing" in dbt("build", "--select", "told").compiled("told")
    dbt.spares()
    assert "something" in dbt("build", "--select", "told", TOLD="something").compiled("told")


def test_a_namespace_that_others_made_after_duckdb_was_opened_is_there_for_what_runs(dbt: Dbt) -> None:
    catalog = open_catalog(dbt.endpoints)
    with dbt.undisturbed() as spares:
        # Its turn: one that is still preparing itself would open DuckDB later.
        assert dbt("ls", "--select", "raw_orders").pid in spares
        spares = dbt.spares()
        assert eventually(lambda: all(psutil.Process(pid).status() == psutil.STATUS_SLEEPING for pid in spares))
        catalog.create_namespace("later")
        catalog.create_table("later.seen", pa.schema([("n", pa.int64())])).append(pa.table({"n": [41]}))
        done = dbt("show", "--inline", "select n + 1 as answer from later.seen", "--output", "json")
    assert (done.code, done.pid in spares) == (0, True)
    assert any("42" in event["info"]["msg"] for event in done.events if event["info"]["name"] == "ShowNode")


def test_what_was_opened_is_not_used_where_the_catalog_cannot_be_attached() -> None:
    away = {"path": "/nowhere/at/all.db", "read_only": True}
    opened_ahead = LocalEnvironment(DuckDBCredentials.from_dict({"schema": "shop", "attach": [away]}))
    opened_ahead.conn = duckdb.connect()
    DuckDBConnectionManager._ENV = opened_ahead
    attach(opened_ahead)
    assert (DuckDBConnectionManager._ENV, opened_ahead.conn) == (None, None)


def test_failing_nodes_and_wrong_words_have_the_same_exit_codes(dbt: Dbt) -> None:
    model = dbt.place.project.root / "models" / "broken.sql"
    model.write_text("select no_such_column from {{ ref('raw_orders') }}\n")
    try:
        dbt.spares()
        assert dbt("build", "--select", "broken").code == dbt("build", "--select", "broken", warm=False).code == 1
        dbt.spares()
        wrong = dbt("build", "--select", "broken", "--threads", "none")
        assert wrong.code == 2
    finally:
        model.unlink()
