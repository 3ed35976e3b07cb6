"""Views of the catalog, from a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.cli.anatomy_noun import SCHEMA
from floe_bench.cli.noun import TABLE
from floe_bench.cli.view_report import VERSION, VIEW, WORDING
from tests.builders import dbt_project
from tests.command_line import CommandLine
from tests.fake_views import headless, in_substrait_too

SPENT = "marts.spend_by_customer"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(dbt_project(tmp_path))
    built = CommandLine()
    assert built("run").code == 0
    return built


def test_a_view_stands_among_the_tables_and_says_that_it_is_one(line: CommandLine) -> None:
    line.bench.views.add(SPENT)
    said = line("tables").out.splitlines()
    assert said[0].split() == ["table", "kind", "rows", "files", "bytes", "age", "snapshot"]
    assert [row.split()[0] for row in said[1:]] == sorted(row.split()[0] for row in said[1:])
    assert next(row for row in said if row.startswith(SPENT)).split() == [SPENT, "view"]


def test_where_there_are_no_views_nothing_speaks_of_kinds(line: CommandLine) -> None:
    assert "kind" not in line("tables").out
    assert {each["kind"] for each in line("tables", "--json").json} == {"table"}


def test_a_view_in_json_has_the_fields_of_a_table_and_no_numbers(line: CommandLine) -> None:
    line.bench.views.add(SPENT)
    (found,) = (each for each in line("tables", "--json").json if each["kind"] == "view")
    assert tuple(found) == TABLE.names
    assert (found.pop("table"), found.pop("kind"), found.pop("namespace")) == (SPENT, "view", "marts")
    assert set(found.values()) == {None}


def test_no_view_is_listed_as_of_the_past(line: CommandLine) -> None:
    line.bench.views.add(SPENT)
    assert SPENT not in line("tables", "--at", "main").out


def test_a_view_says_what_it_is(line: CommandLine) -> None:
    line.bench.views.add(SPENT)
    said = line("table", SPENT).out
    for part in ("view", "version 2", "sql for spark", "sql for trino", "       sum(amount) as total_spend",
                 "names in    marts", "s3://warehouse/marts/spend_by_customer", "comment = What each",
                 "spark 3.5.1", "1  2026-11-21"):  # fmt: skip
        assert part in said, part


def test_a_view_as_json_has_its_documented_fields(line: CommandLine) -> None:
    line.bench.views.add(SPENT)
    found = line("table", SPENT, "--json").json
    assert (tuple(found), found["kind"], tuple(found["schema"])) == (VIEW.names, "view", SCHEMA.names)
    assert [tuple(each) for each in found["versions"]] == [VERSION.names] * 2
    assert [(each["version_id"], each["current"]) for each in found["versions"]] == [(1, False), (2, True)]
    assert [tuple(each) for each in found["versions"][1]["wordings"]] == [WORDING.names] * 2


def test_what_of_a_view_is_no_sql_is_named_and_the_rest_is_told(line: CommandLine) -> None:
    line.bench.views.known[SPENT] = in_substrait_too(SPENT)
    outcome = line("table", SPENT)
    for part in ("not shown   substrait: only SQL is", "sql for spark", "sql for a dialect that is not named"):
        assert part in outcome.out, part
    assert outcome.code == 0
    assert line("table", SPENT, "--json").json["versions"][1]["untold"] == ["substrait"]


def test_a_view_that_lacks_its_current_version_says_so_and_what_it_has(line: CommandLine) -> None:
    line.bench.views.known[SPENT] = headless(SPENT)
    outcome = line("table", SPENT)
    for part in (
        "! version 7, the current one, is not in its metadata",
        "1  2026-11-21",
        "for spark",
        "comment = What",
    ):
        assert part in outcome.out, part
    assert outcome.code == 1
    found = line("table", SPENT, "--json")
    assert (found.code, found.json["schema"], len(found.json["faults"])) == (1, None, 1)
    refused = line("schema", SPENT)
    assert (refused.code, "version 7, the current one, is not in" in refused.err) == (1, True)
    assert len(line("schema", SPENT, "--history", "--json").json) == 2


def test_a_view_has_columns_and_their_history(line: CommandLine) -> None:
    line.bench.views.add(SPENT)
    assert [each["name"] for each in line("schema", SPENT, "--json").json["columns"]] == ["customer_id", "total_spend"]
    assert [each["schema_id"] for each in line("schema", SPENT, "--history", "--json").json] == [0, 1]
    assert "total_spend" in line("schema", SPENT, "--diff", "0", "1").out


@pytest.mark.parametrize(
    "words",
    [
        ("table", SPENT, "--at", "main"),
        ("table", SPENT, "--metadata-log"),
        ("schema", SPENT, "--at", "main"),
        ("files", SPENT),
        ("snapshots", SPENT),
        ("rows", SPENT),
        ("health", SPENT),
        ("profile", SPENT),
        ("expire", SPENT, "--dry-run"),
        ("rollback", SPENT, "--to", "main", "--dry-run"),
        ("diff", SPENT),
    ],
    ids=lambda words: " ".join(words).replace(f" {SPENT}", ""),
)
def test_what_a_view_has_not_is_refused_because_it_is_one(line: CommandLine, words: tuple[str, ...]) -> None:
    line.bench.views.add(SPENT)
    outcome = line(*words)
    assert (outcome.code, f"{SPENT} is a view: it has no rows, snapshots or files" in outcome.err) == (1, True)
