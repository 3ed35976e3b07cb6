"""Queries over several tables as they were, on the real catalog."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.computes.past import names_in
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.export import LocalExporting
from floe_bench.core.querying.verbs import LocalQuerying
from floe_bench.errors import Cancelled, NoSuchSnapshot, QueryFailed, UsageError, WriteRefused
from floe_bench.model.stack import Endpoints


class Bench:
    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self._reader, self._duck = RestCatalogReader(endpoints), DuckDBCompute(endpoints, state_dir=folder)
        self.session: Catalog = open_catalog(endpoints)
        self.verbs = LocalQuerying(self, history=folder / "queries.jsonl", tables=self._reader.tables)
        self.export = LocalExporting(self)

    def catalog(self) -> RestCatalogReader:
        return self._reader

    def compute(self) -> DuckDBCompute:
        return self._duck

    def close(self) -> None:
        self._reader.close()
        self._duck.close()


@pytest.fixture(scope="module")
def bench(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(endpoints, tmp_path_factory.mktemp("compute"))
    yield bench
    bench.close()


@pytest.fixture
def namespace(bench: Bench) -> str:
    """``orders`` with one, then three rows; ``customers`` was made after the first and has one, then two."""
    namespace = f"q{secrets.token_hex(4)}"
    bench.session.create_namespace(namespace)
    for name, rows in (("orders", [1]), ("customers", [1]), ("orders", [2, 3]), ("customers", [2])):
        data = pa.table({"id": rows})
        bench.session.create_table_if_not_exists((namespace, name), data.schema).append(data)
    return namespace


def ids(bench: Bench, namespace: str, name: str) -> list[int]:
    return [each.snapshot_id for each in bench.session.load_table((namespace, name)).metadata.snapshots]


def at(bench: Bench, namespace: str, name: str, index: int) -> datetime:
    snapshot = bench.session.load_table((namespace, name)).metadata.snapshots[index]
    return datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC)


def counts(namespace: str) -> str:
    """A statement that takes some reading: a CTE, a join and a name with its catalog."""
    return f"""
        with o as (select count(*) as orders from {namespace}.orders)
        select orders, (select count(*) from lake.{namespace}.customers) as customers from o
    """


def test_a_time_is_that_of_every_table(bench: Bench, namespace: str) -> None:
    sql = counts(namespace)
    moments = [at(bench, namespace, "customers", 0), at(bench, namespace, "orders", 1), datetime.now(UTC)]
    assert [bench.verbs.past(sql, each.isoformat()).rows for each in moments] == [((1, 1),), ((3, 1),), ((3, 2),)]


def test_a_snapshot_stands_for_its_time_and_is_itself_exact(bench: Bench, namespace: str) -> None:
    second = ids(bench, namespace, "orders")[1]
    answer = bench.verbs.past(counts(namespace), str(second))
    assert answer.rows == ((3, 1),)
    customers = ids(bench, namespace, "customers")[0]
    assert answer.snapshots == {f"{namespace}.orders": second, f"{namespace}.customers": customers}


def test_a_ref_is_that_of_the_tables_that_have_it_and_the_others_are_as_now(bench: Bench, namespace: str) -> None:
    orders = bench.session.load_table((namespace, "orders"))
    orders.manage_snapshots().create_tag(orders.metadata.snapshots[0].snapshot_id, "audit").commit()
    assert bench.verbs.past(counts(namespace), "audit").rows == ((1, 2),)


def test_a_table_that_was_not_written_then_is_named(bench: Bench, namespace: str) -> None:
    first = at(bench, namespace, "orders", 0)
    with pytest.raises(QueryFailed, match=f"not written then: .*{namespace}.customers"):
        bench.verbs.past(counts(namespace), first.isoformat())
    assert bench.verbs.past(f"select count(*) from {namespace}.orders", first.isoformat()).rows == ((1,),)
    with pytest.raises(QueryFailed, match="not written then"):  # not a row of now, where no table was there
        bench.verbs.past(f"select count(*) from {namespace}.orders", "2001-01-01")


def test_a_column_that_went_since_is_read_where_it_was(bench: Bench, namespace: str) -> None:
    orders = bench.session.load_table((namespace, "orders"))
    with orders.update_schema() as update:
        update.rename_column("id", "number")
    then = at(bench, namespace, "orders", 1).isoformat()
    assert bench.verbs.past(f"select max(id) from {namespace}.orders", then).rows == ((3,),)


@pytest.mark.parametrize("sql", ["from {}.orders", "explain analyze select * from {}.orders", "summarize {}.orders"])
def test_every_kind_of_reading_can_be_asked_of_the_past(bench: Bench, namespace: str, sql: str) -> None:
    answer = bench.verbs.past(sql.format(namespace), at(bench, namespace, "orders", 1).isoformat())
    assert answer.rows and f"{namespace}.orders" in answer.snapshots


def test_the_past_cannot_be_written(bench: Bench, namespace: str) -> None:
    with pytest.raises(WriteRefused):
        bench.verbs.past(f"delete from {namespace}.orders", datetime.now(UTC).isoformat())


def test_what_fits_nothing_is_refused(bench: Bench, namespace: str) -> None:
    with pytest.raises(NoSuchSnapshot, match="nobody"):
        bench.verbs.past(f"select * from {namespace}.orders", "nobody")
    with pytest.raises(QueryFailed, match="Parser Error"):
        bench.verbs.past("selekt 1", "main")
    with pytest.raises(UsageError):
        bench.verbs.past("select 1", "main", 0)
    with pytest.raises(Cancelled):
        bench.verbs.past(f"select * from {namespace}.orders", "main", cancelled=lambda: True)


def test_what_a_query_found_in_the_past_is_exported(bench: Bench, namespace: str, tmp_path: Path) -> None:
    then = str(ids(bench, namespace, "orders")[0])
    done = bench.export.query(f"from {namespace}.orders -- whole", str(tmp_path / "rows.csv"), at=then)
    assert (done.rows, (tmp_path / "rows.csv").read_text()) == (1, "id\n1\n")


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        (
            'with t as (select 1) select * from t, a.b, "c.d"."E f" where x in (select y from lake.g.h)',
            {"t", "a.b", "c.d.E f", "g.h"},
        ),
        ("select 'a.b', 1 -- from c.d", set()),
        ("from b", {"b"}),
        ("select * from a.b join c.d using (e) -- no column of theirs is known", {"a.b", "c.d"}),
        ("explain analyze select * from a.b; -- ends", {"a.b"}),
    ],
)
def test_duckdb_says_which_tables_a_statement_reads(sql: str, names: set[str]) -> None:
    assert names_in(sql) == names
