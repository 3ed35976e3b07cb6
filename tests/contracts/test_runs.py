"""Runs of a real project through the real engine."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from floe_bench.events import AssetsChanged, NodeChanged, RunChanged
from floe_bench.model.asset import AssetStatus
from floe_bench.model.run import NodeStatus, Run, RunStatus
from tests.contracts.workbench import ASSETS, Workbench, nodes, opened, processes, shop

TABLES = {key.replace("/", ".") for key in ASSETS}


def tree(root: Path) -> dict[str, str]:
    """Every file of the project but the bench's own folder, with what is in it."""
    files = (file for file in root.rglob("*") if file.is_file() and ".floe-bench" not in file.parts)
    return {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def before(root: Path) -> dict[str, str]:
    return tree(root)


@pytest.fixture(scope="module")
def bench(root: Path, before: dict[str, str]) -> Iterator[Workbench]:
    with opened(root) as bench:
        yield bench


@pytest.fixture(scope="module")
def first(bench: Workbench) -> Run:
    """Everything, materialized once."""
    run = bench.run()
    assert run.status is RunStatus.SUCCESS, (run, bench.last_words())
    return run


# ── everything ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_asset_becomes_a_table_and_every_check_is_a_node(bench: Workbench, first: Run) -> None:
    assert {table.table for table in bench.client.tables()} == TABLES
    assert {node.asset for node in first.nodes if not node.is_check} == ASSETS
    assert sum(node.is_check for node in first.nodes) == 2
    assert {node.status for node in first.nodes} == {NodeStatus.SUCCESS}
    assert first.launched_by == "cli"
    assert first.started_at is not None
    assert first.ended_at is not None


def test_every_snapshot_names_the_run_that_made_it_and_the_node_names_the_snapshot(
    bench: Workbench, first: Run
) -> None:
    made = {node.asset: node.snapshot_id for node in first.nodes if not node.is_check}
    for key in ASSETS:
        snapshots = bench.client.snapshots(key.replace("/", "."))
        by_run = [each for each in snapshots if each.run_id == first.run_id]
        assert by_run, (key, snapshots)
        assert by_run[-1].asset == key
        assert by_run[-1].snapshot_id == made[key]


def test_dagsters_own_event_log_has_the_snapshot_of_every_materialization(bench: Workbench, first: Run) -> None:
    import dagster as dg

    with dg.DagsterInstance.from_config(str(bench.state / "dagster")) as instance:
        for key in ASSETS - {"python/best__customer"}:
            event = instance.get_latest_materialization_event(dg.AssetKey(key.split("/")))
            assert event is not None, key
            assert event.run_id == first.run_id
            assert event.asset_materialization is not None
            recorded = event.asset_materialization.metadata["iceberg/snapshot_id"].value
            snapshots = bench.client.snapshots(key.replace("/", "."))
            assert recorded in [str(each.snapshot_id) for each in snapshots if each.run_id == first.run_id]


def test_events_come_while_the_run_goes_on_in_an_order_that_makes_sense(bench: Workbench, first: Run) -> None:
    mine = [(at, event) for at, event in bench.heard if isinstance(event, RunChanged | NodeChanged)]
    mine = [each for each in mine if getattr(each[1], "run_id", None) or each[1].run.run_id == first.run_id]  # type: ignore[union-attr]
    statuses = bench.statuses(first.run_id)
    assert statuses[0] == "queued"
    assert statuses[-1] == "success"
    assert "running" in statuses
    heard: dict[str, list[NodeStatus]] = {}
    for event in bench.events(NodeChanged):
        if event.run_id == first.run_id:
            heard.setdefault(event.node.node_id, []).append(event.node.status)
    assert len(heard) == len(first.nodes)
    assert all(each[0] is NodeStatus.RUNNING and each[-1] is NodeStatus.SUCCESS for each in heard.values())
    over = next(at for at, event in mine if isinstance(event, RunChanged) and event.run.status.over)
    started = [at for at, event in mine if isinstance(event, NodeChanged) and event.node.status is NodeStatus.RUNNING]
    assert min(started) < over - 0.2, "nodes were told when the run was over"
    assert max(at for at, event in mine if isinstance(event, NodeChanged)) <= over


def test_a_node_is_heard_of_soon_after_it_started(bench: Workbench, first: Run) -> None:
    late = [
        at - event.node.started_at.timestamp()
        for at, event in bench.heard
        if isinstance(event, NodeChanged) and event.run_id == first.run_id and event.node.started_at
        if event.node.status is NodeStatus.RUNNING
    ]
    assert first.started_at is not None and first.ended_at is not None
    took_s = (first.ended_at - first.started_at).total_seconds()
    # 0.1 s where the machine is idle; where it is not, the run takes longer, too.
    assert sorted(late)[len(late) // 2] < max(1.5, took_s / 2)


def test_assets_are_fresh_afterwards_with_run_snapshot_and_checks(bench: Workbench, first: Run) -> None:
    found = {asset.asset: asset for asset in bench.client.assets()}
    assert set(found) == ASSETS
    assert {key: (asset.status, asset.why_stale) for key, asset in found.items()} == dict.fromkeys(
        ASSETS, (AssetStatus.FRESH, ())
    )
    assert {asset.last_run_id for asset in found.values()} == {first.run_id}
    assert all(asset.snapshot_id and asset.materialized_at for asset in found.values())
    assert (found["shop/customer_totals"].checks_passed, found["shop/customer_totals"].checks_total) == (1, 1)
    assert found["shop/customer_totals"].rows == 2
    assert found["shop/customer_totals"].upstream == ("shop/raw_customers", "staging/stg_orders")
    assert any(isinstance(event, AssetsChanged) for _, event in bench.heard)


def test_a_python_asset_goes_through_the_io_manager_into_the_same_catalog(bench: Workbench, first: Run) -> None:
    node = nodes(first)["best__customer"]
    assert (node.kind, node.asset, node.node_id) == ("python", "python/best__customer", "python.python/best__customer")
    assert node.rows == 1
    assert bench.client.query("select name, total from python.best__customer").rows == (("Ada", 15),)
    asset = bench.asset("python/best__customer")
    assert (asset.kind, asset.upstream) == ("python", ("shop/customer_totals",))


def test_the_rows_are_what_the_sql_says(bench: Workbench, first: Run) -> None:
    answer = bench.client.query("select name, total from shop.customer_totals order by 1")
    assert answer.rows == (("Ada", 15), ("Bo", 7))


# ── selections ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("select", "exclude", "names"),
    [
        ("slow", None, {"slow"}),
        ("+stg_orders", None, {"raw_orders", "stg_orders", "not_null"}),
        ("tag:nightly", None, {"stg_orders", "not_null"}),
        ("path:models/staging", None, {"stg_orders", "not_null"}),
        ("resource_type:seed", "raw_orders", {"raw_customers"}),
        ("asset:python/best__customer", None, {"best__customer"}),
    ],
)
def test_a_selection_runs_what_dbt_says_it_means(
    bench: Workbench, first: Run, select: str, exclude: str | None, names: set[str]
) -> None:
    run = bench.run(select=select, exclude=exclude)
    assert run.status is RunStatus.SUCCESS, run
    assert (run.selection, run.exclude) == (select, exclude or "")
    assert {"not_null" if node.name.startswith("not_null") else node.name for node in run.nodes} == names


def namespaces_listed(bench: Workbench, run: Run) -> set[str]:
    """By dbt itself, which names its connections by what they are for."""
    said = (bench.state / "runs" / run.run_id / "target" / "dbt.log").read_text().splitlines()
    names = (str(json.loads(line)["data"].get("conn_name", "")) for line in said)
    return {name.removeprefix("list_lake_") for name in names if name.startswith("list_lake_")}


def test_of_namespaces_that_a_run_does_not_build_in_dbt_lists_no_tables(bench: Workbench, first: Run) -> None:
    assert namespaces_listed(bench, first) == {"shop", "staging"}
    run = bench.run(select="customer_totals")
    assert run.status is RunStatus.SUCCESS, run
    assert namespaces_listed(bench, run) == {"shop"}


def test_state_compares_with_the_last_good_run_of_everything(bench: Workbench, root: Path, first: Run) -> None:
    file = root / "models/staging/stg_orders.sql"
    text = file.read_text()
    try:
        file.write_text(text + "where true\n")
        bench.until(lambda: bench.asset("staging/stg_orders").why_stale, "the edit is seen")
        assert bench.asset("staging/stg_orders").why_stale == ("its code changed",)
        run = bench.run(select="state:modified+")
        assert run.status is RunStatus.SUCCESS, run
        assert {node.name for node in run.nodes if not node.is_check} == {"stg_orders", "customer_totals"}
    finally:
        file.write_text(text)


def test_nothing_selected_is_a_failed_run_that_says_so(bench: Workbench, first: Run) -> None:
    run = bench.run(select="tag:nobody")
    assert run.status is RunStatus.FAILED
    assert re.search("'tag:nobody' selects nothing", run.error), run
    assert run.nodes == ()


def test_a_run_that_does_another_again_says_so_here_and_in_dagsters_run_group(bench: Workbench, first: Run) -> None:
    import dagster as dg

    failed = bench.run(select="tag:nobody")
    second = bench.run(select="stg_orders", repeats=failed.run_id)
    third = bench.run(select="stg_orders", repeats=second.run_id)
    assert (failed.repeats, second.repeats, third.repeats) == (None, failed.run_id, second.run_id)
    with dg.DagsterInstance.from_config(str(bench.state / "dagster")) as instance:
        found = instance.get_run_group(failed.run_id)
    assert found is not None
    root_id, group = found
    assert root_id == failed.run_id
    assert {run.run_id for run in group} == {failed.run_id, second.run_id, third.run_id}


def test_a_selection_that_dbt_does_not_understand_fails_with_dbts_words(bench: Workbench, first: Run) -> None:
    run = bench.run(select="nosuchmethod:x")
    assert run.status is RunStatus.FAILED
    assert "nosuchmethod" in run.error


# ── what is left behind ───────────────────────────────────────────────────────────────────────────────────────────────


def test_runs_are_found_by_a_prefix_and_their_log_is_kept(bench: Workbench, first: Run) -> None:
    assert bench.client.run(first.run_id[:8]).run_id == first.run_id
    assert first.run_id in [run.run_id for run in bench.client.runs()]
    log = bench.client.logs(first.run_id, 1000)
    assert any("customer_totals" in line.text for line in log)
    assert {line.run_id for line in log} == {first.run_id}


def test_no_secret_is_in_any_file_but_its_own_or_on_a_command_line(bench: Workbench, root: Path, first: Run) -> None:
    broken = root / "models/broken.sql"
    try:
        broken.write_text("select * from no_such_table\n")
        bench.until(
            lambda: any(asset.asset == "shop/broken" for asset in bench.client.assets()), "the new model is seen"
        )
        assert bench.run(select="broken").status is RunStatus.FAILED
        commands = b"".join(command_lines(root))
    finally:
        broken.unlink()
    keys = bench.state / "stack" / "embedded" / "keys"
    _, secret = keys.read_text().split()
    spellings = [secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()]
    for text in spellings:
        assert text.encode() not in commands
        holders = {str(file.relative_to(bench.state)) for file in files(bench.state) if text.encode() in content(file)}
        assert holders <= {"stack/embedded/keys"}


def command_lines(root: Path) -> Iterator[bytes]:
    found = processes(root)
    assert any("floe_bench.engine" in " ".join(process.cmdline()) for process in found)
    for process in found:
        with suppress(OSError, psutil.Error):
            yield Path(f"/proc/{process.pid}/cmdline").read_bytes()


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


def content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def test_nothing_in_the_project_but_the_benchs_own_folder_is_written(
    root: Path, before: dict[str, str], first: Run
) -> None:
    assert tree(root) == before
