"""The demo through plain dbt-duckdb, day 0 and day 1: green, one warning, every kind of node.

One child process does both days: dbt is imported once, and this process stays clean of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from floe_bench.core import demo, demo_data

_BUILDS = """
import json, sys
from pathlib import Path
from dbt.cli.main import dbtRunner
from floe_bench.core import demo

root, answer = Path(sys.argv[1]), Path(sys.argv[2])

def dbt(*args):
    result = dbtRunner().invoke([*args, "--profiles-dir", str(root.parent), "--quiet"])
    if result.exception:
        raise result.exception
    return {node.node.unique_id: [str(node.status), node.failures] for node in result.result.results}

first = dbt("build")
manifest = json.loads((root / "target" / "manifest.json").read_text())
demo.advance(root)
dbt("seed", "--full-refresh")
second = dbt("build", "--exclude", "resource_type:seed")
answer.write_text(json.dumps({"manifest": manifest, "first": first, "second": second}))
"""

_PROFILE = """
floe_demo:
  target: dev
  outputs:
    dev: {type: duckdb, path: warehouse.duckdb, schema: floe_demo, threads: 1}
"""

_SCHEMA_NAMES = "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}"


@dataclass(frozen=True, slots=True)
class Built:
    root: Path
    nodes: dict[str, Any]
    manifest: dict[str, Any]
    first: dict[str, tuple[str, int | None]]
    second: dict[str, tuple[str, int | None]]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        import duckdb

        with duckdb.connect(str(self.root / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    root = demo.copy(folder / "demo")
    (folder / "profiles.yml").write_text(_PROFILE)
    (root / "macros" / "generate_schema_name.sql").write_text(_SCHEMA_NAMES)
    answer = folder / "answer.json"
    environ = os.environ | {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    command = [sys.executable, "-c", _BUILDS, str(root), str(answer)]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(answer.read_text())
    manifest = data["manifest"]
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] != "test"}
    return Built(root=root, nodes=nodes, manifest=manifest, first=data["first"], second=data["second"])


def test_the_demo_builds_green_with_one_warning_that_has_failing_rows(built: Built) -> None:
    warned = {node: failures for node, (status, failures) in built.first.items() if status == "warn"}
    assert list(warned) == ["test.floe_demo.high_discounts"]
    assert warned["test.floe_demo.high_discounts"]
    assert {status for status, _ in built.first.values()} == {"success", "pass", "warn", "no-op"}


def test_the_next_day_builds_green_too(built: Built) -> None:
    assert {status for status, _ in built.second.values()} == {"success", "pass", "warn", "no-op"}


def test_the_demo_has_every_kind_of_model(built: Built) -> None:
    kinds = {
        (node["config"]["materialized"], node["config"].get("incremental_strategy")) for node in built.nodes.values()
    }
    assert kinds == {
        ("seed", None),
        ("view", None),
        ("table", None),
        ("ephemeral", None),
        ("snapshot", None),
        ("incremental", "append"),
        ("incremental", "merge"),
        ("incremental", "delete+insert"),
        ("incremental", "microbatch"),
    }
    models = [node for node in built.nodes.values() if node["resource_type"] == "model"]
    assert len(models) >= 12


def test_the_demo_has_every_kind_of_test(built: Built) -> None:
    tests = [node for node in built.manifest["nodes"].values() if node["resource_type"] == "test"]
    generic = {node["test_metadata"]["name"] for node in tests if node.get("test_metadata")}
    assert generic == {"unique", "not_null", "relationships", "accepted_values", "positive"}
    assert [node for node in tests if not node.get("test_metadata")]
    assert built.manifest["unit_tests"]


def test_every_schema_is_one_of_the_layers(built: Built) -> None:
    assert {node["schema"] for node in built.nodes.values()} == {"raw", "staging", "intermediate", "marts", "history"}


def test_every_name_is_lower_case(built: Built) -> None:
    tables = built.query("select table_schema || '.' || table_name, column_name from information_schema.columns")
    assert tables
    assert all(name == name.lower() for row in tables for name in row)


def test_everything_says_who_owns_it(built: Built) -> None:
    assert all(node["config"]["meta"]["owner"] for node in built.nodes.values())
    owners = {group["name"]: group["owner"] for group in built.manifest["groups"].values()}
    assert owners and all(owner["name"] and owner["email"].endswith("@example.com") for owner in owners.values())
    assert {
        node["config"]["group"] for node in built.nodes.values() if node["resource_type"] == "model"
    } <= owners.keys()


def test_the_demo_uses_what_a_project_has_around_its_models(built: Built) -> None:
    contracts = [name for name, node in built.nodes.items() if node["config"].get("contract", {}).get("enforced")]
    assert contracts == ["mart_daily_revenue"]
    assert built.manifest["sources"] and built.manifest["exposures"]
    assert built.nodes["mart_daily_revenue"]["config"]["post-hook"]
    assert built.nodes["mart_customers"]["config"]["persist_docs"] == {"relation": True, "columns": True}
    assert "corrected_late" in {doc["name"] for doc in built.manifest["docs"].values()}


def test_there_is_something_to_look_at(built: Built) -> None:
    ((customers,), (days,), (tiers,)) = [
        built.query(sql)[0]
        for sql in (
            "select count(*) from marts.mart_customers",
            "select count(*) from marts.mart_daily_revenue where net_revenue > 0",
            "select count(distinct tier) from marts.mart_customers",
        )
    ]
    assert (customers, days, tiers) == (240, 61, 5)


def test_no_coffee_is_sold_that_was_never_roasted(built: Built) -> None:
    assert built.query("select product_name from marts.mart_products where kg_on_hand < 0") == []


def test_a_late_correction_reaches_the_merged_order(built: Built) -> None:
    said = "\n".join(demo_data.changes(1))
    order_id = built.query(
        "select order_id from intermediate.int_orders where corrected_late and updated_at::date = date '2026-05-01'"
    )
    assert len(order_id) == 1
    assert f"order {order_id[0][0]} of" in said


def test_the_merged_orders_equal_a_fresh_read_of_all_orders(built: Built) -> None:
    merged = built.query("select order_id, status, updated_at, gift_wrap from intermediate.int_orders order by 1")
    fresh = built.query("select order_id, status, updated_at, gift_wrap from raw.raw_orders order by 1")
    assert merged == fresh


def test_the_reloaded_deliveries_equal_a_fresh_read_of_all_deliveries(built: Built) -> None:
    reloaded = built.query("select delivery_id, outcome from intermediate.int_deliveries order by 1")
    landed = f"select delivery_id, outcome from read_csv('{built.root}/landing/deliveries.csv') order by 1"
    assert reloaded == built.query(landed)


def test_a_customer_that_moved_has_two_rows_in_the_dbt_snapshot(built: Built) -> None:
    moved = built.query(
        "select count(*), count(dbt_valid_to), count(distinct city) from history.customers_history"
        " group by customer_id having count(*) > 1"
    )
    assert moved == [(2, 1, 2)]


def test_microbatches_are_few_and_hold_every_reading_of_their_days(built: Built) -> None:
    days = built.query(
        "select cast(read_at as date), count(*) from intermediate.int_oven_readings group by all order by all"
    )
    assert [count for _, count in days] == [72, 72]
