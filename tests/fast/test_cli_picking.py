"""cherry-pick: the plan first, then a question, then the change."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.cli.picking_noun import PICK_PLAN, PICKED
from tests.builders import dbt_project
from tests.command_line import CommandLine

MART = "marts.customer_totals"


def row(number: int) -> dict[str, object]:
    return {"customer_id": number, "orders": 1, "total": 1.0}


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """``audit`` has one row more than main had then; main has another one since."""
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    assert built("run").code == 0
    bench = built.bench
    first, rows = bench.heads[MART], bench.rows_at(MART, None)
    audit = bench.write_from_outside(MART, [*rows, row(8)])
    bench.put_head(MART, first)
    bench.write_from_outside(MART, [*rows, row(9)])
    bench.tags[MART] = {"audit": audit}
    return built


def ids(line: CommandLine) -> list[object]:
    return [each["customer_id"] for each in line.bench.rows_at(MART, None)]


def test_what_a_branch_appended_is_added_after_a_look(line: CommandLine) -> None:
    head, before = line.bench.heads[MART], ids(line)
    looked = line("cherry-pick", MART, "audit", "--dry-run", "--json").json
    assert tuple(looked["plan"]) == PICK_PLAN.names and looked["done"] is None
    assert (looked["plan"]["before"], looked["plan"]["rows"], looked["plan"]["forward"]) == (head, 1, False)
    assert "append of 1 row in 1 file" in line("cherry-pick", MART, "audit", "--dry-run").out
    assert ids(line) == before
    done = line("cherry-pick", MART, "audit", "--yes", "--json").json["done"]
    assert tuple(done) == PICKED.names and done["to_snapshot"] == line.bench.heads[MART]
    assert ids(line) == [*before, 8]


def test_it_says_how_to_take_it_back(line: CommandLine) -> None:
    head = line.bench.heads[MART]
    done = line("cherry-pick", MART, "audit", "--yes")
    assert "1 row more" in done.out and f"rollback {MART} --to {head}" in done.err


def test_without_a_terminal_or_where_it_cannot_be_nothing_changes(line: CommandLine) -> None:
    before = ids(line)
    assert "--yes" in line("cherry-pick", MART, "audit").err
    known = line("cherry-pick", MART, "main", "--yes")
    assert known.code == 2 and "already" in known.err
    assert line("cherry-pick", MART, "nobody", "--yes").code == 1
    assert line("cherry-pick", MART, "audit", "--onto", "nobody", "--yes").code == 1
    assert ids(line) == before
