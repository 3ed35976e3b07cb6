"""save-model: the file first, then a question, then the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.cli.saving_noun import MODEL_PLAN, READ, SAVED_MODEL
from tests.builders import dbt_project
from tests.command_line import CommandLine
from tests.fake_saving import FakeSaving

SQL = "select * from marts.customer_totals"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    built.bench.saving = FakeSaving({"marts.customer_totals": "ref('customer_totals')", "other.table": ""})
    return built


def test_the_whole_file_is_shown_before_it_is_written(line: CommandLine) -> None:
    looked = line("save-model", "big", SQL, "--dry-run")
    assert looked.code == 0 and line.bench.saving.saved == []
    shown = looked.out.splitlines()
    assert shown[0] == "new file /shop/models/big.sql"
    assert [each.strip("│ ") for each in shown[1:]] == ["-- depends_on: {{ ref('customer_totals') }}", "", SQL]
    found = line("save-model", "big", SQL, "--folder", "models/marts", "--dry-run", "--json").json
    assert tuple(found["plan"]) == MODEL_PLAN.names and found["done"] is None
    assert tuple(found["plan"]["reads"][0]) == READ.names and found["plan"]["path"] == "/shop/models/marts/big.sql"


def test_it_is_written_after_a_yes_and_says_how_to_make_it_and_how_to_take_it_back(line: CommandLine) -> None:
    done = line("save-model", "big", SQL, "--yes")
    assert done.code == 0 and [each.name for each in line.bench.saving.saved] == ["big"]
    assert "models/big.sql is there" in done.out
    assert "floe-bench run --select big" in done.err and "rm /shop/models/big.sql" in done.err
    found = line("save-model", "bigger", SQL, "--yes", "--json").json
    assert found["done"] == dict.fromkeys(SAVED_MODEL.names) | {
        "path": "/shop/models/bigger.sql", "asset": "shop/bigger"
    }  # fmt: skip


def test_what_dbt_does_not_know_is_said(line: CommandLine) -> None:
    assert "! dbt does not know other.table" in line("save-model", "big", "from other.table", "--dry-run").out


def test_without_a_terminal_or_where_it_cannot_be_nothing_is_written(line: CommandLine) -> None:
    unasked = line("save-model", "big", SQL)
    assert unasked.code == 2 and "--yes" in unasked.err
    assert line("save-model", "big", SQL, "--folder", "nowhere", "--yes").code == 2
    assert line("save-model", "big", "  ", "--yes").code == 2
    assert line.bench.saving.saved == []
    assert line("save-model", "big", SQL, "--yes").code == 0
    again = line("save-model", "big", SQL, "--yes")
    assert again.code == 2 and "already" in again.err and len(line.bench.saving.saved) == 1
