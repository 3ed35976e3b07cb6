"""Whatever a table is like: every read shows what can be shown, and says in one sentence what cannot."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.model.anatomy import Content
from floe_bench.model.finding import FindingState
from floe_bench.model.snapshot import said_of, schema_change
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from tests.contracts import odd_tables as odd
from tests.contracts.lakehouse import open_lake
from tests.contracts.looking import Bench, listed, told
from tests.contracts.spoiling import Spoil, paging, spoiling


@dataclass(frozen=True)
class Made:
    bench: Bench
    hands: odd.Hands
    namespace: str

    def table(self, make: odd.Make, name: str = "orders") -> TableName:
        found = TableName((self.namespace,), name)
        make(self.hands, found)
        return found


@pytest.fixture(scope="module")
def bench(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(endpoints, tmp_path_factory.mktemp("compute"))
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def hands(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[odd.Hands]:
    with open_lake(endpoints, tmp_path_factory.mktemp("lake")) as duck:
        yield odd.Hands(open_catalog(endpoints), duck)


@pytest.fixture
def made(bench: Bench, hands: odd.Hands) -> Iterator[Made]:
    namespace = f"odd{secrets.token_hex(4)}"
    hands.catalog.create_namespace(namespace)
    yield Made(bench, hands, namespace)
    for table in hands.catalog.list_tables(namespace):
        hands.catalog.drop_table(table)


@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (odd.first_format, 5),
        (odd.plain, 3),
        (odd.third_format, 4),
        (odd.third_format_types, 2),
        (odd.every_type, 3),
        (odd.far_times, 2),
        (odd.evolved_schema, 2),
        (odd.evolved_partitions, 8),
        (odd.position_deletes, 2),
        (odd.equality_deletes, 2),
        (odd.never_written, 0),
        (odd.emptied, 0),
        (odd.single_null, 1),
        (odd.huge_ids, 3),
        (odd.odd_names, 1),
        (odd.dotted_column, 1),
    ],
    ids=lambda made: getattr(made, "__name__", str(made)),
)
def test_a_table_of_any_kind_is_shown_whole(made: Made, make: odd.Make, rows: int) -> None:
    name = made.table(make)
    about = made.bench.about(name)
    assert (about["table"].rows, about["table"].faults, about["files"].faults) == (rows, (), ())
    assert about["schemas"] and FindingState.FAIL not in {each.state for each in about["health"]}
    assert len(about["snapshots"]) == about["table"].snapshots
    assert made.bench.rows(name) == {"preview": rows, "profile": rows, "query": rows}
    assert listed(made.bench, name).snapshot_id == about["table"].snapshot_id


@pytest.mark.parametrize("name", ["select", "1st", "a-b", "x" * 200])
def test_a_table_of_any_name_that_the_catalog_takes_is_shown(made: Made, name: str) -> None:
    found = made.table(odd.plain, name)
    assert made.bench.about(found)["table"].rows == 3
    assert made.bench.rows(found) == {"preview": 3, "profile": 3, "query": 3}


def test_ids_keep_every_digit(made: Made) -> None:
    found = made.bench.about(made.table(odd.huge_ids))
    assert found["table"].snapshot_id == odd.MOST_SNAPSHOT
    assert odd.MOST_FIELD in {column.field_id for column in found["table"].schema.columns}


def test_the_schemas_of_an_evolved_table_differ_by_what_was_done(made: Made) -> None:
    first, second, third = made.bench.about(made.table(odd.evolved_schema))["schemas"]
    change = schema_change(first.columns, third.columns)
    assert {column.name for column in change.added} == {"note", "where.country"}
    assert {column.name for column in change.removed} == {"note", "where.zip"}
    assert {new.name: said_of(old, new) for old, new in change.changed} == {
        "id": ("int → long", "made optional", "described"),
        "total": ("renamed from amount", "float → double"),
        "price": ("decimal(9, 2) → decimal(18, 2)",),
        "where.town": ("renamed from where.city",),
    }
    assert [column.name for column in change.moved] == ["price"]
    assert schema_change(first.columns, second.columns).moved == ()


def test_the_metadata_log_leads_to_the_current_file(made: Made) -> None:
    found = made.bench.about(made.table(odd.plain))["table"]
    assert [each.path.rpartition("/")[2] for each in found.metadata_log] == [f"v{n}.metadata.json" for n in (1, 2, 3)]
    assert found.metadata_log[-1].path == found.metadata_location
    assert [each.since for each in found.metadata_log] == sorted(each.since for each in found.metadata_log)


def test_row_level_deletes_are_told_by_their_kind(made: Made) -> None:
    for make, content in (
        (odd.position_deletes, Content.POSITION_DELETES),
        (odd.equality_deletes, Content.EQUALITY_DELETES),
    ):
        page = made.bench.about(made.table(make, make.__name__))["files"]
        assert {file.content for file in page.files} == {Content.DATA, content}


def test_partitions_of_every_layout_keep_their_words(made: Made) -> None:
    page = made.bench.about(made.table(odd.evolved_partitions))["files"]
    told = {each.partition for each in page.partitions}
    assert {"", "at_year=2026/region_3=a/b/old=x", "at_year=null/region_3=null/old=null"} <= told
    assert any(each.startswith("at_hour=2026-01-31-10/n_bucket=") for each in told)


def test_columns_that_differ_in_case_only_are_shown_and_their_rows_said_to_be_unreadable(made: Made) -> None:
    name = made.table(odd.same_but_for_case)
    assert [column.name for column in made.bench.about(name)["table"].schema.columns] == ["n", "N"]
    assert all("differ in case only" in said for said in made.bench.rows(name).values())


def test_a_table_without_columns_is_shown_as_one(made: Made) -> None:
    name = made.table(odd.without_columns)
    assert made.bench.about(name)["table"].schema.columns == ()
    said = made.bench.rows(name)
    assert (said["preview"], said["profile"]) == (0, 0) and "no column" in said["query"]


@pytest.mark.parametrize(
    ("make", "kind"), [(odd.variant, "'variant'"), (odd.geometry, "geometry")], ids=["variant", "geometry"]
)
def test_a_type_that_pyiceberg_does_not_know_is_named(made: Made, make: odd.Make, kind: str) -> None:
    name = made.table(make)
    assert all(kind in said for said in made.bench.about(name).values())
    assert made.bench.rows(name)["query"] == (1 if make is odd.variant else 0)
    assert listed(made.bench, name).rows is None


# ── damaged ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (odd.without("data file"), "not in the object store: http"),
        (odd.with_other_bytes("data file", lambda raw: b"tea" * 50), "not as long as"),
        (odd.with_other_bytes("data file", lambda raw: raw[: len(raw) // 2]), "not as long as"),
        (odd.with_other_bytes("data file", lambda raw: b"t" * len(raw)), "no Parquet file: s3://"),
    ],
    ids=["gone", "other bytes", "cut short", "as long"],
)
def test_a_data_file_that_cannot_be_read_is_named_and_the_metadata_is_shown(
    made: Made, make: odd.Make, said: str
) -> None:
    name = made.table(make)
    about = made.bench.about(name)
    assert (about["table"].rows, about["table"].faults) == (3, ())
    assert all(said in answer for answer in made.bench.rows(name).values())


def test_data_files_of_a_format_that_duckdb_does_not_read_are_said_to_be(made: Made) -> None:
    name = made.table(odd.orc_file)
    about = made.bench.about(name)
    assert about["table"].rows == 4 and "orc" in {file.format for file in about["files"].files}
    assert all("of format ORC" in answer for answer in made.bench.rows(name).values())


@pytest.mark.parametrize("what", ["manifest", "manifest list"])
def test_a_file_of_metadata_that_is_gone_is_named_and_the_rest_is_shown(made: Made, what: str) -> None:
    name = made.table(odd.without(what))
    about = made.bench.about(name)
    assert [column.name for column in about["table"].schema.columns] == ["n"]
    assert len(about["snapshots"]) == 2 and about["table"].rows is None
    for faults in (about["table"].faults, about["files"].faults):
        assert len(faults) == 1 and what in faults[0] and faults[0].endswith("it is not there")
    readable, missing = about["health"]
    assert readable.state is FindingState.FAIL and readable.detail == about["table"].faults[0]
    assert missing.state is FindingState.FAIL and "gone or unreadable, which led to" in missing.detail


@pytest.mark.parametrize("what", ["manifest", "manifest list"])
def test_the_rows_of_a_table_whose_metadata_is_gone_are_said_to_be_unreadable(made: Made, what: str) -> None:
    said = made.bench.rows(made.table(odd.without(what)))
    assert all("not in the object store: http" in answer for answer in said.values())
    assert made.bench.rows(made.table(odd.plain, "whole")) == {"preview": 3, "profile": 3, "query": 3}


@pytest.mark.parametrize("what", ["manifest", "manifest list"])
@pytest.mark.parametrize(
    "change", [lambda raw: b"tea" * 50, lambda raw: raw[: len(raw) // 2]], ids=["tea", "cut short"]
)
def test_a_file_of_metadata_that_is_damaged_is_named_and_no_process_is_lost(
    made: Made, what: str, change: Spoil
) -> None:
    name = made.table(odd.with_other_bytes(what, change))
    about = made.bench.about(name)
    assert len(about["table"].faults) == 1 and what in about["table"].faults[0] and about["table"].rows is None
    assert about["health"][0].state is FindingState.FAIL
    assert all(isinstance(answer, str) for answer in made.bench.rows(name).values())
    assert made.bench.rows(made.table(odd.plain, "whole")) == {"preview": 3, "profile": 3, "query": 3}


def spoiled(change: Callable[[dict[str, Any]], object]) -> Spoil:
    def spoil(raw: bytes) -> bytes:
        said = json.loads(raw)
        if "metadata" in said:
            change(said["metadata"])
        return json.dumps(said).encode()

    return spoil


def _another_column(field_id: int, name: str, kind: str) -> Callable[[dict[str, Any]], object]:
    column = {"id": field_id, "name": name, "required": False, "type": kind}
    return lambda metadata: metadata["schemas"][0]["fields"].append(column)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoiled(_another_column(2, "far", "hologram")), "'hologram'"),
        (spoiled(_another_column(1, "n", "long")), "n"),
        (spoiled(lambda metadata: metadata.update({"format-version": 9})), "format"),
        (spoiled(lambda metadata: metadata.update({"current-schema-id": 77})), "77"),
        (lambda raw: raw[: len(raw) // 2], "JSON"),
        (lambda raw: b"{}", "required"),
        (lambda raw: b"<html>tea</html>", "JSON"),
    ],
    ids=["unknown type", "column twice", "format 9", "no current schema", "cut short", "empty", "no JSON"],
)
def test_metadata_that_cannot_be_read_is_said_for_that_table_and_the_others_are_shown(
    made: Made, endpoints: Endpoints, tmp_path: Path, spoil: Spoil, said: str
) -> None:
    broken, whole = made.table(odd.plain, "broken"), made.table(odd.plain, "whole")
    with spoiling(endpoints, {"broken": spoil}) as spoilt:
        bench = Bench(spoilt, tmp_path)
        try:
            assert all(said in answer and str(broken) in answer for answer in bench.about(broken).values())
            assert bench.about(whole)["table"].rows == 3
            assert (listed(bench, broken).rows, listed(bench, whole).rows) == (None, 3)
        finally:
            bench.close()


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_catalog_that_answers_in_pages_is_listed_whole(
    made: Made, endpoints: Endpoints, tmp_path: Path, size: int
) -> None:
    names = {made.table(odd.never_written, f"t{number}") for number in range(5)}
    inner = (made.namespace, "inner")
    made.hands.catalog.create_namespace(inner)
    deep = TableName(inner, "deep")
    odd.never_written(made.hands, deep)
    with paging(endpoints, size) as paged:
        bench = Bench(paged, tmp_path)
        try:
            found = set(bench.reader.names())
            assert names | {deep} <= found == set(made.bench.reader.names())
        finally:
            bench.close()
            made.hands.catalog.drop_table(deep.parts)
            made.hands.catalog.drop_namespace(inner)


def test_a_current_snapshot_that_is_not_listed_is_said_and_no_file_is_an_orphan_for_it(
    made: Made, endpoints: Endpoints, tmp_path: Path
) -> None:
    name = made.table(odd.plain)
    with spoiling(endpoints, {"orders": spoiled(lambda metadata: metadata.update({"snapshots": []}))}) as spoilt:
        bench = Bench(spoilt, tmp_path)
        try:
            about = bench.about(name)
            assert "is not among those" in about["table"].faults[0] and about["table"].rows is None
            assert listed(bench, name).rows is None
            assert about["health"][0].state is FindingState.FAIL
            assert "is not among those" in told(lambda: bench.maintenance.plan_orphans(str(name)))
        finally:
            bench.close()
