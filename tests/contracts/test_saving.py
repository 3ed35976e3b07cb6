"""Statements that become models: the real engine, dbt and DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from floe_bench.adapters.computes.taken_apart import select_of
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.errors import BenchError, CommitConflict, ParseFailed, QueryFailed, UsageError, WriteRefused
from floe_bench.events import AssetsChanged
from floe_bench.model.rehearsal import RehearsalState
from floe_bench.model.run import RunRequest
from floe_bench.model.saving import ModelRead, Select
from tests.contracts.test_undo import stack_of
from tests.contracts.workbench import FILES, Workbench, opened, shop

PROJECT = FILES["dbt_project.yml"].replace(
    "vars:", "    twins: {+alias: one}\n    unused: {+enabled: false}\nvars:"
)  # fmt: skip
MORE = {
    "dbt_project.yml": PROJECT,
    "models/twins/first.sql": "select 1 as n\n",
    "models/unused/quiet.sql": "select 1 as n\n",
    "models/sources.yml": """\
groups: [{name: inner, owner: {name: shop}}]
sources: [{name: outside, schema: outside, tables: [{name: visits}]}]
models: [{name: hidden, config: {group: inner, access: private}}]
""",
    "models/staging/hidden.sql": "select 1 as n\n",
}
BUSY = """\
-- who comes often
select o.customer_id, sum(o.amount)::bigint as amount, max(v.visits) as visits
from staging.stg_orders o join outside.visits v using (customer_id)
group by all"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    root = shop(tmp_path_factory.mktemp("saving") / "shop", without=("shop_assets.py", "floe-bench.toml"), **MORE)
    with opened(root) as bench:
        bench.client.assets()
        catalog = open_catalog(stack_of(bench))
        catalog.create_namespace("outside")
        for name in ("visits", "stranger"):
            data = pa.table({"customer_id": pa.array([1, 2], pa.int32()), "visits": pa.array([7, 8], pa.int64())})
            catalog.create_table(("outside", name), data.schema).append(data)
        assert bench.run(select="raw_orders stg_orders").status == "success"
        yield bench


def files(bench: Workbench) -> dict[Path, str]:
    """Everything in the user's tree."""
    found = (each for each in bench.root.rglob("*") if each.is_file() and ".floe-bench" not in each.parts)
    return {each: each.read_text() for each in found}


def save(bench: Workbench, name: str, sql: str, folder: str = "") -> str:
    """The key of the asset."""
    return bench.client.saving.save_model(bench.client.saving.plan_model(sql, name, folder)).asset


def rows(bench: Workbench, table: str) -> list[tuple[object, ...]]:
    return sorted(bench.client.query(f"select * from {table}", 1000).rows)


def test_a_statement_becomes_a_model_that_is_made_after_what_it_reads(bench: Workbench) -> None:
    before = files(bench)
    plan = bench.client.saving.plan_model(f"\n{BUSY};  -- and that was it\n", "busy")
    assert plan.path == str(bench.root / "models" / "busy.sql") and plan.folder == "models"
    assert plan.text == (
        "-- depends_on: {{ source('outside', 'visits') }}\n"
        "-- depends_on: {{ ref('stg_orders') }}\n"
        f"\n{BUSY}\n"
    )  # fmt: skip
    assert set(plan.reads) == {
        ModelRead("outside.visits", "source('outside', 'visits')"), ModelRead("staging.stg_orders", "ref('stg_orders')")
    }  # fmt: skip
    assert files(bench) == before, "a plan writes nothing"

    told = len(bench.events(AssetsChanged))
    saved = bench.client.saving.save_model(plan)
    assert (saved.path, saved.shown, saved.asset) == (plan.path, "models/busy.sql", "shop/busy")
    assert files(bench) == {**before, Path(plan.path): plan.text}, "one file more, and no other touched"
    assert set(bench.asset("shop/busy").upstream) == {"staging/stg_orders", "outside/visits"}
    bench.until(lambda: len(bench.events(AssetsChanged)) > told, "who looks at the bench sees it")

    run = bench.run(select="+busy")
    assert run.status == "success"
    began = {each.name: each.started_at for each in run.nodes if each.started_at is not None and not each.is_check}
    assert sorted(began, key=began.__getitem__) == ["raw_orders", "stg_orders", "busy"]
    assert rows(bench, "shop.busy") == [(1, 15, 7), (2, 7, 8)]
    assert bench.asset("shop/busy").status == "fresh"


def test_a_rehearsal_of_a_saved_model_reads_what_the_rehearsal_wrote(bench: Workbench) -> None:
    assert save(bench, "spent", "select sum(amount)::bigint as amount from lake.staging.stg_orders") == "shop/spent"
    assert bench.run(select="+spent").status == "success"
    assert rows(bench, "shop.spent") == [(22,)]
    seed = bench.root / "seeds" / "raw_orders.csv"
    kept = seed.read_text()
    seed.write_text("order_id,customer_id,amount\n1,1,100\n")
    begun = bench.client.rehearsing.start(RunRequest(select="+spent"))
    assert bench.over(begun.run_id).status == "success"
    assert rows(bench, "shop.spent") == [(22,)], "nobody else sees it"
    found = bench.client.rehearsing.status(begun.rehearsal_id)
    assert found.state is RehearsalState.READY and "shop.spent" in {each.table for each in found.tables}
    bench.client.rehearsing.publish(begun.rehearsal_id)
    assert rows(bench, "shop.spent") == [(100,)]
    seed.write_text(kept)
    assert bench.run(select="+spent").status == "success"


@pytest.mark.parametrize(
    ("name", "text"),
    [("braces", "{{ ref('nobody') }}"), ("blocks", "{% if %}"), ("notes", "{# kept #}"), ("half", "{{")],
)
def test_what_is_jinja_to_dbt_arrives_as_it_was_typed(bench: Workbench, name: str, text: str) -> None:
    quoted = text.replace("'", "''")
    assert save(bench, name, f"select '{quoted}' as said, amount from staging.stg_orders") == f"shop/{name}"
    assert bench.asset(f"shop/{name}").upstream == ("staging/stg_orders",)
    assert bench.run(select=name).status == "success"
    assert {row[0] for row in rows(bench, f"shop.{name}")} == {text}


def test_a_folder_is_one_of_models_and_gives_its_model_what_its_configuration_says(bench: Workbench) -> None:
    assert bench.client.saving.folders()[0] == "models" and "models/staging" in bench.client.saving.folders()
    plan = bench.client.saving.plan_model("select 1 as n", "one_more", "staging")
    assert plan == bench.client.saving.plan_model("select 1 as n", "one_more", "models/staging")
    assert bench.client.saving.save_model(plan).asset == "staging/one_more"
    assert save(bench, "unheard", "select 1 as n", "unused") == ""


REFUSED = [
    ("delete from staging.stg_orders", "x", "", WriteRefused, "only read"),
    ("create table a.b as select 1", "x", "", WriteRefused, "only read"),
    ("select 1; select 2", "x", "", UsageError, "one statement at a time"),
    ("-- nothing", "x", "", UsageError, "no statement"),
    ("selekt 1", "x", "", QueryFailed, "Parser Error"),
    ("explain select 1", "x", "", UsageError, "EXPLAIN"),
    ("select $limit", "x", "", UsageError, "limit"),
    ("from staging.stg_orders at (version => 7)", "x", "", UsageError, "as it was"),
    ("from stg_orders", "x", "", UsageError, "without a namespace"),
    ("select '{{', '{% endraw %}'", "x", "", UsageError, "endraw"),
    ("from staging.hidden", "x", "", UsageError, "private"),
    ("select 1 as n", "stg_orders", "", UsageError, "models/staging/stg_orders.sql"),
    ("select 1 as n", "raw_orders", "staging", UsageError, "a seed raw_orders already"),
    ("select 1 as n", "one", "staging", UsageError, "already"),
    ("select 1 as n", "quiet", "", UsageError, "models/unused/quiet.sql"),
    ("select 1 as n", "stranger", "", UsageError, "a table outside.stranger"),
    ("select 1 as n", "Two words", "", UsageError, "no name for a model"),
    ("select 1 as n", "../../elsewhere", "", UsageError, "no name for a model"),
    ("select 1 as n", "x", "seeds", UsageError, "no folder of models"),
    ("select 1 as n", "x", "..", UsageError, "no folder of models"),
    ("select 1 as n", "x", "/tmp", UsageError, "no folder of models"),
    ("select 1 as n", "x", "nowhere", UsageError, "models/staging"),
]


@pytest.mark.parametrize(("sql", "name", "folder", "kind", "said"), REFUSED)
def test_what_cannot_be_a_model_is_refused_with_the_reason(
    bench: Workbench, sql: str, name: str, folder: str, kind: type[BenchError], said: str
) -> None:
    before = files(bench)
    with pytest.raises(kind) as error:
        bench.client.saving.plan_model(sql, name, folder)
    assert type(error.value) is kind and said in error.value.message
    assert files(bench) == before


def test_a_table_that_dbt_does_not_know_is_read_and_said(bench: Workbench) -> None:
    plan = bench.client.saving.plan_model("from outside.stranger", "known")
    assert plan.reads == (ModelRead("outside.stranger"),) and plan.text == "from outside.stranger\n"
    assert "does not know outside.stranger" in plan.notes[0]


def test_what_would_not_run_now_is_said(bench: Workbench) -> None:
    (note,) = bench.client.saving.plan_model("select nothing from staging.stg_orders", "wrong").notes
    assert "does not run" in note and "nothing" in note
    assert "not run" in bench.client.saving.plan_model("from staging.later", "later").notes[-1]


def test_a_file_or_a_model_that_came_in_between_stays_as_it_is(bench: Workbench) -> None:
    plan = bench.client.saving.plan_model("select 1 as n", "late")
    theirs = Path(plan.path)
    theirs.write_text("select 2 as n\n")
    with pytest.raises(UsageError, match="already"):
        bench.client.saving.save_model(plan)
    assert theirs.read_text() == "select 2 as n\n"
    theirs.unlink()
    plan = bench.client.saving.plan_model("from outside.visits", "late")
    (bench.root / "models" / "sources.yml").write_text(
        MORE["models/sources.yml"].replace("outside, tables", "elsewhere, tables")
    )
    with pytest.raises(CommitConflict):
        bench.client.saving.save_model(plan)
    assert not theirs.exists()
    (bench.root / "models" / "sources.yml").write_text(MORE["models/sources.yml"])


def test_what_dbt_cannot_read_is_taken_away_again(bench: Workbench) -> None:
    before = files(bench)
    plan = bench.client.saving.plan_model("select 2 as n", "second", "twins")
    with pytest.raises(UsageError, match="taken away again"):
        bench.client.saving.save_model(plan)
    assert files(bench) == before
    assert "shop/customer_totals" in {each.asset for each in bench.client.assets()}


def test_a_project_that_cannot_be_read_gets_no_model(bench: Workbench) -> None:
    broken = bench.root / "models" / "broken.sql"
    broken.write_text("select {% if %}\n")
    with pytest.raises(ParseFailed):
        bench.client.saving.plan_model("select 1 as n", "x")
    broken.unlink()
    assert bench.client.saving.plan_model("select 1 as n", "x").name == "x"


@pytest.mark.parametrize(
    ("sql", "tables", "loose"),
    [
        ("from a.b", ("a.b",), ()),
        ("with t as (from a.b) select * from t join lake.c.d on true", ("a.b", "c.d"), ()),
        ('select * from "x.y"."E f"', ("x.y.E f",), ()),
        ("with t as (select 1) from t, u", (), ("u",)),
        ("with a as (from b.a) select (select max(x) from a)", ("b.a",), ()),
        ("from a.b join c.d using (e) -- no column of theirs is known", ("a.b", "c.d"), ()),
        ("with a as (from a) from A", (), ("a",)),
        ("with a as (from (with b as (select 1) from b)) from a, b", (), ("b",)),
        ("with recursive t as (select 1 as n union all select n + 1 from t where n < 3), u as (from t) from u", (), ()),
        ("select 'from a.b' -- from c.d", (), ()),
        ("values (1), (2)", (), ()),
    ],
)
def test_duckdb_says_what_a_statement_reads_and_which_names_it_gives_itself(
    sql: str, tables: tuple[str, ...], loose: tuple[str, ...]
) -> None:
    assert select_of(f"\n{sql}\n;") == Select(sql, tables, loose)


@pytest.mark.parametrize("sql", ["show tables", "describe a.b", "summarize a.b", "pragma version"])
def test_what_only_tells_of_tables_is_no_model(sql: str) -> None:
    with pytest.raises(UsageError, match="no table can be made"):
        select_of(sql)
