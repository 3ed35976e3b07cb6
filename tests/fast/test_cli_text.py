"""Text for people: aligned, short on a terminal, whole in a pipe, harmless everywhere."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

from floe_bench.cli.output import Column, Output, fit
from floe_bench.cli.terminal import Terminal
from floe_bench.cli.text import age, cut, duration, plain, shortener, size, width
from floe_bench.model.answer import QueryAnswer
from tests.builders import NOON, dbt_project
from tests.command_line import CommandLine

MART = "marts.customer_totals"
FULL_ID = re.compile(r"\d{19}")


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    built("up")
    built("run")
    built("run")
    return built


@pytest.mark.parametrize("command", [("assets",), ("tables",), ("snapshots", MART), ("diff", MART), ("runs", "7f3a0")])
def test_ids_are_short_on_a_terminal_and_whole_in_a_pipe(line: CommandLine, command: tuple[str, ...]) -> None:
    on_terminal, in_pipe = line(*command, tty=True), line(*command)
    assert "…" in on_terminal.out and not FULL_ID.search(on_terminal.out)
    assert "…" not in in_pipe.out and FULL_ID.search(in_pipe.out)


def test_colour_is_for_terminals_without_no_color(line: CommandLine) -> None:
    assert "\x1b[" in line("assets", tty=True).out
    assert "\x1b[" not in line("assets", tty=True, environ={"NO_COLOR": "1"}).out
    assert "\x1b[" not in line("assets").out


def test_columns_are_aligned(line: CommandLine) -> None:
    lines = line("tables").out.splitlines()
    start = lines[0].index("snapshot")
    assert all(FULL_ID.match(each[start:]) for each in lines[1:])
    assert lines[1].index(" 3 ") + 2 == lines[0].index("rows") + 4, "numbers end where their title ends"


def test_a_narrow_terminal_cuts_the_elastic_column_and_keeps_each_row_on_one_line(line: CommandLine) -> None:
    out = line("snapshots", MART, tty=True, width=80, environ={"NO_COLOR": "1"}).out
    assert max(map(len, out.splitlines())) <= 80
    heads = out.splitlines()[0]
    assert "committed" not in heads and "made by" in heads and "main" in out


def test_a_pipe_is_never_cut(line: CommandLine) -> None:
    assert "marts/customer_totals" in line("snapshots", MART, width=20).out


def test_an_unchanged_rewrite_says_so(line: CommandLine) -> None:
    assert "overwrite, unchanged" in line("snapshots", MART).out


def test_a_foreign_commit_is_not_by_us(line: CommandLine) -> None:
    line.bench.write_from_outside(MART, [{"customer_id": 1}])
    assert "not by us: spark.app.id local-1" in line("snapshots", MART).out


def test_a_stale_asset_says_why_and_what_to_type(line: CommandLine) -> None:
    line("run", "--select", "stg_orders")
    outcome = line("assets")
    assert re.search(r"! stale +marts/customer_totals .*staging/stg_orders has a newer snapshot", outcome.out)
    assert "1 stale; materialize: floe-bench run" in outcome.err


def test_a_diff_shows_changed_values_as_change(line: CommandLine) -> None:
    line.bench.write_from_outside(MART, [{"customer_id": 1, "orders": 2, "total": 91.0}])
    out = line("diff", MART, "--key", "customer_id").out
    assert "90.0 → 91.0" in out
    assert re.search(r"rows +\+0 +−2 +~1", out)


def test_quiet_leaves_stderr_empty_but_errors_stay(line: CommandLine) -> None:
    assert line("query", f"select * from {MART}", "--quiet").err == ""
    assert line("--quiet", "query", f"select * from {MART}").err == ""
    assert line("snapshots", "no.table", "-q").err.startswith("error:")


def test_the_boot_is_plain_lines_in_a_pipe_and_one_changing_line_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dbt_project(tmp_path / "new"))
    assert CommandLine()("assets").err.startswith("✓ Starting weed · 1.5 s · port 8333\n")
    err = CommandLine()("up", tty=True).err
    assert "\r\x1b[2K" in err and "Starting weed …" in err
    assert err.endswith("\r\x1b[2K"), "the line is taken away before the answer is printed"


def test_the_boot_of_an_engine_that_runs_already_is_not_told_again(line: CommandLine) -> None:
    assert line("tables").err == ""
    assert line("tables", tty=True).err == ""


def test_the_changing_line_is_taken_away_before_each_line_of_the_answer(line: CommandLine) -> None:
    out, seen = io.StringIO(), []
    terminal = Terminal(out, out, True, True, True, colour=False, unicode=True, width=80)
    output = Output(terminal, before_write=lambda: seen.append(out.getvalue()))
    output.line("one")
    output.table((Column("two"),), [("three",)])
    assert seen == ["", "one\n", "one\ntwo\n"]


def test_text_from_data_cannot_command_the_terminal(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = QueryAnswer(("a",), ("VARCHAR",), (("\x1b[31mred\x1b]0;owned\x07\n\u202eevil",), (None,)))
    monkeypatch.setattr(line.bench, "query", lambda sql, limit: answer)
    out = line("query", "select 1", tty=True, environ={"NO_COLOR": "1"}).out
    assert "\\x1b[31mred\\x1b]0;owned\\x07\\n\\u202eevil" in out
    assert "\x1b" not in out and len(out.splitlines()) == 3


def test_a_plan_is_printed_as_lines(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = "HASH_JOIN  ~544 rows\n  ICEBERG_SCAN  ~240 rows"
    answer = QueryAnswer(("explain_key", "explain_value"), ("VARCHAR", "VARCHAR"), (("physical_plan", plan),))
    monkeypatch.setattr(line.bench, "query", lambda sql, limit: answer)
    assert line("query", "explain select 1").out == plan + "\n"


def test_a_log_line_is_one_line(line: CommandLine) -> None:
    line.bench.log("bad\x1b[2J\nthing", source="stack", level="error")
    out = line("logs", "--source", "stack").out
    assert out.count("\n") == 1 and "bad\\x1b[2J\\nthing" in out


def test_empty_answers_say_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dbt_project(tmp_path / "new"))
    fresh = CommandLine()
    assert "floe-bench run" in fresh("tables").out
    assert "floe-bench run" in fresh("runs").out
    assert "3 never made" not in fresh("assets").out and "never made" in fresh("assets").err


def test_columns_shrink_before_spare_ones_go_and_no_further_than_needed() -> None:
    heads = (Column("a", elastic=True), Column("b", spare=True), Column("c"))
    assert fit(heads, (20, 5, 5), 40) == ([0, 1, 2], [20, 5, 5])
    assert fit(heads, (20, 5, 5), 30) == ([0, 1, 2], [16, 5, 5])
    assert fit(heads, (20, 5, 5), 20) == ([0, 2], [13, 5])
    assert fit(heads, (20, 5, 5), None) == ([0, 1, 2], [20, 5, 5])


# ── the pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ids_are_cut_to_the_shortest_start_that_tells_them_apart() -> None:
    short = shortener(["123456789", "123499999", None])
    assert [short(each) for each in ("123456789", "123499999", None)] == ["12345…", "12349…", ""]
    assert shortener(["1234"])("1234") == "1234"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0s"), (59, "59s"), (60, "1m"), (7_200, "2h"), (90_000, "1d"), (40_000_000, "1y")]
)
def test_ages_have_one_unit(seconds: int, shown: str) -> None:
    assert age(NOON, NOON + timedelta(seconds=seconds)) == shown


def test_a_time_in_the_future_is_now() -> None:
    assert age(NOON + timedelta(seconds=5), NOON) == "0s"


def test_wide_characters_take_two_cells() -> None:
    assert width("日本") == 4 and width("e\u0301") == 1
    assert cut("日本語", 5) == "日本…" and width(cut("日本語", 4)) <= 4


def test_sizes_and_durations() -> None:
    assert [size(each) for each in (0, 1023, 1536, 3 * 1024**3)] == ["0 B", "1023 B", "1.5 KiB", "3.0 GiB"]
    assert [duration(each) for each in (0.04, 59.94, 61.0)] == ["0.0 s", "59.9 s", "1 min 01 s"]


def test_printable_text_stays_as_it_is() -> None:
    assert plain("größe 日本 a b") == "größe 日本 a b"
