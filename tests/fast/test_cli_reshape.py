"""alter, rename, drop, promote: the plan first, then a question, then the change."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.cli.reshape_noun import DROP_PLAN, PARTITION_PLAN, PROMOTE_PLAN, RENAME_PLAN, SCHEMA_PLAN, SORT_PLAN
from tests.builders import dbt_project
from tests.command_line import CommandLine

MART = "marts.customer_totals"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    assert built("run").code == 0
    return built


def names(line: CommandLine) -> list[str]:
    plan = line("alter", MART, "--schema", "0", "--dry-run", "--json").json["plan"]
    return [each["name"] for each in plan["before"]]


def test_columns_change_after_a_look_and_go_back(line: CommandLine) -> None:
    before = names(line)
    change = ("alter", MART, "--add", "note:string:why", "--rename", "total=sum")
    looked = line(*change, "--dry-run", "--json").json
    assert tuple(looked["plan"]) == SCHEMA_PLAN.names and looked["done"] is None
    assert [(each["how"], each["column"], each["to"]) for each in looked["plan"]["changes"]] == [
        ("add", "note", "string"),
        ("rename", "total", "sum"),
    ]
    assert names(line) == before
    done = line(*change, "--yes")
    assert "--schema 0" in done.out and "makes this table" in done.out
    assert "note" in names(line) and "sum" in names(line) and "total" not in names(line)
    assert line("alter", MART, "--schema", "0", "--yes").code == 0
    assert names(line) == before
    assert "nothing was changed" in line("alter", MART, "--schema", "0", "--yes").err


def fields(line: CommandLine) -> list[str]:
    return [each["name"] for each in line("alter", MART, "--spec", "0", "--dry-run", "--json").json["plan"]["before"]]


def test_a_partitioning_changes_after_a_look_and_goes_back(line: CommandLine) -> None:
    change = ("alter", MART, "--partition", "group=bucket(4, customer_id)", "--partition", "orders")
    looked = line(*change, "--dry-run", "--json").json
    assert tuple(looked["plan"]) == PARTITION_PLAN.names and looked["done"] is None and fields(line) == []
    assert [(each["name"], each["told"]) for each in looked["plan"]["after"]] == [
        ("group", "bucket(4, customer_id)"),
        ("orders", "orders"),
    ]
    shown = line(*change, "--dry-run").out
    assert "bucket(4, customer_id) as group" in shown and "1 data file stays as it was written" in shown
    assert line(*change).code == 2
    done = line(*change, "--yes")
    assert "--spec 0" in done.out and fields(line) == ["group", "orders"]
    line("alter", MART, "--rename-partition", "group=shard", "--unpartition", "orders", "--yes")
    assert fields(line) == ["shard"]
    assert line("alter", MART, "--spec", "0", "--yes").code == 0 and fields(line) == []


def test_a_sort_order_changes_after_a_look_and_goes_back(line: CommandLine) -> None:
    change = ("alter", MART, "--sort", "total desc nulls last, bucket(4, customer_id)", "--sort", "orders")
    looked = line(*change, "--dry-run", "--json").json
    assert tuple(looked["plan"]) == SORT_PLAN.names and looked["done"] is None
    wanted = ["total desc nulls last", "bucket(4, customer_id)", "orders"]
    assert (looked["plan"]["before"], looked["plan"]["after"], looked["plan"]["old_files"]) == ([], wanted, 1)
    shown = line(*change, "--dry-run").out
    assert "sorted by nothing → total desc nulls last, bucket(4, customer_id), orders" in shown
    assert "1 data file stays as it was written" in shown and "sorted_by" in shown
    assert line(*change).code == 2
    assert "--sort-order 0" in line(*change, "--yes").out
    assert line("alter", MART, "--sort", "none", "--dry-run", "--json").json["plan"]["before"] == wanted
    assert line("alter", MART, "--sort-order", "0", "--yes").code == 0
    assert "nothing was changed" in line("alter", MART, "--sort", "none", "--yes").err


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--sort-order", "7"),
        ("--sort", "total", "--sort-order", "0"),
        ("--sort", "total", "--partition", "orders"),
        ("--sort", " "),
        ("--spec", "7"),
        ("--unpartition", "nothing"),
        ("--partition", "orders", "--add", "note:string"),
        ("--add", "note"),
        ("--rename", "total"),
        ("--widen", ":long"),
        ("--drop", "nothing"),
        ("--schema", "7"),
    ],
)
def test_what_cannot_be_is_refused(line: CommandLine, options: tuple[str, ...]) -> None:
    assert line("alter", MART, *options, "--yes").code == 2


def test_without_a_terminal_nothing_changes_unasked(line: CommandLine) -> None:
    for change in (("alter", MART, "--drop", "total"), ("rename", MART, "marts.b"), ("drop", MART)):
        refused = line(*change)
        assert refused.code == 2 and "--yes" in refused.err
    assert line.bench.reshaper.gone == line.bench.reshaper.renamed == []


def test_a_rename_says_who_reads_the_table(line: CommandLine) -> None:
    looked = line("rename", MART, "marts.old", "--dry-run", "--json").json
    assert tuple(looked["plan"]) == RENAME_PLAN.names
    assert "its next run makes a new one" in " ".join(looked["plan"]["notes"])
    assert f"rename marts.old {MART}" in line("rename", MART, "marts.old", "--yes").out
    assert line.bench.reshaper.renamed == [(MART, "marts.old")]


def test_a_drop_says_what_is_lost(line: CommandLine) -> None:
    looked = line("drop", MART, "--purge", "--dry-run", "--json").json
    assert tuple(looked["plan"]) == DROP_PLAN.names
    assert (looked["plan"]["rows"], looked["plan"]["snapshots"], looked["plan"]["purge"]) == (3, 1, True)
    assert "3 rows" in line("drop", MART, "--dry-run").out
    assert line("drop", MART, "--purge", "--yes").out.strip().endswith("is gone")
    assert line.bench.reshaper.gone == [(MART, True)]


def test_main_goes_forward_to_a_branch(line: CommandLine) -> None:
    first = line.bench.heads[MART]
    newest = line.bench.write_from_outside(MART, [{"customer_id": 9, "orders": 1, "total": 1.0}])
    line.bench.put_head(MART, first)
    line.bench.tags[MART] = {"audit": newest}
    looked = line("promote", MART, "audit", "--dry-run", "--json").json
    assert tuple(looked["plan"]) == PROMOTE_PLAN.names
    assert (looked["plan"]["from_snapshot"], looked["plan"]["to_snapshot"]) == (first, newest)
    assert f"--to {first}" in line("promote", MART, "audit", "--yes").out
    assert line.bench.heads[MART] == newest
    assert line("promote", MART, "nobody", "--yes").code != 0
