"""Unmodified dbt projects through the adapter: one snapshot per materialization, against a real catalog."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pyarrow as pa
import pytest
import yaml
from dbt.cli.main import dbtRunner
from lakehouse import lakehouse as lakehouse
from lakehouse import open_lake
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.dbt.profile import environment, profile_text, write_profile
from floe_bench.adapters.dbt.work import TURNS
from floe_bench.adapters.iceberg import commit
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.iceberg.naming import safe_name
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove

RUN_ID = "0d9b1c2e-run"


@pytest.fixture(scope="module")
def catalog(lakehouse: Endpoints) -> RestCatalog:
    return open_catalog(lakehouse)


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def duck(lakehouse: Endpoints, state_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(lakehouse, state_dir) as connection:
        yield connection


class Project:
    """A dbt project of a test, built in this process; reads go to the catalog and to a DuckDB of its own."""

    def __init__(self, root: Path, namespace: str, catalog: RestCatalog, duck: duckdb.DuckDBPyConnection) -> None:
        self.root, self.namespace, self.catalog, self.duck = root, namespace, catalog, duck
        self.configure({})

    def configure(self, settings: dict[str, Any]) -> None:
        known = {"name": "shop", "version": "1.0", "profile": "shop", "model-paths": ["models"]}
        (self.root / "dbt_project.yml").write_text(yaml.safe_dump({**known, **settings}))

    def write(self, **files: str) -> Project:
        """Keys are paths with ``__`` for ``/``; a model without a suffix is SQL."""
        for key, text in files.items():
            self.put(f"models/{key}.sql", text)
        return self

    def put(self, path: str, text: str) -> Project:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return self

    def dbt(self, *words: str, ok: bool = True) -> dict[str, Any]:
        """Results of ``run_results.json`` by node name."""
        folders = ["--project-dir", str(self.root), "--profiles-dir", str(self.root / "profile")]
        paths = ["--target-path", str(self.root / "target"), "--log-path", str(self.root / "logs")]
        result = dbtRunner().invoke([*words, *folders, *paths, "--quiet"])
        found = json.loads((self.root / "target" / "run_results.json").read_text())["results"]
        by_name = {each["unique_id"].split(".")[2]: each for each in found}
        assert result.success == ok, {name: each["message"] for name, each in by_name.items()}
        return by_name

    def table(self, name: str, *, namespace: str | None = None) -> Table:
        return self.catalog.load_table((namespace or self.namespace, name))

    def snapshots(self, name: str) -> list[Snapshot]:
        return list(self.table(name).snapshots())

    def rows(self, name: str, *, columns: str = "*") -> list[tuple[Any, ...]]:
        return self.duck.execute(f"select {columns} from lake.{self.namespace}.{name} order by all").fetchall()

    def summary(self, name: str) -> dict[str, str]:
        snapshot = self.table(name).current_snapshot()
        assert snapshot is not None and snapshot.summary is not None
        return dict(snapshot.summary.additional_properties)


@pytest.fixture
def project(
    lakehouse: Endpoints,
    catalog: RestCatalog,
    duck: duckdb.DuckDBPyConnection,
    state_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    namespace = f"d{uuid.uuid4().hex[:8]}"
    variables = write_profile(
        lakehouse, profile_name="shop", namespace=namespace, directory=tmp_path / "profile", state_dir=state_dir
    )
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DAGSTER_RUN_ID", RUN_ID)
    monkeypatch.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    return Project(tmp_path, namespace, catalog, duck)


def incremental(sql: str, **config: Any) -> str:
    settings = ", ".join(f"{key}={value!r}" for key, value in {"materialized": "incremental", **config}.items())
    return f"{{{{ config({settings}) }}}}\n{sql}"


CHANGES = (
    "select {{ var('n', 1) }} as id, 'v{{ var('n', 1) }}' as v union all select 100 as id, '{{ var('n', 1) }}' as v"
)


def test_table_view_and_seed_are_one_snapshot_per_build_with_history(project: Project) -> None:
    project.put("seeds/orders.csv", "id,amount\n1,10\n2,20\n")
    project.write(stg="{{ config(materialized='view') }} select * from {{ ref('orders') }}")
    project.write(mart="{{ config(materialized='table') }} select sum(amount) as total from {{ ref('stg') }}")
    project.dbt("build")
    project.put("seeds/orders.csv", "id,amount\n1,10\n2,25\n")
    second = project.dbt("build")
    for name in ("orders", "stg", "mart"):
        made = project.snapshots(name)
        assert len(made) == 2
        assert second[name]["adapter_response"]["snapshot_id"] == str(made[-1].snapshot_id)
    assert project.rows("mart") == [(35,)]
    assert "view as table" in second["stg"]["message"]


def test_the_answer_and_the_snapshot_say_what_made_it(project: Project) -> None:
    project.put("seeds/orders.csv", "id,amount\n1,10\n2,20\n")
    project.write(between="{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }}")
    project.write(mart="{{ config(materialized='table') }} select * from {{ ref('between') }}")
    results = project.dbt("build")
    answer, summary = results["mart"]["adapter_response"], project.summary("mart")
    head = project.table("orders").metadata.current_snapshot_id
    assert answer["table"] == f"{project.namespace}.mart"
    assert (answer["operation"], answer["rows"], answer["rows_affected"], answer["files"]) == ("append", 2, 2, 1)
    assert answer["bytes"] == int(summary["total-files-size"])
    assert (answer["data_unchanged"], answer["hook_snapshot_ids"]) == (False, [])
    assert results["mart"]["message"] == f"snapshot {answer['snapshot_id']} 2 rows"
    assert summary["floe.run-id"] == RUN_ID
    assert summary["floe.asset-key"] == f"{project.namespace}/mart"
    assert summary["floe.dbt-node"] == "model.shop.mart"
    assert summary["floe.materialized"] == "table"
    assert json.loads(summary["floe.inputs"]) == {f"{project.namespace}.orders": head}
    assert len(summary["floe.code-hash"]) == 16
    manifest = json.loads((project.root / "target" / "manifest.json").read_text())
    assert summary["floe.code-checksum"] == manifest["nodes"]["model.shop.mart"]["checksum"]["checksum"]
    assert summary["floe.dbt-invocation-id"] == manifest["metadata"]["invocation_id"]


def test_a_rebuild_of_the_same_rows_says_so_and_other_code_has_another_hash(project: Project) -> None:
    project.write(mart="{{ config(materialized='table') }} select unnest(range(3)) as a")
    project.dbt("run")
    before = project.summary("mart")
    project.write(mart="{{ config(materialized='table') }} select 2 - unnest(range(3)) as a")
    results = project.dbt("run")
    assert results["mart"]["adapter_response"]["data_unchanged"] is True
    assert project.summary("mart")["floe.data-hash"] == before["floe.data-hash"]
    assert project.summary("mart")["floe.code-hash"] != before["floe.code-hash"]


def test_events_on_standard_output_carry_the_answer(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    project.write(mart="{{ config(materialized='table') }} select 1 as a")
    folders = ["--project-dir", str(project.root), "--profiles-dir", str(project.root / "profile")]
    paths = ["--target-path", str(project.root / "target"), "--log-path", str(project.root / "logs")]
    dbtRunner().invoke(["--log-format", "json", "--log-level", "debug", "run", *folders, *paths])
    events = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]
    finished = [event["data"] for event in events if event["info"]["name"] == "NodeFinished"]
    shown = [event["data"] for event in events if event["info"]["name"] == "LogModelResult"]
    head = str(project.table("mart").metadata.current_snapshot_id)
    assert [each["run_result"]["adapter_response"]["snapshot_id"] for each in finished] == [head]
    assert [each["status"] for each in shown] == [f"snapshot {head} 1 row"]


STRATEGIES = {
    "append": (False, [(1, "v1"), (2, "v2"), (100, "1"), (100, "2")], "append"),
    "delete+insert": (True, [(1, "v1"), (2, "v2"), (100, "2")], "overwrite"),
    "merge": (True, [(1, "v1"), (2, "v2"), (100, "2")], "overwrite"),
    None: (False, [(1, "v1"), (2, "v2"), (100, "1"), (100, "2")], "append"),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_incremental_run_is_one_snapshot_in_every_strategy(project: Project, strategy: str | None) -> None:
    keyed, expected, operation = STRATEGIES[strategy]
    config = ({"unique_key": "id"} if keyed else {}) | ({"incremental_strategy": strategy} if strategy else {})
    project.write(inc=incremental(CHANGES, **config))
    project.dbt("run")
    results = project.dbt("run", "--vars", "n: 2")
    assert project.rows("inc") == expected
    assert len(project.snapshots("inc")) == 2
    assert results["inc"]["adapter_response"]["operation"] == operation
    assert project.table("inc").inspect.delete_files().num_rows == 0


def test_an_incremental_model_whose_first_materialization_was_undone_is_made_as_for_the_first_time(
    project: Project, lakehouse: Endpoints
) -> None:
    """Its filter by what the table holds already would find nothing to hold on to."""
    sql = "select 1 as id {% if is_incremental() %} where 1 > (select max(id) from {{ this }}) {% endif %}"
    project.write(inc=incremental(sql))
    project.dbt("run")
    reader, name = RestCatalogReader(lakehouse), TableName((project.namespace,), "inc")
    reader.move([HeadMove(str(name), before=reader.head(name), after=reader.head_at(name, None))])
    assert project.rows("inc") == []
    project.dbt("run")
    assert project.rows("inc") == [(1,)]
    project.dbt("run")
    assert project.rows("inc") == [(1,)]
    reader.close()


def test_custom_merge_clauses_and_several_keys_work(project: Project) -> None:
    clauses = {
        "when_matched": [
            {"action": "delete", "condition": "DBT_INTERNAL_SOURCE.v = 'gone'"},
            {"action": "update", "mode": "by_name"},
        ],
        "when_not_matched": [{"action": "insert", "mode": "by_name"}],
    }
    config: dict[str, Any] = {"incremental_strategy": "merge", "unique_key": ["a", "b"], "merge_clauses": clauses}
    sql = """{% if is_incremental() %} select * from (values (1, 1, 'gone'), (1, 2, 'new'), (3, 3, 'in')) t(a, b, v)
    {% else %} select * from (values (1, 1, 'old'), (1, 2, 'old'), (2, 2, 'old')) t(a, b, v) {% endif %}"""
    project.write(inc=incremental(sql, **config))
    project.dbt("run")
    project.dbt("run")
    assert project.rows("inc") == [(1, 2, "new"), (2, 2, "old"), (3, 3, "in")]


def test_full_refresh_replaces_and_keeps_history(project: Project) -> None:
    project.write(inc=incremental(CHANGES, unique_key="id"))
    project.dbt("run")
    project.dbt("run", "--full-refresh", "--vars", "n: 2")
    assert project.rows("inc") == [(2, "v2"), (100, "2")]
    assert len(project.snapshots("inc")) == 2


def test_microbatches_replace_their_period_and_no_other(project: Project) -> None:
    project.write(
        events="{{ config(materialized='table', event_time='ts') }}"
        " select i as id, timestamp '2023-12-31 05:00' + interval (i) day as ts from range(1, 4) t(i)"
    )
    project.write(
        daily=incremental(
            "select id + {{ var('n', 0) }} as id, ts from {{ ref('events') }}",
            incremental_strategy="microbatch",
            event_time="ts",
            batch_size="day",
            begin="2024-01-01",
        )
    )
    between = ("--event-time-start", "2024-01-01", "--event-time-end", "2024-01-04")
    project.dbt("run", *between)
    assert [s.summary.operation.value for s in project.snapshots("daily") if s.summary] == ["append"] * 3
    project.dbt(
        "run", "-s", "daily", "--event-time-start", "2024-01-02", "--event-time-end", "2024-01-03", "--vars", "n: 10"
    )
    assert project.rows("daily", columns="id") == [(1,), (3,), (12,)]
    assert project.summary("daily")["floe.batch"].startswith("2024-01-02")


@pytest.mark.parametrize(
    ("setting", "columns", "kept"),
    [
        ("ignore", ["id", "a"], [(1, 1), (2, 1)]),
        ("append_new_columns", ["id", "a", "b"], [(1, 1, None), (2, None, "x")]),
        ("sync_all_columns", ["id", "b"], [(1, None), (2, "x")]),
    ],
)
def test_on_schema_change_is_part_of_the_same_snapshot(
    project: Project, setting: str, columns: list[str], kept: list[tuple[Any, ...]]
) -> None:
    sql = {
        "ignore": "select 2 as id, 1 as a, 'x' as b",
        "append_new_columns": "select 2 as id, 'x' as b",
        "sync_all_columns": "select 2 as id, 'x' as b",
    }[setting]
    project.write(
        inc=incremental(
            f"{{% if is_incremental() %}} {sql} {{% else %}} select 1 as id, 1 as a {{% endif %}}",
            on_schema_change=setting,
        )
    )
    project.dbt("run")
    project.dbt("run")
    assert [field.name for field in project.table("inc").schema().fields] == columns
    assert project.rows("inc") == kept
    assert len(project.snapshots("inc")) == 2


def test_on_schema_change_fail_leaves_the_table_alone(project: Project) -> None:
    sql = "{% if is_incremental() %} select 2 as id, 'x' as b {% else %} select 1 as id, 1 as a {% endif %}"
    project.write(inc=incremental(sql, on_schema_change="fail"))
    project.dbt("run")
    project.dbt("run", ok=False)
    assert len(project.snapshots("inc")) == 1
    assert project.rows("inc") == [(1, 1)]


@pytest.mark.parametrize("type_", ["tinyint", "hugeint", "uinteger", "json", "uuid"])
def test_a_type_that_is_stored_as_another_is_no_schema_change(project: Project, type_: str) -> None:
    value = {"json": "'{}'", "uuid": "'2d931510-d99f-494a-8c67-87feb05e1594'"}.get(type_, "1")
    project.write(inc=incremental(f"select 1 as id, {value}::{type_} as c", on_schema_change="fail", unique_key="id"))
    project.dbt("run")
    project.dbt("run")
    assert len(project.rows("inc")) == 1


@pytest.mark.parametrize("strategy", ["timestamp", "check"])
def test_a_dbt_snapshot_is_one_iceberg_snapshot_per_run(project: Project, strategy: str) -> None:
    config = {"unique_key": "id", "strategy": strategy, "hard_deletes": "invalidate"}
    config |= {"updated_at": "ts"} if strategy == "timestamp" else {"check_cols": ["v"]}
    shown = ", ".join(f"{key}={value!r}" for key, value in config.items())
    project.write(
        people="{{ config(materialized='table') }} {% if var('n', 1) == 1 %}"
        " select unnest([1, 2]) as id, unnest(['a', 'b']) as v, timestamp '2024-01-01' as ts {% else %}"
        " select 1 as id, 'A' as v, timestamp '2024-01-02' as ts {% endif %}"
    )
    project.put(
        "snapshots/history.sql",
        f"{{% snapshot history %}}{{{{ config({shown}) }}}} select * from {{{{ ref('people') }}}}{{% endsnapshot %}}",
    )
    project.dbt("build")
    project.dbt("build", "--vars", "n: 2")
    found = project.rows("history", columns="id, v, dbt_valid_to is null")
    assert found == [(1, "A", True), (1, "a", False), (2, "b", False)]
    assert len(project.snapshots("history")) == 2
    assert project.table("history").inspect.delete_files().num_rows == 0


def interrupted(project: Project, monkeypatch: pytest.MonkeyPatch, name: str, *, times: int) -> None:
    """Somebody else really appends a row, ids from 50 on, just before the first ``times`` commits to a table."""
    ids, theirs = iter(range(50, 50 + times)), commit.replace

    def late(catalog: Any, table: Any, rows: Any, intent: commit.Intent) -> commit.Committed:
        if table.name == name and (id_ := next(ids, None)) is not None:
            foreign = project.table(name)
            first = foreign.scan(limit=1).to_arrow()
            foreign.append(first.set_column(0, first.schema.field(0), pa.array([id_], first.schema.field(0).type)))
        return theirs(catalog, table, rows, intent)

    monkeypatch.setattr(commit, "replace", late)


@pytest.mark.parametrize("strategy", ["merge", "delete+insert"])
def test_an_incremental_model_takes_in_what_others_wrote_while_it_ran(
    project: Project, monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    project.write(inc=incremental(CHANGES, unique_key="id", incremental_strategy=strategy))
    project.dbt("run")
    interrupted(project, monkeypatch, "inc", times=2)
    project.dbt("run", "--vars", "n: 2")
    assert project.rows("inc", columns="id") == [(1,), (2,), (50,), (51,), (100,)]
    assert len(project.snapshots("inc")) == 4
    assert project.summary("inc")["floe.dbt-node"] == "model.shop.inc"


def test_a_dbt_snapshot_takes_in_what_others_wrote_while_it_ran(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(people="{{ config(materialized='table') }} select 1 as id, 'v{{ var('n', 1) }}' as v")
    project.put(
        "snapshots/history.sql",
        "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols=['v']) }}"
        " select * from {{ ref('people') }}{% endsnapshot %}",
    )
    project.dbt("build")
    interrupted(project, monkeypatch, "history", times=1)
    project.dbt("build", "--vars", "n: 2")
    found = project.rows("history", columns="id, v, dbt_valid_to is null")
    # The foreign row is a copy, so it has row 1's history id: dbt closes both.
    assert found == [(1, "v1", False), (1, "v2", True), (50, "v1", False)]


def test_a_table_that_never_rests_fails_its_incremental_model_and_holds_only_what_others_wrote(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(inc=incremental(CHANGES, unique_key="id"))
    project.dbt("run")
    interrupted(project, monkeypatch, "inc", times=100)
    results = project.dbt("run", "--vars", "n: 2", ok=False)
    assert "written by somebody else" in results["inc"]["message"]
    assert project.rows("inc", columns="id") == [(1,), *((50 + turn,) for turn in range(TURNS)), (100,)]


def contract(**columns: Any) -> str:
    described = [{"name": name, **about} for name, about in columns.items()]
    return yaml.safe_dump(
        {"models": [{"name": "kept", "config": {"contract": {"enforced": True}}, "columns": described}]}
    )


def test_a_contract_is_checked_before_the_commit_and_not_null_is_required_in_the_table(project: Project) -> None:
    not_null = {"data_type": "integer", "constraints": [{"type": "not_null"}, {"type": "primary_key"}]}
    project.put("models/kept.yml", contract(id=not_null, v={"data_type": "varchar"}))
    project.write(kept="{{ config(materialized='table') }} select 1 as id, 'x' as v")
    project.dbt("run")
    assert [field.required for field in project.table("kept").schema().fields] == [True, False]
    for wrong in (
        "select 'a' as id, 'x' as v",
        "select 1 as other, 'x' as v",
        "select null::int as id, 'x' as v",
        "select 1 as id, 'x' as v union all select 1, 'y'",
    ):
        project.write(kept=f"{{{{ config(materialized='table') }}}} {wrong}")
        project.dbt("run", ok=False)
    assert len(project.snapshots("kept")) == 1
    assert project.rows("kept") == [(1, "x")]


def test_an_incremental_model_is_held_to_its_contract_as_a_whole(project: Project) -> None:
    unique = {"data_type": "integer", "constraints": [{"type": "unique"}, {"type": "not_null"}]}
    project.put("models/kept.yml", contract(id=unique))
    project.write(
        kept=incremental("select 1 as id", incremental_strategy="append", on_schema_change="append_new_columns")
    )
    project.dbt("run")
    results = project.dbt("run", ok=False)
    assert "constraint" in results["kept"]["message"].lower()
    assert project.rows("kept") == [(1,)]


def test_a_snapshot_that_a_hook_makes_is_in_the_answer(project: Project) -> None:
    project.write(
        mart="{{ config(materialized='table', post_hook='delete from {{ this }} where a > 1') }}"
        " select unnest(range(4)) as a"
    )
    results = project.dbt("run")
    ours, hook = project.snapshots("mart")
    assert results["mart"]["adapter_response"]["snapshot_id"] == str(ours.snapshot_id)
    assert results["mart"]["adapter_response"]["hook_snapshot_ids"] == [str(hook.snapshot_id)]
    assert project.rows("mart") == [(0,), (1,)]


def test_hooks_may_name_tables_without_the_catalog(project: Project) -> None:
    project.write(
        log="{{ config(materialized='table') }} select 'first' as said",
        mart="{{ config(materialized='table', pre_hook=\"insert into {{ target.schema }}.log values ('before')\") }}"
        " select count(*) as n from {{ ref('log') }}",
    )
    project.dbt("run")
    assert project.rows("mart") == [(2,)]


def test_docs_are_in_the_table_and_come_back_in_dbts_catalog(project: Project) -> None:
    about = {
        "name": "mart",
        "description": "All of it",
        "config": {"persist_docs": {"relation": True, "columns": True}},
        "columns": [{"name": "a", "description": "The a"}],
    }
    project.put("models/mart.yml", yaml.safe_dump({"models": [about]}))
    project.write(mart="{{ config(materialized='table') }} select 1 as a, 2 as b")
    project.dbt("run")
    assert project.table("mart").properties["comment"] == "All of it"
    assert [field.doc for field in project.table("mart").schema().fields] == ["The a", None]
    assert len(project.snapshots("mart")) == 1
    project.dbt("docs", "generate")
    found = json.loads((project.root / "target" / "catalog.json").read_text())["nodes"]["model.shop.mart"]
    assert found["metadata"]["comment"] == "All of it"
    assert found["columns"]["a"]["comment"] == "The a"


def test_partitions_sorting_and_properties_come_from_the_models_config(project: Project) -> None:
    project.write(
        mart="{{ config(materialized='table', partitioned_by='day(d)', sorted_by=['a desc'],"
        " table_properties={'write.parquet.compression-codec': 'snappy'}) }}"
        " select i as a, date '2024-01-01' + (i % 3)::int as d from range(9) t(i)"
    )
    project.dbt("run")
    assert [str(field.transform) for field in project.table("mart").spec().fields] == ["day"]
    assert project.table("mart").properties["write.parquet.compression-codec"] == "snappy"
    assert project.table("mart").inspect.partitions().num_rows == 3


@pytest.mark.parametrize("name", ["UPPER", "Größe", "group"])
def test_a_model_may_have_any_name(project: Project, name: str) -> None:
    project.put(f"models/{name}.sql", '{{ config(materialized="table") }} select 1 as "Select", 2 as "ÜBER"')
    project.write(after=f"{{{{ config(materialized='table') }}}} select * from {{{{ ref('{name}') }}}}")
    project.dbt("run")
    project.dbt("run")
    table = project.table(safe_name(name))
    manifest = json.loads((project.root / "target" / "manifest.json").read_text())
    assert manifest["nodes"][f"model.shop.{name}"]["alias"] == safe_name(name)
    assert [field.name for field in table.schema().fields] == ["Select", "ÜBER"]
    assert len(list(table.snapshots())) == 2
    assert project.rows("after") == [(1, 2)]


def test_a_custom_schema_is_taken_as_it_is(project: Project) -> None:
    other = f"raw_{project.namespace}"
    project.put("seeds/orders.csv", "id\n1\n")
    project.configure({"seeds": {"shop": {"+schema": other}}})
    project.dbt("seed")
    assert len(list(project.table("orders", namespace=other).snapshots())) == 1


def test_a_projects_own_schema_macro_wins(project: Project) -> None:
    project.put(
        "macros/schema.sql",
        "{% macro generate_schema_name(custom, node) %}{{ target.schema }}_mine{% endmacro %}",
    )
    project.write(mart="{{ config(materialized='table', schema='x') }} select 1 as a")
    project.dbt("run")
    assert project.table("mart", namespace=f"{project.namespace}_mine").metadata.current_snapshot_id


def test_seeds_honour_types_delimiter_and_quotes_and_may_be_empty(project: Project) -> None:
    project.configure(
        {
            "seeds": {
                "shop": {
                    "typed": {"+column_types": {"code": "varchar", "at": "timestamp"}, "+delimiter": ";"},
                    "quoted": {"+quote_columns": True},
                }
            }
        }
    )
    project.put("seeds/typed.csv", "code;at;n\n007;2024-01-01 10:00:00;1\n").put("seeds/quoted.csv", "Order,b c\n1,x\n")
    project.put("seeds/empty.csv", "a,b\n")
    project.dbt("seed")
    assert [str(field.field_type) for field in project.table("typed").schema().fields] == ["string", "timestamp", "int"]
    assert project.rows("typed", columns="code") == [("007",)]
    assert [field.name for field in project.table("quoted").schema().fields] == ["Order", "b c"]
    assert project.rows("empty") == []


def test_python_models_may_give_arrow_or_duckdb_relations(project: Project) -> None:
    project.put("seeds/orders.csv", "id,amount\n1,10\n2,20\n")
    project.put(
        "models/arrow_made.py",
        "def model(dbt, session):\n    dbt.config(materialized='table')\n"
        "    return dbt.ref('orders').to_arrow_table()\n",
    )
    project.put(
        "models/relation_made.py",
        "def model(dbt, session):\n    dbt.config(materialized='incremental', unique_key='id')\n"
        "    return dbt.ref('orders').filter('amount > 10')\n",
    )
    project.dbt("build")
    project.dbt("build")
    assert project.rows("arrow_made") == [(1, 10), (2, 20)]
    assert project.rows("relation_made") == [(2, 20)]
    assert len(project.snapshots("relation_made")) == 2
    assert len(project.summary("arrow_made")["floe.code-hash"]) == 16


def test_stored_failures_are_a_table_with_history(project: Project) -> None:
    project.write(mart="{{ config(materialized='table') }} select unnest([1, null]) as a")
    project.put(
        "models/mart.yml",
        yaml.safe_dump({"models": [{"name": "mart", "columns": [{"name": "a", "data_tests": ["not_null"]}]}]}),
    )
    audit = f"audit_{project.namespace}"
    project.configure({"data_tests": {"+store_failures": True, "+schema": audit}})
    project.dbt("build", ok=False)
    project.dbt("test", ok=False)
    (name,) = (parts[-1] for parts in project.catalog.list_tables(audit))
    table = project.table(name, namespace=audit)
    assert len(list(table.snapshots())) == 2
    assert table.scan().to_arrow().num_rows == 1


def test_what_iceberg_has_no_place_for_is_refused_with_an_alternative(project: Project) -> None:
    project.write(
        indexed="{{ config(materialized='table', indexes=[{'columns': ['a']}]) }} select 1 as a",
        outside="{{ config(materialized='external') }} select 1 as a",
    )
    results = project.dbt("run", ok=False)
    assert "partitioned_by or sorted_by" in results["indexed"]["message"]
    assert "use 'table'" in results["outside"]["message"]


def test_a_column_that_iceberg_cannot_hold_fails_the_model_with_the_cast_to_write(project: Project) -> None:
    project.write(mart="{{ config(materialized='table') }} select interval 1 day as lag")
    results = project.dbt("run", ok=False)
    assert '"lag"::VARCHAR as "lag"' in results["mart"]["message"]
    assert not project.catalog.table_exists((project.namespace, "mart"))


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_many_models_at_once_do_not_meet(project: Project, threads: int) -> None:
    for number in range(8):
        project.put(
            f"models/m{number}.sql",
            incremental(f"select {number} as who, i as id from range(200) t(i)", unique_key="id"),
        )
    project.dbt("run", "--threads", str(threads))
    project.dbt("run", "--threads", str(threads))
    for number in range(8):
        assert project.rows(f"m{number}", columns="distinct who, count(*) over ()") == [(number, 200)]
        assert len(project.snapshots(f"m{number}")) == 2


def test_no_stage_is_left_in_memory_after_a_failure(project: Project) -> None:
    project.write(
        bad="{{ config(materialized='table') }} select interval 1 day as i",
        seen="-- depends_on: {{ ref('bad') }}\n{{ config(materialized='table') }}"
        " select count(*) as n from duckdb_tables() where database_name = 'memory' and table_name like 'bad%'",
    )
    project.dbt("run", "-s", "bad", ok=False)
    project.dbt("run", "-s", "seen")
    assert project.rows("seen") == [(0,)]


def test_a_model_beyond_the_memory_limit_spills_into_the_state_folder_and_leaves_nothing_there(
    project: Project, lakehouse: Endpoints, tmp_path: Path
) -> None:
    folder = tmp_path / "profile"
    write_profile(
        lakehouse,
        profile_name="shop",
        namespace=project.namespace,
        directory=folder,
        state_dir=tmp_path,
        threads=1,
        memory_limit="150MB",
    )
    project.write(
        wide="{{ config(materialized='table') }} select count(*) as n"
        " from (select distinct range, md5(range::varchar) from range(4000000))",
        seen="-- depends_on: {{ ref('wide') }}\n{{ config(materialized='table') }} select value from duckdb_settings()"
        " where name in ('memory_limit', 'temp_directory') order by name",
    )
    spilled: list[Path] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.01):
            spilled.extend((tmp_path / "spill").glob("*"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        project.dbt("run")
    finally:
        stop.set()
        watcher.join()
    assert project.rows("wide") == [(4_000_000,)]
    assert project.rows("seen") == [(str(tmp_path / "spill"),), ("143.0 MiB",)]
    assert spilled
    assert not list((tmp_path / "spill").glob("*"))


def test_without_a_setting_a_run_may_take_a_share_of_the_memory_and_not_most_of_it(
    lakehouse: Endpoints, tmp_path: Path
) -> None:
    text = profile_text(lakehouse, profile_name="shop", namespace="n", state_dir=tmp_path)
    limit = yaml.safe_load(text)["shop"]["outputs"]["dev"]["config_options"]["memory_limit"]
    assert 0 < int(limit.removesuffix("B")) <= min(psutil.virtual_memory().total / 2, 4 * 1024**3)


def test_the_profile_holds_no_secret_and_is_the_owners_alone(lakehouse: Endpoints, tmp_path: Path) -> None:
    variables = write_profile(
        lakehouse, profile_name="shop", namespace="n", directory=tmp_path / "p", state_dir=tmp_path, memory_limit="1GB"
    )
    file = tmp_path / "p" / "profiles.yml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert variables == environment(lakehouse)
    assert lakehouse.client_secret.reveal() not in file.read_text()
    assert all(
        f"env_var('{name}')" in yaml.safe_dump(yaml.safe_load(file.read_text()), width=9999).replace("''", "'")
        for name in variables
    )
    shown = profile_text(lakehouse, profile_name="shop", namespace="n", state_dir=tmp_path, show_secrets=True)
    assert lakehouse.client_secret.reveal() in shown


def test_no_secret_reaches_a_log_or_an_artifact(project: Project) -> None:
    project.write(
        mart="{{ config(materialized='table') }} select 1 as a", bad="{{ config(materialized='table') }} select nosuch"
    )
    project.dbt("--debug", "build", ok=False)
    secret = os.environ["DBT_ENV_SECRET_FLOE_CLIENT_SECRET"]
    files = [file for folder in ("target", "logs") for file in (project.root / folder).rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if secret.encode() in file.read_bytes()] == []
