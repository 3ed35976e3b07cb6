"""With --json every verb prints exactly its documented fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.cli.group import COMMANDS
from tests.builders import dbt_project
from tests.command_line import CommandLine
from tests.fake_engine import FakeEngine
from tests.fakes import FakeBench

ASSET = ["asset", "kind", "group", "table", "status", "last_run_id", "snapshot_id", "rows", "materialized_at"]
TABLE = ["table", "kind", "namespace", "snapshot_id", "rows", "files", "bytes", "updated_at"]
SNAPSHOT = ["snapshot_id", "parent_id", "committed_at", "operation", "added_records", "deleted_records",
            "total_records", "run_id", "asset", "refs"]  # fmt: skip
SERVICE = ["name", "state", "pid", "ports", "since", "service", "detail", "image", "digest", "memory_bytes"]
MART = "marts.customer_totals"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


@pytest.fixture
def built(line: CommandLine) -> CommandLine:
    assert line("run").code == 0
    return line


def test_assets_before_and_after_a_run(line: CommandLine) -> None:
    before = line("assets", "--json").json
    line("run")
    after = line("assets", "--json").json
    assert [list(each) for each in (*before, *after)] == [ASSET] * 8
    assert {each["status"] for each in before} == {"never"}
    assert before[0]["snapshot_id"] is before[0]["last_run_id"] is before[0]["materialized_at"] is None
    assert {each["status"] for each in after} == {"fresh"}
    assert after[3]["rows"] == 3 and isinstance(after[3]["snapshot_id"], int)
    assert after[3]["materialized_at"].endswith("Z")


def test_tables(built: CommandLine) -> None:
    tables = built("tables", "--json").json
    assert [list(each) for each in tables] == [TABLE] * 4
    assert tables[0]["table"] == MART and tables[0]["namespace"] == "marts"


def test_snapshots_are_oldest_first_and_name_their_run_and_asset(built: CommandLine) -> None:
    built("run")
    old, new = built("snapshots", MART, "--json").json
    assert list(old)[: len(SNAPSHOT)] == list(new)[: len(SNAPSHOT)] == SNAPSHOT
    assert old["parent_id"] is None and new["parent_id"] == old["snapshot_id"]
    assert new["asset"] == "marts/customer_totals" and new["refs"] == ["main"]
    assert new["run_id"] == built("runs", "--json").json[0]["run_id"]


def test_a_snapshot_from_outside_has_no_run(built: CommandLine) -> None:
    built.bench.write_from_outside(MART, [{"customer_id": 9, "orders": 1, "total": 1.0}])
    foreign = built("snapshots", MART, "--json").json[-1]
    assert foreign["run_id"] is foreign["asset"] is None
    assert foreign["written_by"] == "spark.app.id local-1"


def test_diff_counts_rows_and_shows_samples(built: CommandLine) -> None:
    rows = [{"customer_id": 1, "orders": 2, "total": 91.0, "tier": "gold"}]
    built.bench.write_from_outside(MART, rows)
    diff = built("diff", MART, "--key", "customer_id", "--json").json
    assert list(diff) == ["from", "to", "from_stack", "schema", "rows", "samples", "files"]
    assert list(diff["rows"]) == ["added", "removed", "changed", "key", "columns", "partial", "not_unique"]
    assert [diff["rows"][name] for name in ("added", "removed", "changed")] == [0, 2, 1]
    assert list(diff["schema"]) == ["added", "removed", "changed", "moved"]
    assert [column["name"] for column in diff["schema"]["added"]] == ["tier"]
    assert [diff["files"][name] for name in ("added", "removed", "kept")] == [1, 1, 0]
    assert list(diff["files"])[3:] == ["added_bytes", "removed_bytes", "before_bytes", "after_bytes", "deletes"]
    changed = next(each for each in diff["samples"] if each["change"] == "changed")
    assert changed["row"]["total"] == 91.0 and changed["before"]["total"] == 90.0
    assert isinstance(diff["from"], int) and isinstance(diff["to"], int)


def test_diff_says_which_columns_changed_and_what_was_read(built: CommandLine) -> None:
    rows = [{"customer_id": 1, "orders": 2, "total": 91.0}]
    built.bench.write_from_outside("marts.customer_totals", rows)
    told = built("diff", "marts.customer_totals", "--key", "customer_id").out
    assert "both snapshots were read whole" in told


def test_a_time_means_what_was_on_the_main_line_then(built: CommandLine) -> None:
    first = built("snapshots", "marts.customer_totals", "--json").json[0]
    between = built.bench.clock.pass_(60).isoformat()
    built.bench.clock.pass_(60)
    built.bench.write_from_outside("marts.customer_totals", [])
    found = built("diff", "marts.customer_totals", "--at", between, "--json").json
    assert found["from"] == first["snapshot_id"]
    early = built("diff", "marts.customer_totals", "--at", "2020-01-01")
    assert early.code == 1 and "had no snapshot at 2020-01-01" in early.err
    assert built("diff", "marts.customer_totals", "1", "--at", "main").code == 2


def test_diff_between_two_chosen_snapshots_by_id_start_and_ref(built: CommandLine) -> None:
    built("run")
    old, new = (each["snapshot_id"] for each in built("snapshots", MART, "--json").json)
    by_start = built("diff", MART, f"{str(old)[:5]}…", "main", "--json").json
    assert (by_start["from"], by_start["to"]) == (old, new)
    backwards = built("diff", MART, str(new), str(old), "--json").json
    assert (backwards["from"], backwards["to"]) == (new, old)


def test_query_gives_columns_and_rows(built: CommandLine) -> None:
    answer = built("query", f"select customer_id, total from {MART} order by 1", "--json").json
    rows = [[1, 90.0], [2, 10.0], [3, 70.0]]
    assert answer == {"columns": ["customer_id", "total"], "rows": rows, "snapshots": {}}


def test_a_query_of_the_past_says_which_snapshots_it_read(built: CommandLine) -> None:
    first = built("snapshots", MART, "--json").json[-1]["snapshot_id"]
    built.bench.write_from_outside(MART, [{"customer_id": 9, "orders": 1, "total": 1.0}])
    sql = f"select count(*) as n from {MART}"
    then = built("query", sql, "--at", str(first), "--json")
    assert then.json["rows"] == [[3]] and then.json["snapshots"][MART] == first
    assert MART in then.err
    assert built("query", sql, "--json").json["rows"] == [[1]]


def test_a_query_of_a_time_before_every_table_says_what_was_not_there(built: CommandLine) -> None:
    early = built("query", f"select * from {MART}", "--at", "2001-01-01")
    assert early.code != 0 and "not written then" in early.err and MART in early.err
    assert built("query", "select 1", "--at", "no-such").code != 0


def test_query_says_on_stderr_that_the_limit_cut_it(built: CommandLine) -> None:
    outcome = built("query", f"select * from {MART}", "--limit", "1", "--json")
    assert len(outcome.json["rows"]) == 1
    assert "--limit" in outcome.err


def test_query_reads_standard_input(built: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("select 1 as one"))
    assert built("query", "-", "--json").json == {"columns": ["one"], "rows": [[1]], "snapshots": {}}


def test_query_writes_csv_with_null_as_an_empty_field(built: CommandLine) -> None:
    assert built("query", "select 1 as a, null as b, 'x,y' as c", "--csv").out == 'a,b,c\n1,,"x,y"\n'


def test_status_of_a_stack_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    status = CommandLine(FakeEngine(running=True))("status", "--json").json
    assert list(status) == ["stack", "state", "services", "catalog_uri", "kept", "waiting_since"]
    assert list(status["services"][0]) == SERVICE
    assert status["state"] == "ready" and status["services"][0]["ports"] == [8333, 8181]


def test_status_of_a_stopped_stack_is_no_failure_and_starts_nothing(line: CommandLine) -> None:
    outcome = line("status", "--json")
    assert outcome.code == 0
    assert outcome.json == {
        "stack": "embedded", "state": "stopped", "services": [], "catalog_uri": None, "kept": False,
        "waiting_since": None,
    }  # fmt: skip
    assert line.engine.starts == 0


def test_doctor(line: CommandLine) -> None:
    findings = line("doctor", "--json").json
    assert [list(each) for each in findings] == [["check", "state", "detail", "fix"]] * 3
    assert {each["state"] for each in findings} == {"ok"}


def test_runs_newest_first_and_one_run_with_its_nodes(built: CommandLine) -> None:
    built("run", "--select", "stg_orders")
    runs = built("runs", "--json").json
    assert [run["selection"] for run in runs] == ["stg_orders", ""]
    assert list(runs[0]) == ["run_id", "status", "launched_by", "selection", "exclude", "full_refresh", "queued_at",
                             "started_at", "ended_at", "duration_s", "error", "step_id", "repeats",
                             "rehearsal"]  # fmt: skip
    one = built("runs", runs[0]["run_id"][:7], "--json").json
    assert one["run_id"] == runs[0]["run_id"]
    assert [node["name"] for node in one["nodes"]] == ["stg_orders", "not_null_stg_orders"]
    assert list(one["nodes"][0]) == ["node_id", "name", "kind", "asset", "status", "started_at", "duration_s", "rows",
                                     "snapshot_id", "message", "attempt"]  # fmt: skip


def test_logs_are_one_object_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    bench = FakeBench()
    for text in ("one", "two", "three"):
        bench.log(text, source="stack")
    bench.log("four", source="engine")
    lines = CommandLine(FakeEngine(bench, running=True))(
        "logs", "--source", "stack", "--lines", "2", "--json"
    ).json_lines
    assert [each["text"] for each in lines] == ["two", "three"]
    assert list(lines[0]) == ["at", "level", "source", "text", "run_id", "node_id"]


def test_up_and_down(line: CommandLine) -> None:
    assert line("up", "--json").json["kept"] is True
    assert line("status", "--json").json["state"] == "ready"
    assert line("down", "--json").json == {"stopped": True}
    assert line("down", "--json").json == {"stopped": False}


def test_reset_says_what_was_deleted(built: CommandLine) -> None:
    assert built("reset", "--yes", "--json").json == {"deleted": ["4 tables", "1 runs"], "kept": []}
    assert built("tables", "--json").json == []


def test_connect_masks_secrets_until_asked(line: CommandLine) -> None:
    masked = line("connect", "pyiceberg", "--json").json
    assert masked["tool"] == "pyiceberg" and "*****" in masked["text"]
    assert line.bench.secret.reveal() not in masked["text"]
    assert line.bench.secret.reveal() in line("connect", "env", "--show-secrets").out


def test_json_survives_values_that_json_does_not_know(line: CommandLine) -> None:
    from floe_bench.cli.output import encoded

    assert encoded({"rows": [[float("nan"), float("inf")]]}) == '{"rows": [["nan", "inf"]]}'


def test_every_verb_with_json_has_shapes_that_its_help_shows(line: CommandLine) -> None:
    for name in COMMANDS:
        shown = line(name, "--help").out
        assert "Examples:" in shown and f"floe-bench {name}" in shown, name
        assert ("JSON:" in shown) == (name not in ("completion", "step", "rehearse", "stack")), name
