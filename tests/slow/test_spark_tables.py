"""What Spark 3.5 wrote is shown as Spark sees it; what cannot be read is said in one sentence.

Where FLOE_BENCH_TEST_SPARK_35 names a Python that has PySpark 3.5 and, among its jars, Iceberg's for Spark and for AWS;
`.ci/slow` makes one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.core.picking import LocalPicking
from floe_bench.errors import TableError
from floe_bench.model.anatomy import Content, Ref
from floe_bench.model.finding import FindingState
from floe_bench.model.snapshot import said_of, schema_change
from floe_bench.model.table import TableName
from tests.contracts.looking import listed
from tests.contracts.odd_tables import in_duck
from tests.slow.on_spark import SPARK, Corpus
from tests.slow.spark_tables import CORPUS

pytestmark = [
    pytest.mark.skipif(not SPARK, reason="Spark: FLOE_BENCH_TEST_SPARK_35 names no Python with PySpark 3.5"),
    pytest.mark.timeout(600),
]
UNREAD = {"orc_files": "ORC", "mixed_files": "AVRO", "avro_deletes": "AVRO"}
"""Tables with files that DuckDB does not read, and of which format."""
CONTENTS = (Content.DATA, Content.POSITION_DELETES, Content.EQUALITY_DELETES)
DAY = timedelta(days=1)
CHANGED = {(2, "s2", "a"), (3, "s3", "b"), (4, "changed", "a"), (5, "merged", "b"), (6, "s6", "a"), (9, "new", "b")}


def queried(corpus: Corpus, name: TableName, columns: str = "*") -> tuple[tuple[Any, ...], ...]:
    sql = f"select {columns} from {in_duck(name)} order by all"
    return corpus.bench.duck.query(sql, limit=100, cancelled=lambda: False).rows


@pytest.mark.parametrize("table", [each for each in CORPUS if each not in UNREAD])
def test_every_read_finds_the_rows_that_spark_finds(corpus: Corpus, table: str) -> None:
    name, rows = corpus.name(table), corpus.told[table]["rows"]
    assert corpus.bench.rows(name) == dict.fromkeys(("preview", "profile", "query"), len(rows))
    about = corpus.bench.about(name)["table"]
    assert about.rows == len(rows)
    # A list is told from metadata, which cannot say how many rows deletes leave.
    assert listed(corpus.bench, name).rows == (None if about.totals.delete_files else len(rows))
    if {column.type for column in about.schema.top} <= {"long", "string"}:
        names = [column.name for column in about.schema.top]
        assert Counter(queried(corpus, name)) == Counter(tuple(row.get(each) for each in names) for row in rows)


@pytest.mark.parametrize("table", CORPUS)
def test_the_metadata_is_whole_and_names_the_files_that_spark_names(corpus: Corpus, table: str) -> None:
    about, files = corpus.bench.about(corpus.name(table)), corpus.told[table]["files"]
    shown = about["files"].files
    assert Counter((each.path, each.content, each.format, each.records, each.bytes) for each in shown) == Counter(
        (each["path"], CONTENTS[each["content"]], each["format"].lower(), each["records"], each["bytes"])
        for each in files
    )
    assert about["files"].faults == () and (about["table"].faults == () or table == "avro_deletes")
    assert FindingState.FAIL not in {each.state for each in about["health"]}
    assert len(about["snapshots"]) == about["table"].snapshots
    totals = about["table"].totals
    assert totals.bytes + totals.delete_bytes == sum({each["path"]: each["bytes"] for each in files}.values())


@pytest.mark.parametrize("table", UNREAD)
def test_files_that_duckdb_does_not_read_are_said_to_be(corpus: Corpus, table: str) -> None:
    name, said = corpus.name(table), f"files of the table are of format {UNREAD[table]}"
    assert all(said in answer for answer in corpus.bench.rows(name).values())
    about = corpus.bench.about(name)["table"]
    if about.totals.delete_files:
        assert about.rows is None and said in about.faults[0]
    else:
        assert about.rows == len(corpus.told[table]["rows"])


@pytest.mark.parametrize("table", CORPUS)
def test_nothing_that_spark_keeps_is_an_orphan(corpus: Corpus, table: str) -> None:
    """Statistics among it."""
    plan = corpus.bench.maintenance.plan_orphans(str(corpus.name(table)), older_than=datetime.now(UTC) + DAY)
    assert (plan.orphans, plan.young) == ((), 0)


def test_spark_is_named_as_the_writer(corpus: Corpus) -> None:
    for table in ("copy_on_write", "merge_on_read", "looked_after", "branched"):
        assert {each.written_by[:9] for each in snapshots(corpus, table)} == {"spark 3.5"}


def snapshots(corpus: Corpus, table: str) -> Sequence[Any]:
    found: Sequence[Any] = corpus.bench.about(corpus.name(table))["snapshots"]
    return found


def test_the_least_and_the_most_of_every_type_keep_every_digit(corpus: Corpus) -> None:
    least, most, none = queried(corpus, corpus.name("every_type"))
    assert least == (
        False, -128, -32768, -(2**31), -(2**63), "-inf", -0.0, "-9999999999999999999999999999.9999999999",
        "0001-01-01", "0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00", "", "", "", "",
        {"city": None, "at": None}, [], {}, [], {"key": [], "value": []},
    )  # fmt: skip
    assert most == (
        True, 127, 32767, 2**31 - 1, 2**63 - 1, "inf", "nan", "9999999999999999999999999999.9999999999",
        "9999-12-31", "9999-12-31T23:59:59.999999+00:00", "9999-12-31T23:59:59.999999", "é" * 5000, "0123456789",
        "ab", "0001ff", {"city": "Ulm", "at": {"x": 1.5}}, [[1, None], None, []], {"home": {"street": "ß"}},
        [{"a": 1, "b": ["x", None]}, None], {"key": [{"k": 1}], "value": [2]},
    )  # fmt: skip
    assert none == (None,) * 20


def test_times_that_python_has_no_value_for_are_text(corpus: Corpus) -> None:
    assert {row[0] for row in queried(corpus, corpus.name("far_times"))} == {"12000-01-31", "0045-03-15 (BC)"}


def test_the_schemas_of_a_table_that_spark_altered_differ_by_what_it_altered(corpus: Corpus) -> None:
    name = corpus.name("evolved_schema")
    schemas = corpus.bench.about(name)["schemas"]
    change = schema_change(schemas[0].columns, schemas[-1].columns)
    assert {column.name for column in change.added} == {"note", "place.country", "tags.element.v"}
    assert {column.name for column in change.removed} == {"note", "place.zip"}
    assert {new.name: said_of(old, new) for old, new in change.changed} == {
        "id": ("int → long", "made optional", "described"),
        "total": ("renamed from amount", "float → double"),
        "price": ("decimal(9, 2) → decimal(18, 2)",),
        "place.town": ("renamed from place.city",),
        "m.value.v": ("int → long",),
    }
    assert queried(corpus, name, "price, id, note, total, place, tags, m") == (
        ("1.50", 1, None, 0.5, {"town": "Ulm", "country": None}, [{"k": "x", "v": None}], {"a": {"v": 1}}),
        ("2.50", 2**40, 7, 1.5, {"town": "Bonn", "country": "DE"}, [{"k": "y", "v": 3}], {"b": {"v": 2**31}}),
    )


def test_partitions_of_every_layout_that_spark_had_keep_their_words(corpus: Corpus) -> None:
    about = corpus.bench.about(corpus.name("evolved_partitions"))
    told = {each.partition for each in about["files"].partitions}
    assert {
        "",
        "at_year=2026/region_trunc_3=a/b",
        "region_trunc_3=a/b/month=2026-01/n_bucket_4=1",
        "n_bucket_4=1/local_day=2026-01-31/raw_bucket_8=4/price_trunc_10=-12.50/place.city=Bad Ems",
    } <= told
    assert any(each.endswith("at_hour=2026-01-31-10/region=a/b=c ü%\n/day=2026-01-31") for each in told)
    assert about["table"].spec.fields[-3:] == ("hour(at)", "region", "day")


def test_row_level_deletes_are_told_by_their_kind(corpus: Corpus) -> None:
    for table, form in (("merge_on_read", "parquet"), ("deletion_vectors", "puffin"), ("upgraded", "puffin")):
        name = corpus.name(table)
        about = corpus.bench.about(name)
        deletes = [each for each in about["files"].files if each.content is not Content.DATA]
        assert {(each.content, each.format) for each in deletes} == {(Content.POSITION_DELETES, form)}
        assert about["table"].totals.deleted_records == sum(each.records for each in deletes) == 3
        assert set(queried(corpus, name)) == CHANGED
    assert corpus.bench.about(corpus.name("copy_on_write"))["table"].totals.delete_files == 0


def test_what_merged_on_reading_is_compacted_to_the_rows_that_spark_read(corpus: Corpus) -> None:
    name = corpus.name("to_compact")
    plan = corpus.bench.maintenance.plan_compact(str(name))
    assert plan.whole and plan.deletes == 2
    assert corpus.bench.maintenance.compact(plan).rows == 6
    assert set(queried(corpus, name)) == CHANGED
    assert corpus.bench.about(name)["table"].totals.delete_files == 0


@pytest.mark.parametrize("table", ["deletion_vectors", "upgraded", "third_format"])
def test_a_table_of_the_third_format_is_left_to_spark(corpus: Corpus, table: str) -> None:
    name = str(corpus.name(table))
    for plan in (corpus.bench.maintenance.plan_compact, corpus.bench.maintenance.plan_manifests):
        with pytest.raises(TableError, match="format version 3") as caught:
            plan(name)
        assert "connect spark" in caught.value.remedy
    assert not any("compact" in each.fix for each in corpus.bench.about(corpus.name(table))["health"])


def test_branches_and_tags_that_spark_made_are_shown_with_how_long_they_are_kept(corpus: Corpus) -> None:
    about = corpus.bench.about(corpus.name("branched"))
    first, audit, other = (each.snapshot_id for each in about["snapshots"])
    assert about["table"].refs == (
        Ref("audit", "branch", audit, 7 * 86_400),
        Ref("end of month", "tag", first, 180 * 86_400),
        Ref("main", "branch", first),
        Ref("other", "branch", other),
    )
    assert [each.live_records for each in about["snapshots"]] == [6, 7, 3]


def test_what_spark_staged_is_picked(corpus: Corpus) -> None:
    name = corpus.name("staged")
    staged = snapshots(corpus, "staged")[1]
    picking = LocalPicking(corpus.bench, assets=tuple, changed=lambda: None)
    plan = picking.plan_pick(str(name), staged.snapshot_id)
    assert (plan.wap_id, plan.rows) == ("load-2", 1)
    picking.pick(plan)
    assert numbers(corpus, name) == [1, 2, 3, 4, 5, 6, 7, 8]


def numbers(corpus: Corpus, name: TableName) -> list[int]:
    return sorted(row[0] for row in queried(corpus, name, "n"))


def test_a_table_that_spark_created_anew_keeps_what_it_was(corpus: Corpus) -> None:
    name = corpus.name("replaced")
    before, after = snapshots(corpus, "replaced")
    reads = corpus.bench.anatomy.table(str(name), before.snapshot_id), corpus.bench.anatomy.table(str(name))
    assert [names(each.schema.columns) for each in reads] == [["n", "s", "p"], ["m"]]
    assert after.live_records == 3 and reads[1].spec.fields == ("bucket(2, m)",)


def names(columns: Iterable[Any]) -> list[str]:
    return [column.name for column in columns]


def test_a_sort_order_and_what_is_required_are_shown(corpus: Corpus) -> None:
    about = corpus.bench.about(corpus.name("sorted"))["table"]
    assert about.sort_order.fields == ("bucket(4, n) asc nulls first", "s desc nulls last")
    assert [column.required for column in about.schema.columns] == [True, False]


def test_names_of_columns_keep_every_character(corpus: Corpus) -> None:
    about = corpus.bench.about(corpus.name("odd_columns"))["table"]
    assert {"größe", 'say "so"', "line\nbreak", "\x1b[31mred", "😀", "a.b"} <= set(names(about.schema.columns))
    assert names(corpus.bench.about(corpus.name("upper_columns"))["table"].schema.columns) == ["N", "nN"]


def test_a_view_that_spark_made_is_told(corpus: Corpus) -> None:
    name = corpus.name("seen")
    reader = RestCatalogReader(corpus.endpoints, serves_views=True)
    try:
        told = reader.views.definition(name)
        assert name in reader.views.all() and name not in reader.names()
    finally:
        reader.close()
    assert told.version is not None and told.schema is not None
    assert (told.faults, told.properties["comment"], told.version.summary["engine-name"]) == ((), "of Spark", "spark")
    (wording,) = told.version.wordings
    assert wording.dialect == "spark" and wording.sql.endswith(f"{corpus.namespace}.second_format")
    assert [(each.name, each.type, each.doc) for each in told.schema.columns] == [
        ("n", "long", "a number"),
        ("twice", "long", ""),
    ]
