"""dbt's manifest as assets."""

from __future__ import annotations

from typing import Any

import pytest

from floe_bench.adapters.orchestrators.dagster.node import assets_of, checked_asset, group_of, key_of, upstream_of
from floe_bench.model.asset import Asset, AssetStatus

Node = dict[str, Any]


def model(name: str, *parents: str, materialized: str = "table", **more: Any) -> Node:
    return {
        "unique_id": f"model.shop.{name}",
        "resource_type": "model",
        "name": name,
        "schema": "shop",
        "fqn": ["shop", name],
        "config": {"materialized": materialized},
        "depends_on": {"nodes": [parent if "." in parent else f"model.shop.{parent}" for parent in parents]},
        "checksum": {"checksum": f"sum-{name}"},
    } | more


def seed(name: str) -> Node:
    return model(name) | {"unique_id": f"seed.shop.{name}", "resource_type": "seed", "schema": "raw"}


def source(name: str) -> Node:
    return {
        "unique_id": f"source.shop.erp.{name}",
        "resource_type": "source",
        "name": name,
        "identifier": f"{name}_v2",
        "schema": "erp",
        "fqn": ["shop", "erp", name],
    }


def data_test(name: str, *parents: str, about: str | None = None, **more: Any) -> Node:
    found = model(name, *parents) | {"unique_id": f"test.shop.{name}", "resource_type": "test"}
    return found | {"attached_node": about} | more


def manifest(*nodes: Node) -> dict[str, Any]:
    sources = {node["unique_id"]: node for node in nodes if node["resource_type"] == "source"}
    return {
        "nodes": {node["unique_id"]: node for node in nodes if node["resource_type"] != "source"},
        "sources": sources,
    }


def assets(*nodes: Node) -> dict[str, Asset]:
    return {asset.asset: asset for asset in assets_of(manifest(*nodes))}


def test_the_key_is_namespace_and_table_name_and_the_table_its_dotted_form() -> None:
    (found,) = assets(model("orders", alias="Orders_v2", schema="lake.staging")).values()
    assert (found.asset, found.table) == ("lake/staging/Orders_v2", "lake.staging.Orders_v2")


def test_a_source_goes_by_its_identifier() -> None:
    assert key_of(source("events")) == "erp/events_v2"


def test_parents_come_before_children_whatever_the_manifests_order() -> None:
    found = list(assets(model("c", "b"), model("b", "a"), model("a", "seed.shop.s"), seed("s")))
    assert found == ["raw/s", "shop/a", "shop/b", "shop/c"]


def test_a_diamond_lists_everybody_once() -> None:
    found = list(assets(model("d", "b", "c"), model("b", "a"), model("c", "a"), model("a")))
    assert sorted(found) == ["shop/a", "shop/b", "shop/c", "shop/d"]
    assert found[0] == "shop/a"
    assert found[-1] == "shop/d"


def test_a_chain_of_ten_thousand_is_ordered_without_recursion() -> None:
    chain = [model(f"m{n}", *([f"m{n - 1}"] if n else [])) for n in reversed(range(10_000))]
    assert list(assets(*chain)) == [f"shop/m{n}" for n in range(10_000)]


def test_a_chain_of_ten_thousand_ephemeral_models_is_seen_through() -> None:
    chain = [
        model(f"m{n}", *([f"m{n - 1}"] if n else ["seed.shop.s"]), materialized="ephemeral") for n in range(10_000)
    ]
    found = assets(seed("s"), *chain, model("last", "m9999"))
    assert found["shop/last"].upstream == ("raw/s",)


def test_ephemeral_models_are_no_assets_and_are_seen_through_to_every_table_behind_them() -> None:
    found = assets(
        seed("s"),
        model("a"),
        model("e1", "a", materialized="ephemeral"),
        model("e2", "e1", "seed.shop.s", materialized="ephemeral"),
        model("b", "e2", "a"),
    )
    assert set(found) == {"raw/s", "shop/a", "shop/b"}
    assert set(found["shop/b"].upstream) == {"raw/s", "shop/a"}
    assert len(found["shop/b"].upstream) == 2


def test_many_ephemeral_diamonds_are_walked_once_each() -> None:
    nodes, before = [model("a")], ["a"]
    for level in range(40):
        both = [f"e{level}x", f"e{level}y"]
        nodes += [model(name, *before, materialized="ephemeral") for name in both]
        before = both
    last = model("last", *before)
    assert [key_of(each) for each in upstream_of(manifest(*nodes, last), last)] == ["shop/a"]


def test_a_source_that_is_read_is_an_external_asset_and_one_that_is_not_read_is_none() -> None:
    found = assets(source("events"), source("unused"), model("a", "source.shop.erp.events"))
    assert found["erp/events_v2"].status is AssetStatus.EXTERNAL
    assert found["erp/events_v2"].kind == "source"
    assert set(found) == {"erp/events_v2", "shop/a"}


def test_a_source_that_the_project_makes_itself_is_one_asset() -> None:
    made = model("events", schema="erp", alias="events_v2")
    found = assets(source("events"), made, model("a", "source.shop.erp.events"))
    assert found["erp/events_v2"].kind == "table"
    assert found["shop/a"].upstream == ("erp/events_v2",)


def test_tests_and_operations_are_no_assets() -> None:
    operation = model("hook") | {"resource_type": "operation", "unique_id": "operation.shop.hook"}
    assert set(assets(model("a"), data_test("t", "a"), operation)) == {"shop/a"}


@pytest.mark.parametrize(
    ("test", "about"),
    [
        (data_test("generic", "b", "a", about="model.shop.a"), "shop/a"),
        (data_test("singular", "b"), "shop/b"),
        (data_test("both", "a", "b"), None),
        (data_test("of_source", "source.shop.erp.events"), "erp/events_v2"),
        (data_test("nothing"), None),
    ],
)
def test_a_check_is_about_the_node_it_is_attached_to_or_the_only_one_it_reads(test: Node, about: str | None) -> None:
    known = manifest(model("a"), model("b"), source("events"), test)
    assert checked_asset(known, test) == about


def test_checks_are_counted_per_asset_and_a_unique_column_is_its_key() -> None:
    unique = {"test_metadata": {"name": "unique"}, "column_name": "order_id"}
    found = assets(
        model("a"),
        data_test("t1", "a", about="model.shop.a", **unique),
        data_test("t2", "a", about="model.shop.a"),
        model("b"),
    )
    assert (found["shop/a"].checks_total, found["shop/b"].checks_total) == (2, 0)
    assert (found["shop/a"].unique_key, found["shop/b"].unique_key) == (("order_id",), ())


def test_a_declared_unique_key_goes_before_a_unique_test_and_a_dbt_snapshot_has_none() -> None:
    declared = {"materialized": "incremental", "unique_key": ["day", "shop"]}
    assert assets(model("a", config=declared))["shop/a"].unique_key == ("day", "shop")
    history = model("h", config={"unique_key": "id"}) | {"resource_type": "snapshot"}
    assert assets(history)["shop/h"].unique_key == ()


@pytest.mark.parametrize(
    ("node", "group"),
    [
        (model("a", meta={"tier": "gold"}, group="finance"), "gold"),
        (model("a", group="finance"), "finance"),
        (model("a", fqn=["shop", "staging", "deep", "a"]), "staging"),
        (model("a"), "models"),
        (seed("s"), "raw"),
    ],
)
def test_the_group_is_the_tier_the_dbt_group_the_first_folder_or_the_kind(node: Node, group: str) -> None:
    assert group_of(node) == group


def test_a_word_selects_one_node_also_where_a_folder_has_its_name() -> None:
    from floe_bench.adapters.orchestrators.dagster.node import selector

    nodes = {
        "model.shop.orders": {"fqn": ["shop", "orders"], "original_file_path": "models/orders.sql"},
        "model.shop.lines": {"fqn": ["shop", "orders", "lines"], "original_file_path": "models/orders/lines.sql"},
    }
    assert selector(nodes, nodes["model.shop.orders"]) == "fqn:shop.orders,path:models/orders.sql"
    assert selector(nodes, nodes["model.shop.lines"]) == "fqn:shop.orders.lines"


def test_a_step_of_a_dbt_node_is_told_from_one_of_a_python_asset() -> None:
    from floe_bench.adapters.orchestrators.dagster.node import DBT_STEPS, step_name

    assert step_name("staging/stg_orders", "view") == f"{DBT_STEPS}staging__stg_orders"
    assert step_name("python/plan", "python") == "python__plan"
