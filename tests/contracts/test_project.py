"""A project that breaks and is mended while the bench is open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from floe_bench.errors import BenchError, ConfigInvalid, ParseFailed
from floe_bench.events import ProblemFound, ProblemSolved
from floe_bench.model.asset import AssetStatus
from floe_bench.model.run import NodeStatus, RunStatus
from tests.contracts.workbench import PATIENCE_S, Workbench, nodes, opened, shop

STG = "models/staging/stg_orders.sql"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("project"))) as bench:
        run = bench.run(exclude="slow")
        assert run.status is RunStatus.SUCCESS, run
        yield bench


@contextmanager
def saved(bench: Workbench, name: str, text: str | None) -> Iterator[Path]:
    """The project with that file changed (None: deleted), and mended afterwards, which the bench must have seen."""
    file = bench.root / name
    before = file.read_text() if file.exists() else None
    write(file, text)
    try:
        yield file
    finally:
        write(file, before)
        bench.until(lambda: whole(bench), f"{name} is mended")


def write(file: Path, text: str | None) -> None:
    if text is None:
        file.unlink()
    else:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def whole(bench: Workbench) -> bool:
    try:
        return len(bench.client.assets()) == 6
    except BenchError:
        return False


def refused(bench: Workbench) -> BenchError:
    """What everybody is told who wants the project while it is broken."""
    caught: list[BenchError] = []

    def asks() -> bool:
        try:
            bench.client.assets()
        except BenchError as error:
            caught.append(error)
        return bool(caught)

    bench.until(asks, "the break is seen")
    return caught[0]


def still_usable(bench: Workbench) -> None:
    assert "shop.customer_totals" in {table.table for table in bench.client.tables()}
    assert bench.client.snapshots("shop.customer_totals")
    assert bench.client.query("select count(*) from shop.customer_totals").rows == ((2,),)
    assert bench.client.runs(1)
    assert bench.client.status().state == "ready"


def test_a_failing_model_fails_its_run_skips_what_reads_it_and_is_green_when_mended(bench: Workbench) -> None:
    with saved(bench, STG, "select order_id, customer_id, amount, no_such_column from {{ ref('raw_orders') }}\n"):
        bench.until(lambda: bench.asset("staging/stg_orders").why_stale, "the edit is seen")
        run = bench.run(select="stg_orders+")
        found = nodes(run)
        assert run.status is RunStatus.FAILED
        assert found["stg_orders"].status is NodeStatus.FAILED
        assert "no_such_column" in found["stg_orders"].message
        assert STG in found["stg_orders"].message
        assert Path(found["stg_orders"].compiled_path).read_text().startswith("select order_id")
        assert found["customer_totals"].status is NodeStatus.SKIPPED
        assert found["not_null_stg_orders_order_id"].status is NodeStatus.SKIPPED
        assert bench.asset("staging/stg_orders").status is AssetStatus.FAILED
        reader = bench.asset("shop/customer_totals")
        assert reader.status is AssetStatus.STALE
        assert reader.why_stale == (f"run {run.run_id[:4]} did not get to it: stg_orders failed",)

    bench.until(lambda: not bench.asset("staging/stg_orders").why_stale, "the mended file is seen")
    assert bench.run(select="stg_orders").status is RunStatus.SUCCESS
    assert bench.asset("staging/stg_orders").status is AssetStatus.FRESH
    assert bench.asset("shop/customer_totals").status is AssetStatus.STALE


def test_a_failed_check_fails_run_and_asset_and_counts_its_rows(bench: Workbench) -> None:
    with saved(bench, STG, "select null::int as order_id, customer_id, amount from {{ ref('raw_orders') }}\n"):
        bench.until(lambda: bench.asset("staging/stg_orders").why_stale, "the edit is seen")
        run = bench.run(select="stg_orders")
        check = nodes(run)["not_null_stg_orders_order_id"]
        assert run.status is RunStatus.FAILED
        assert (check.status, check.rows, check.asset) == (NodeStatus.FAILED, 3, "staging/stg_orders")
        asset = bench.asset("staging/stg_orders")
        assert (asset.status, asset.checks_failed) == (AssetStatus.FAILED, 1)
    assert bench.run(select="stg_orders").status is RunStatus.SUCCESS


def test_a_run_right_after_a_file_was_saved_is_a_run_of_what_was_saved(bench: Workbench) -> None:
    with saved(bench, STG, "select order_id, customer_id, amount + 0 as amount from {{ ref('raw_orders') }}\n"):
        assert bench.run(select="stg_orders").status is RunStatus.SUCCESS
        asset = bench.asset("staging/stg_orders")
        assert (asset.status, asset.why_stale) == (AssetStatus.FRESH, ())
    assert bench.run(select="stg_orders").status is RunStatus.SUCCESS
    assert bench.asset("staging/stg_orders").why_stale == ()


def test_an_asset_is_stale_after_a_macro_or_a_variable_changed_and_says_which(bench: Workbench) -> None:
    twice = "{{% macro twice(x) %}}{{{{ x }}}} * {}{{% endmacro %}}\n"
    code = "select order_id, customer_id, {{ twice('amount') }} as amount from {{ ref('raw_orders') }}\n"
    with (
        saved(bench, "macros/twice.sql", twice.format(2)) as macro,
        saved(bench, STG, code + "limit {{ var('most', 100) }}\n"),
    ):
        bench.until(lambda: bench.asset("staging/stg_orders").why_stale == ("its code changed",), "the edit is seen")
        assert bench.run(select="stg_orders", variables="{most: 50}").status is RunStatus.SUCCESS
        given = ("variable most is not set, it was made with 50",)
        bench.until(lambda: bench.asset("staging/stg_orders").why_stale == given, "the variable is named")
        assert bench.run(select="stg_orders").status is RunStatus.SUCCESS
        bench.until(lambda: bench.asset("staging/stg_orders").status is AssetStatus.FRESH, "it is fresh")
        macro.write_text(twice.format("1 * 2"))
        wanted = ("macro twice() changed",)
        bench.until(lambda: bench.asset("staging/stg_orders").why_stale == wanted, "the macro is named")
    assert bench.run(select="stg_orders").status is RunStatus.SUCCESS


def test_an_asset_is_stale_after_its_configuration_or_a_variable_in_it_changed(bench: Workbench) -> None:
    schema = (bench.root / "models/schema.yml").read_text()
    project = (bench.root / "dbt_project.yml").read_text()
    key = schema.replace("  - name: stg_orders\n", '  - name: stg_orders\n    config: {unique_key: "{}"}\n')

    def with_variables(first: int, second: int) -> str:
        return project.replace("{rows: 10}", f"{{rows: 10, first: {first}, second: {second}}}").replace(
            "+tags:", "+pre_hook: \"select {{ var('second') }}\", +tags:"
        )

    def stale(*reasons: str) -> bool:
        return bench.asset("staging/stg_orders").why_stale == reasons

    with (
        saved(bench, "dbt_project.yml", with_variables(1, 1)) as project_file,
        saved(bench, "models/schema.yml", key.replace("{}", "{{ var('first') ~ '_id' }}")) as schema_file,
    ):
        bench.until(lambda: not stale(), "the edit is seen")
        assert bench.run(select="stg_orders").status is RunStatus.SUCCESS
        bench.until(lambda: bench.asset("staging/stg_orders").status is AssetStatus.FRESH, "it is fresh")
        project_file.write_text(with_variables(1, 2))
        bench.until(
            lambda: stale("variable second is 2, it was made with 1"), "the variable of the project file is named"
        )
        project_file.write_text(with_variables(2, 1))
        both = ("variable first is 2, it was made with 1", "config unique_key is 2_id, it was made with 1_id")
        bench.until(lambda: stale(*both), "the variable of the property file is named")
        project_file.write_text(with_variables(1, 1))
        bench.until(lambda: bench.asset("staging/stg_orders").status is AssetStatus.FRESH, "it is fresh again")
        schema_file.write_text(key.replace("{}", "order_id"))
        bench.until(lambda: stale("config unique_key is order_id, it was made with 1_id"), "the configuration is named")
    assert bench.run(select="stg_orders").status is RunStatus.SUCCESS


def test_the_command_line_ends_with_1_after_a_failed_run(bench: Workbench) -> None:
    with saved(bench, STG, "select no_such_column from {{ ref('raw_orders') }}\n"):
        bench.until(lambda: bench.asset("staging/stg_orders").why_stale, "the edit is seen")
        command = [
            sys.executable,
            "-m",
            "floe_bench",
            "--project",
            str(bench.root),
            "--json",
            "run",
            "-s",
            "stg_orders",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 1, done
    assert "no_such_column" in done.stdout
    assert all(json.loads(line) for line in done.stdout.splitlines())
    still_usable(bench)
    assert bench.run(select="stg_orders").status is RunStatus.SUCCESS


@pytest.mark.parametrize(
    ("name", "text", "kind", "says", "where"),
    [
        (STG, "select {{ ref('nobody') }}\n", ParseFailed, "nobody", STG),
        (STG, "select {% if %} 1\n", ParseFailed, "", STG),
        ("models/schema.yml", "models:\n  - name: [\n", ParseFailed, "", "models/schema.yml"),
        ("dbt_project.yml", "name: shop\nversion: [\n", ParseFailed, "", "dbt_project.yml"),
        ("dbt_project.yml", None, ParseFailed, "dbt_project.yml", ""),
        ("shop_assets.py", "import dagster as dg\n1 / 0\n", ConfigInvalid, "division by zero", ""),
        ("shop_assets.py", "def broken(:\n", ConfigInvalid, "SyntaxError", ""),
        ("shop_assets.py", None, ConfigInvalid, "No module named 'shop_assets'", "floe-bench.toml"),
    ],
)
def test_a_project_that_cannot_be_read_is_said_the_bench_stays_and_it_is_read_again_when_saved(
    bench: Workbench, name: str, text: str | None, kind: type[BenchError], says: str, where: str
) -> None:
    found, solved = len(bench.events(ProblemFound)), len(bench.events(ProblemSolved))
    with saved(bench, name, text):
        error = refused(bench)
        assert type(error) is kind, error
        assert says in error.message
        assert error.message
        assert where in error.where, (error.where, error.message)
        still_usable(bench)
        bench.until(lambda: len(bench.events(ProblemFound)) > found, "the problem is told")
        problem = bench.events(ProblemFound)[-1]
        assert (problem.about, problem.message, problem.where) == ("dbt project", error.message, error.where)
        with pytest.raises(kind):
            bench.submit()
    bench.until(lambda: len(bench.events(ProblemSolved)) > solved, "that it is solved is told")
    assert bench.events(ProblemSolved)[-1].about == "dbt project"


def test_a_line_that_dbt_names_is_passed_on(bench: Workbench) -> None:
    with saved(bench, STG, "select 1 as order_id\n\n\n{% if %}\n"):
        assert refused(bench).where == f"{STG}:4"


def test_a_new_model_appears_and_a_deleted_one_goes(bench: Workbench) -> None:
    with saved(bench, "models/extra.sql", "select 1 as n\n"):
        bench.until(lambda: len(bench.client.assets()) == 7, "the new model is seen")
        assert bench.asset("shop/extra").status is AssetStatus.NEVER
    assert len(bench.client.assets()) == 6
