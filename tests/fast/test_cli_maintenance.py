"""tag, branch, rollback, compact, expire and orphans: plan, question, change."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from floe_bench.cli.maintenance_noun import (
    COMPACT_PLAN,
    COMPACTED,
    EXPIRE_PLAN,
    EXPIRED,
    HEALTH,
    MANIFEST_PLAN,
    MANIFESTS_REWRITTEN,
    ORPHAN_PLAN,
    REF_PLAN,
)
from floe_bench.model.maintenance import Orphan
from tests.builders import dbt_project
from tests.command_line import CommandLine

MART = "marts.customer_totals"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    assert built("run").code == 0
    for total in (91.0, 92.0):
        built.bench.write_from_outside(MART, [{"customer_id": 1, "orders": 2, "total": total}])
    return built


def ids(line: CommandLine) -> list[int]:
    return [each["snapshot_id"] for each in line("snapshots", MART, "--json").json]


CHANGES = [("tag", MART, "keep"), ("compact", MART), ("expire", MART, "--older-than", "2020-01-01"), ("orphans", MART)]


@pytest.mark.parametrize("words", CHANGES, ids=lambda words: words[0])
def test_a_dry_run_changes_nothing_and_without_a_terminal_nothing_is_done_unasked(
    line: CommandLine, words: tuple[str, ...]
) -> None:
    line.bench.maintainer.small[MART] = 3
    before = ids(line)
    planned = line(*words, "--dry-run", "--json").json
    assert planned["plan"]["table"] == MART and planned["done"] is None
    assert line(*words).code in (0, 2)
    assert (ids(line), line.bench.tags.get(MART, {})) == (before, {})


def test_what_cannot_ask_says_so(line: CommandLine) -> None:
    outcome = line("tag", MART, "keep")
    assert (outcome.code, "--yes" in outcome.err) == (2, True)


def test_a_tag_is_set_moved_and_removed(line: CommandLine) -> None:
    first, _, third = ids(line)
    made = line("tag", MART, "keep", "--at", str(first), "--yes", "--json").json
    assert tuple(made["plan"]) == tuple(made["done"]) == REF_PLAN.names
    assert (made["plan"]["before"], made["plan"]["after"]) == (None, first)
    assert line("snapshots", MART, "--json").json[0]["refs"] == ["keep"]
    moved = line("tag", MART, "keep", "--yes", "--json").json["plan"]
    assert (moved["before"], moved["after"]) == (first, third)
    removed = line("tag", MART, "keep", "--remove", "--yes")
    assert removed.out.splitlines()[-1] == "tag keep removed"
    assert f"back again: floe-bench tag --at {third} {MART} keep" in removed.err
    assert line("tag", MART, "keep", "--remove", "--yes").code == 1


def test_expire_says_what_goes_and_what_holds_the_rest(line: CommandLine) -> None:
    first, second, third = ids(line)
    line("tag", MART, "keep", "--at", str(first), "--yes")
    far = (line.bench.clock() + timedelta(days=1)).isoformat()
    plan = line("expire", MART, "--older-than", far, "--dry-run", "--json").json["plan"]
    assert tuple(plan) == EXPIRE_PLAN.names
    assert plan["going"] == [second]
    assert plan["held"] == {str(first): "keep points to it", str(third): "main points to it"}
    done = line("expire", MART, "--older-than", far, "--yes", "--json").json["done"]
    assert tuple(done) == EXPIRED.names and done["snapshots"] == 1
    assert ids(line) == [first, third]


def test_nothing_old_enough_is_no_failure(line: CommandLine) -> None:
    outcome = line("expire", MART, "--yes")
    assert (outcome.code, "nothing was changed" in outcome.err) == (0, True)
    assert line("expire", MART, "--older-than", "soon").code == 2


def test_what_a_redo_would_bring_back_does_not_expire(line: CommandLine) -> None:
    *_, newest = ids(line)
    first = ids(line)[0]
    assert line("rollback", MART, "--to", str(first), "--yes", "--with-others").code == 0
    far = (line.bench.clock() + timedelta(days=1)).isoformat()
    plan = line("expire", MART, "--older-than", far, "--dry-run", "--json").json["plan"]
    assert newest not in plan["going"] and "redo" in plan["held"][str(newest)]


def test_a_rollback_is_planned_in_rows_and_comes_forward_again(line: CommandLine) -> None:
    first, _, third = ids(line)
    plan = line("rollback", MART, "--to", str(first), "--dry-run", "--json").json
    (table,) = plan["plan"]
    assert (table["from"], table["to"], table["rows_after"], table["rows_lost"]) == (third, first, 3, 1)
    refused = line("rollback", MART, "--to", str(first), "--yes")
    assert (refused.code, "--with-others" in refused.err) == (2, True)
    assert line("rollback", MART, "--to", str(first), "--yes", "--with-others").code == 0
    assert line("table", MART, "--json").json["snapshot_id"] == first
    assert line("redo", "--yes").code == 0
    assert line("table", MART, "--json").json["snapshot_id"] == third


def test_a_rollback_to_where_it_is_or_never_was_is_refused(line: CommandLine) -> None:
    assert "is the current one" in line("rollback", MART, "--to", "main", "--yes").err
    assert line("rollback", MART, "--to", "123", "--yes").code == 1


def test_compact_keeps_the_rows_and_says_how_to_take_it_back(line: CommandLine) -> None:
    line.bench.maintainer.small[MART] = 3
    rows = line("rows", MART, "--json").json["rows"]
    told = line("compact", MART, "--dry-run").out
    assert "3 of 3 data files" in told and "about 1" in told
    outcome = line("compact", MART, "--yes")
    assert "the same 1 row" in outcome.out and "floe-bench rollback" in outcome.err
    assert line("rows", MART, "--json").json["rows"] == rows
    again = line("compact", MART, "--yes", "--json").json
    assert (tuple(again["plan"]), again["done"]) == (COMPACT_PLAN.names, None)
    assert len(COMPACTED.names) == 9


def test_manifest_files_are_rewritten_after_a_look_and_it_says_how_to_take_it_back(line: CommandLine) -> None:
    line.bench.maintainer.manifests[MART] = 40
    head = line.bench.heads[MART]
    looked = line("rewrite-manifests", MART, "--dry-run", "--json").json
    assert tuple(looked["plan"]) == MANIFEST_PLAN.names and looked["done"] is None
    assert "40 manifest files → 1" in line("rewrite-manifests", MART, "--dry-run").out
    assert line("rewrite-manifests", MART).code == 2 and line.bench.heads[MART] == head
    done = line("rewrite-manifests", MART, "--yes")
    assert "40 manifest files → 1, the same" in done.out and f"rollback {MART} --to {head}" in done.err
    again = line("rewrite-manifests", MART, "--yes", "--json").json
    assert again["plan"]["rewritten"] == 0 and again["done"] is None
    line.bench.maintainer.manifests[MART] = 3
    told = line("rewrite-manifests", MART, "--target", "1", "--yes", "--json").json
    assert tuple(told["done"]) == MANIFESTS_REWRITTEN.names and told["plan"]["target_bytes"] == 2**20


def test_orphans_are_listed_and_deleted_when_they_are_old(line: CommandLine) -> None:
    now = line.bench.clock()
    line.bench.maintainer.strays[MART] = (
        Orphan("s3://w/old.parquet", 2048, now - timedelta(days=9)),
        Orphan("s3://w/new.parquet", 10, now),
    )
    plan = line("orphans", MART, "--dry-run", "--json").json["plan"]
    assert tuple(plan) == ORPHAN_PLAN.names
    assert ([each["path"] for each in plan["orphans"]], plan["young"]) == (["s3://w/old.parquet"], 1)
    assert "1 file with 2.0 KiB deleted" in line("orphans", MART, "--yes").out
    assert line("orphans", MART, "--dry-run", "--json").json["plan"]["orphans"] == []


def test_health_names_what_mends_it_and_the_measured_effect(line: CommandLine) -> None:
    line.bench.maintainer.small[MART] = 9
    found = line("health", MART, "--json").json
    assert (tuple(found), found["state"]) == (HEALTH.names, "warn")
    ill = [each for each in found["symptoms"] if each["state"] != "ok"]
    assert [(each["check"], each["fix"]) for each in ill] == [("small files", f"floe-bench compact {MART}")]
    assert ill[0]["effect"] == "9 files → about 1, same rows"
    assert f"floe-bench compact {MART}" in line("health", MART).out


def test_files_that_are_gone_are_bad_health_and_the_rollback_to_what_is_whole_is_named(line: CommandLine) -> None:
    first, second, third = ids(line)
    line.bench.maintainer.lost[MART] = {third}
    outcome = line("health", MART)
    assert (outcome.code, "1 of 1 file gone from the store, 1 data file with 1 row" in outcome.out) == (1, True)
    assert f"floe-bench rollback {MART} --to {second}" in outcome.out
    line.bench.maintainer.lost[MART] = {first, second, third}
    said = line("health", MART).out
    assert "none of its 3 snapshots is whole" in said
    assert "floe-bench run --select customer_totals --full-refresh" in said
    line.bench.maintainer.lost[MART] = {first}
    assert line("health", MART).code == 0


def test_health_of_an_older_snapshot_says_what_is_gone_of_it_and_names_no_command(line: CommandLine) -> None:
    first, second, _third = ids(line)
    line.bench.maintainer.lost[MART] = {second}
    assert line("health", MART).code == line("health", MART, "--at", str(first)).code == 0
    outcome = line("health", MART, "--at", str(second))
    assert (outcome.code, "1 of 1 file gone from the store" in outcome.out) == (1, True)
    assert f"the newest before it that is whole is {first}" in outcome.out and "rollback" not in outcome.out


def test_health_of_all_tables_is_one_line_each_and_what_cannot_be_read_is_the_exit_code(line: CommandLine) -> None:
    assert {each["state"] for each in line("health", "--json").json_lines} == {"ok"}
    line.bench.anatomy.faults = ("manifest file m0.avro cannot be read: gone",)
    outcome = line("health")
    assert (outcome.code, outcome.out.count("m0.avro")) == (1, 4)


def test_properties_are_set_and_unset_in_one_change_that_is_shown_first(line: CommandLine) -> None:
    words = ("properties", MART, "--set", "owner=data=team", "--unset", "write.format.default")
    plan = line(*words, "--dry-run", "--json").json["plan"]
    assert plan == {"table": MART, "before": {"write.format.default": "parquet"}, "after": {"owner": "data=team"}}
    done = line(*words, "--yes")
    assert "not set" in done.out
    back = f"back again: floe-bench properties {MART} --set write.format.default=parquet --unset owner"
    assert back in done.err
    assert line("table", MART, "--json").json["properties"] == {"owner": "data=team"}
    assert "nothing was changed" in line("properties", MART, "--set", "owner=data=team", "--yes").err


@pytest.mark.parametrize("words", [(), ("--set", "x"), ("--set", "uuid=1"), ("--set", "a=1", "--unset", "a")])
def test_properties_that_cannot_be_set_are_refused(line: CommandLine, words: tuple[str, ...]) -> None:
    assert line("properties", MART, *words, "--yes").code == 2
