"""dbt builds on a branch of each table: main is as it was, and readers inside see the branch."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from lakehouse import lakehouse as lakehouse
from test_dbt_adapter import Project, incremental
from test_dbt_adapter import catalog as catalog
from test_dbt_adapter import duck as duck
from test_dbt_adapter import project as project
from test_dbt_adapter import state_dir as state_dir

from floe_bench.adapters.dbt.branch_name import VARIABLE
from floe_bench.adapters.iceberg.mark import EMPTY

BRANCH = "rehearsal_1"


@pytest.fixture
def rehearsed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def turn(on: bool) -> None:
        if on:
            monkeypatch.setenv(VARIABLE, BRANCH)
        else:
            monkeypatch.delenv(VARIABLE, raising=False)

    return turn


def branch_rows(project: Project, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
    head = project.table(name).metadata.refs[BRANCH].snapshot_id
    sql = f"select {columns} from (select * from lake.{project.namespace}.{name} at (version => {head})) order by all"
    return project.duck.execute(sql).fetchall()


def state(project: Project, name: str) -> dict[str, Any]:
    """What everybody who does not know of the branch goes by."""
    metadata = project.table(name).metadata
    return {
        "main": metadata.refs["main"].snapshot_id,
        "schema": metadata.current_schema_id,
        "spec": metadata.default_spec_id,
        "order": metadata.default_sort_order_id,
        "properties": dict(metadata.properties),
        "rows": project.rows(name),
    }


def test_a_build_on_a_branch_leaves_main_alone_and_its_readers_see_the_branch(project: Project, rehearsed: Any) -> None:
    project.put("seeds/orders.csv", "id,amount\n1,10\n2,20\n")
    project.write(stg="select * from {{ ref('orders') }}", mart="select sum(amount) as total from {{ ref('stg') }}")
    project.write(
        inc=incremental(
            "select id, amount from {{ ref('stg') }} "
            "{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}"
        )
    )
    project.dbt("build")
    before = {name: state(project, name) for name in ("orders", "stg", "mart", "inc")}

    rehearsed(True)
    project.put("seeds/orders.csv", "id,amount\n1,10\n2,25\n3,1\n")
    project.write(
        stg="{{ config(sorted_by='id', table_properties={'x': 'y'}) }} select *, 'new' as note from {{ ref('orders') }}"
    )
    results = project.dbt("build")
    assert {name: state(project, name) for name in before} == before
    assert branch_rows(project, "stg") == [(1, 10, "new"), (2, 25, "new"), (3, 1, "new")]
    assert branch_rows(project, "mart") == [(36,)]
    assert branch_rows(project, "inc") == [(1, 10), (2, 20), (3, 1)], "it went on from what main had"
    inputs = results["mart"]["adapter_response"]["inputs"]
    assert str(project.table("stg").metadata.refs[BRANCH].snapshot_id) in inputs

    # Once more: the branch goes on, with the columns that it has.
    project.put("seeds/orders.csv", "id,amount\n4,4\n")
    project.dbt("build")
    assert branch_rows(project, "inc")[-1] == (4, 4) and branch_rows(project, "mart") == [(4,)]
    assert {name: state(project, name) for name in before} == before
    rehearsed(False)
    project.dbt("build")
    assert project.rows("mart") == [(4,)] and branch_rows(project, "mart") == [(4,)]


def test_a_table_that_is_new_reads_as_empty_to_everybody_else(project: Project, rehearsed: Any) -> None:
    rehearsed(True)
    project.write(fresh="select 1 as id", reader="select id + 1 as id from {{ ref('fresh') }}")
    project.put("models/schema.yml", "models: [{name: reader, columns: [{name: id, data_tests: [not_null, unique]}]}]")
    project.dbt("build")
    assert branch_rows(project, "reader") == [(2,)]
    assert project.rows("fresh") == project.rows("reader") == []
    assert EMPTY in project.summary("fresh")


def test_what_writes_around_the_commit_or_drops_is_refused(project: Project, rehearsed: Any) -> None:
    project.write(made="select 1 as id")
    project.dbt("build")
    before = state(project, "made")
    rehearsed(True)
    project.write(made="{{ config(post_hook='delete from {{ this }}') }} select 2 as id")
    failed = project.dbt("build", ok=False)
    assert "made" in failed and failed["made"]["status"] == "error"
    project.write(
        made="{{ config(pre_hook=\"{{ adapter.drop_relation(this.incorporate(type='table')) }}\") }} select 2 as id"
    )
    failed = project.dbt("build", ok=False)
    assert "neither drops nor renames" in failed["made"]["message"]
    assert state(project, "made") == before


def test_only_what_a_node_reads_is_looked_at_so_a_broken_table_beside_it_does_no_harm(
    project: Project, rehearsed: Any
) -> None:
    project.catalog.create_namespace(project.namespace)
    broken = project.catalog.create_table((project.namespace, "broken"), pa.schema([("n", pa.int64())]))
    broken.append(pa.table({"n": [1]}))
    snapshot = broken.current_snapshot()
    assert snapshot is not None
    broken.io.delete(snapshot.manifests(broken.io)[0].manifest_path)
    project.write(first="select 1 as id", second="select id + 1 as id from {{ ref('first') }}")
    project.dbt("build")
    rehearsed(True)
    project.dbt("build")
    assert branch_rows(project, "second") == [(2,)]
    project.catalog.drop_table(broken.name())


def test_a_table_that_sql_names_by_itself_is_seen_too(project: Project, rehearsed: Any) -> None:
    project.catalog.create_namespace(project.namespace)
    made = project.catalog.create_table((project.namespace, "undeclared"), pa.schema([("n", pa.int64())]))
    made.append(pa.table({"n": [7]}))
    rehearsed(True)
    project.write(reader=f"select n from {project.namespace}.undeclared")
    project.dbt("build")
    assert branch_rows(project, "reader") == [(7,)]


def test_a_namespace_that_is_new_can_be_rehearsed(project: Project, rehearsed: Any) -> None:
    rehearsed(True)
    project.write(
        first="{{ config(schema='more') }} select 1 as id", second="select id + 1 as id from {{ ref('first') }}"
    )
    project.dbt("build")
    assert branch_rows(project, "second") == [(2,)]
