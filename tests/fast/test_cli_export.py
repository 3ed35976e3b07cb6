"""export: a table or a query into a file, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from floe_bench.cli.commands.export import EXPORTED
from tests.builders import dbt_project
from tests.command_line import CommandLine

MART = "marts.customer_totals"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    assert built("run").code == 0
    return built


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_table_is_written_as_it_is_and_as_it_was(line: CommandLine) -> None:
    line.bench.write_from_outside(MART, [{"customer_id": 9, "orders": 1, "total": 1.0}])
    done = line("export", MART, "--to", "now.csv", "--json").json
    assert tuple(done) == EXPORTED.names
    assert (done["rows"], done["format"], Path(done["path"])) == (1, "csv", Path("now.csv").absolute())
    assert [row["customer_id"] for row in rows(Path("now.csv"))] == [9]
    first = line("snapshots", MART, "--json").json[0]["snapshot_id"]
    assert line("export", MART, "--at", str(first), "--to", "then.parquet").code == 0
    assert len(rows(Path("then.parquet"))) == 3


def test_what_a_query_finds_is_written(line: CommandLine) -> None:
    assert "1 row" in line("export", f"select * from {MART} where total > 80", "--to", "top.md").out
    assert [row["total"] for row in rows(Path("top.md"))] == [90.0]


def test_what_a_query_found_in_the_past_is_written(line: CommandLine) -> None:
    first = line("snapshots", MART, "--json").json[0]["snapshot_id"]
    line.bench.write_from_outside(MART, [{"customer_id": 9, "orders": 1, "total": 1.0}])
    sql = f"select customer_id from {MART}"
    line("export", sql, "--to", "now.json")
    line("export", sql, "--at", str(first), "--to", "then.json")
    assert [len(rows(Path(name))) for name in ("now.json", "then.json")] == [1, 3]


def test_a_file_that_is_there_stays_unless_it_is_forced(line: CommandLine) -> None:
    Path("kept.csv").write_text("mine")
    refused = line("export", MART, "--to", "kept.csv")
    assert (refused.code, "--force" in refused.err, Path("kept.csv").read_text()) == (2, True, "mine")
    assert line("export", MART, "--to", "kept.csv", "--force").code == 0
    assert len(rows(Path("kept.csv"))) == 3


@pytest.mark.parametrize("path", ["rows.xlsx", "rows", "nowhere/rows.csv"])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_left(line: CommandLine, path: str) -> None:
    before = set(Path().rglob("*"))
    assert line("export", MART, "--to", path).code == 2
    assert set(Path().rglob("*")) == before


def test_what_fails_leaves_nothing_and_what_was_there_as_it_was(line: CommandLine) -> None:
    Path("kept.csv").write_text("mine")
    assert line("export", "select * from nowhere.nothing", "--to", "kept.csv", "--force").code == 1
    assert line("export", "marts.nothing", "--to", "new.csv").code == 1
    assert Path("kept.csv").read_text() == "mine"
    assert not [path for path in Path().iterdir() if path.name.endswith(".part") or path.name == "new.csv"]
