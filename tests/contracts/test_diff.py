"""Differences of two snapshots, through catalog and compute together: exact, and without reading what both share."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.catalog import Catalog
from pyiceberg.expressions import EqualTo
from pyiceberg.types import LongType

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.computes.duckdb import DuckDBCompute
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.core.difference import difference
from floe_bench.core.stepping.effect import counted
from floe_bench.errors import Cancelled, KeyNotUnique, QueryFailed
from floe_bench.model.snapshot import Diff
from floe_bench.model.stack import Endpoints
from floe_bench.model.step import Effect
from floe_bench.model.table import TableName
from floe_bench.ports.compute import nobody
from tests.contracts.lakehouse import open_lake

Row = Mapping[str, Any]


class Scene:
    """One table ``t`` with a key ``id``, and every way to write to it."""

    def __init__(self, endpoints: Endpoints, folder: Path, lake: duckdb.DuckDBPyConnection) -> None:
        self.catalog: Catalog = open_catalog(endpoints)
        self.reader = RestCatalogReader(endpoints)
        self.compute = DuckDBCompute(endpoints, state_dir=folder)
        self.lake = lake
        self.fresh()

    def fresh(self) -> None:
        self.name = TableName((f"t{secrets.token_hex(4)}",), "t")
        self.catalog.create_namespace(self.name.namespace)
        self.catalog.create_table(self.name.parts, pa.schema([("id", pa.int64()), ("v", pa.int64())]))

    def table(self) -> Any:
        return self.catalog.load_table(self.name.parts)

    def append(self, *rows: Row) -> int:
        self.table().append(self._arrow(rows))
        return self.head()

    def overwrite(self, *rows: Row) -> int:
        self.table().overwrite(self._arrow(rows))
        return self.head()

    def sql(self, statement: str) -> int:
        """By DuckDB, whose deletes are row-level ones."""
        self.lake.execute(statement.replace("{t}", f"lake.{self.name.namespace[0]}.t"))
        return self.head()

    def head(self) -> int:
        return int(self.table().current_snapshot().snapshot_id)

    def rows(self, snapshot_id: int) -> list[dict[str, Any]]:
        return list(self.table().scan(snapshot_id=snapshot_id).to_arrow().to_pylist())

    def diff(self, before: int | None, after: int, *key: str, limit: int = 1000, offset: int = 0) -> Diff:
        return difference(
            self.reader, self.compute, self.name, before=before, after=after, key=key, limit=limit, offset=offset,
            cancelled=lambda: False,
        )  # fmt: skip

    def _arrow(self, rows: tuple[Row, ...]) -> pa.Table:
        names = self.table().schema().column_names
        columns = {name: [row.get(name) for row in rows] for name in names}
        return pa.table(columns, schema=pa.schema([(name, pa.int64()) for name in names]))

    def close(self) -> None:
        self.reader.close()
        self.compute.close()


@pytest.fixture(scope="module")
def lake(endpoints: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(endpoints, tmp_path_factory.mktemp("lake")) as connection:
        yield connection


@pytest.fixture
def scene(endpoints: Endpoints, tmp_path: Path, lake: duckdb.DuckDBPyConnection) -> Iterator[Scene]:
    scene = Scene(endpoints, tmp_path, lake)
    yield scene
    scene.close()


def test_files_that_both_snapshots_have_are_never_read(scene: Scene) -> None:
    first = scene.append({"id": 1, "v": 1}, {"id": 2, "v": 2})
    second = scene.append({"id": 3, "v": 3})
    table = scene.table()
    (shared,) = [task.file.file_path for task in table.scan(snapshot_id=first).plan_files()]
    table.io.delete(shared)
    keyed, whole = scene.diff(first, second, "id"), scene.diff(first, second)
    for diff in (keyed, whole):
        assert (diff.rows.added, diff.rows.removed, diff.rows.changed) == (1, 0, 0)
        assert diff.rows.partial
        assert [sample.row for sample in diff.samples] == [{"id": 3, "v": 3}]
    with pytest.raises(QueryFailed):
        scene.compute.rows(scene.name, second, offset=0, limit=10, cancelled=lambda: False)


def test_row_level_deletes_are_seen_and_both_snapshots_are_read_whole(scene: Scene) -> None:
    first = scene.append({"id": 1, "v": 1}, {"id": 2, "v": 2})
    scene.append({"id": 3, "v": 3})
    deleted = scene.sql("delete from {t} where id = 2")
    updated = scene.sql("update {t} set v = 30 where id = 3")
    found = scene.diff(first, updated, "id")
    assert (found.rows.added, found.rows.removed, found.rows.changed) == (1, 1, 0)
    assert not found.rows.partial
    assert scene.diff(deleted, updated, "id").rows.columns == {"v": 1}


def test_a_rewritten_file_is_compared_with_what_it_was(scene: Scene) -> None:
    """PyIceberg's delete writes the file anew without the row: one file goes, one comes, one is shared."""
    scene.append({"id": 1, "v": 1}, {"id": 2, "v": 2})
    before = scene.append({"id": 3, "v": 3})
    scene.table().delete(EqualTo("id", 2))
    found = scene.diff(before, scene.head(), "id")
    assert (found.rows.added, found.rows.removed, found.rows.changed, found.rows.partial) == (0, 1, 0, True)
    assert (found.files.added, found.files.removed) == (1, 1)


def test_a_renamed_column_is_compared_under_its_new_name(scene: Scene) -> None:
    first = scene.append({"id": 1, "v": 1}, {"id": 2, "v": 2})
    with scene.table().update_schema() as change:
        change.rename_column("v", "worth")
    second = scene.overwrite({"id": 1, "worth": 1}, {"id": 2, "worth": 20})
    found = scene.diff(first, second, "id")
    assert (found.rows.changed, found.rows.columns) == (1, {"worth": 1})
    assert found.samples[0].before == {"id": 2, "worth": 2}


def test_a_column_that_was_dropped_and_made_again_is_another_column(scene: Scene) -> None:
    first = scene.append({"id": 1, "v": 1})
    with scene.table().update_schema() as change:
        change.delete_column("v")
    with scene.table().update_schema() as change:
        change.add_column("v", LongType())
    second = scene.overwrite({"id": 1, "v": 7})
    found = scene.diff(first, second, "id")
    assert found.rows.changed == 0
    assert ([each.name for each in found.schema.added], [each.name for each in found.schema.removed]) == (["v"], ["v"])


def test_each_column_counts_the_rows_that_it_changed_in(scene: Scene) -> None:
    with scene.table().update_schema() as change:
        change.add_column("w", LongType())
    first = scene.append(*({"id": n, "v": n, "w": n} for n in range(10)))
    second = scene.overwrite(*({"id": n, "v": n + (n < 3), "w": None if n < 1 else n} for n in range(10)))
    assert scene.diff(first, second, "id").rows.columns == {"v": 3, "w": 1}


def test_a_column_called_like_the_engines_own_does_not_mislead_it(scene: Scene) -> None:
    with scene.table().update_schema() as change:
        change.add_column("filename", LongType())
    first = scene.append({"id": 1, "v": 1, "filename": 1})
    second = scene.append({"id": 2, "v": 2, "filename": 1})
    found = scene.diff(first, second, "id")
    assert (found.rows.added, found.rows.removed, found.rows.partial) == (1, 0, False)


def test_heads_of_two_branches_are_compared(scene: Scene) -> None:
    first = scene.append({"id": 1, "v": 1})
    scene.table().manage_snapshots().create_branch(first, "audit").commit()
    scene.table().append(scene._arrow(({"id": 2, "v": 2},)), branch="audit")
    main = scene.append({"id": 3, "v": 3})
    audit = scene.table().snapshot_by_name("audit").snapshot_id
    found = scene.diff(audit, main, "id")
    assert (found.rows.added, found.rows.removed, found.rows.partial) == (1, 1, True)


def test_a_declared_key_that_is_not_unique_is_said_and_whole_rows_are_compared(scene: Scene) -> None:
    first = scene.append({"id": 1, "v": 1}, {"id": 2, "v": 1})
    second = scene.overwrite({"id": 1, "v": 1}, {"id": 1, "v": 2})
    with pytest.raises(KeyNotUnique, match="not unique after"):
        scene.diff(first, second, "id")
    found = difference(
        scene.reader, scene.compute, scene.name, before=first, after=second, key=("id",), declared=True, limit=9,
        cancelled=lambda: False,
    ).rows  # fmt: skip
    assert (found.added, found.removed, found.changed, found.key, found.not_unique) == (1, 1, 0, (), ("id",))


@pytest.mark.parametrize("key", [("id",), ()], ids=["by key", "whole rows"])
def test_pages_of_samples_are_the_samples_each_once(scene: Scene, key: tuple[str, ...]) -> None:
    first = scene.overwrite(*({"id": number, "v": 0} for number in range(20)))
    second = scene.overwrite(*({"id": number, "v": number % 3} for number in range(5, 31)))
    whole = scene.diff(first, second, *key).samples
    pages = [scene.diff(first, second, *key, limit=4, offset=offset) for offset in range(0, 40, 4)]
    for change in ("added", "removed", "changed"):
        of = [each for each in whole if each.change == change]
        assert [each for page in pages for each in page.samples if each.change == change] == of
    assert all(page.rows == pages[0].rows for page in pages), "the counts are of everything"
    assert not pages[-1].samples


def test_the_bytes_of_files_that_came_and_went_are_those_in_the_store(scene: Scene) -> None:
    first = scene.append({"id": 1, "v": 1})
    before = {each.file.file_path: each.file.file_size_in_bytes for each in scene.table().scan().plan_files()}
    second = scene.append(*({"id": number, "v": 1} for number in range(2, 500)))
    after = {each.file.file_path: each.file.file_size_in_bytes for each in scene.table().scan().plan_files()}
    come = sum(size for path, size in after.items() if path not in before)
    there, back = scene.diff(first, second).files, scene.diff(second, first).files
    assert (there.added, there.removed, there.kept, there.added_bytes, there.removed_bytes) == (1, 0, 1, come, 0)
    assert (back.added_bytes, back.removed_bytes) == (0, come)
    assert (there.before_bytes, there.after_bytes) == (sum(before.values()), sum(after.values()))


def test_a_long_difference_says_how_far_it_is(scene: Scene) -> None:
    many = 3_000_000
    rows = pa.table({"id": pa.array(range(many), pa.int64()), "v": pa.array(range(many), pa.int64())})
    scene.table().append(rows)
    first = scene.head()
    scene.table().overwrite(rows.set_column(1, "v", pa.array(range(1, many + 1), pa.int64())))
    told: list[float] = []
    found = difference(
        scene.reader, scene.compute, scene.name, before=first, after=scene.head(), key=("id",), limit=1,
        cancelled=lambda: False, told=told.append,
    )  # fmt: skip
    assert found.rows.changed == many
    assert told == sorted(set(told)) and told[0] > 0 and told[-1] <= 100
    assert len(told) > 1


def test_what_a_node_did_is_told_without_rows_where_counting_was_given_up(scene: Scene) -> None:
    first, second = scene.append({"id": 1, "v": 1}), scene.append({"id": 2, "v": 2})

    def effect(*, cancelled: bool) -> Effect:
        return counted(
            scene.reader, scene.compute, scene.name,
            before=first, after=second, key=("id",), cancelled=lambda: cancelled, told=nobody,
        )  # fmt: skip

    assert effect(cancelled=True) == Effect(first, second, None)
    rows = effect(cancelled=False).rows
    assert rows is not None and (rows.added, rows.total) == (1, 1)


def test_a_difference_can_be_cancelled(scene: Scene) -> None:
    first, second = scene.append({"id": 1, "v": 1}), scene.append({"id": 2, "v": 1})
    with pytest.raises(Cancelled):
        difference(
            scene.reader, scene.compute, scene.name, before=first, after=second, key=(), limit=1, cancelled=lambda: True
        )


numbers = st.integers(0, 4)
rows = st.lists(st.tuples(numbers, st.one_of(st.none(), numbers)), max_size=4)
writes = st.one_of(
    st.tuples(st.just("append"), rows),
    st.tuples(st.just("overwrite"), rows),
    st.tuples(st.just("delete"), numbers),
    st.tuples(st.just("sql delete"), numbers),
    st.tuples(st.just("sql update"), numbers),
    st.tuples(st.just("add"), st.none()),
    st.tuples(st.just("rename"), st.none()),
)


def write(scene: Scene, what: str, how: Any) -> None:
    columns = scene.table().schema().column_names
    if what in ("append", "overwrite"):
        made = tuple({"id": id_, **dict.fromkeys(columns[1:], v)} for id_, v in how)
        scene.append(*made) if what == "append" else scene.overwrite(*made)
    elif what == "delete":
        # A table with row-level deletes of DuckDB's is none that PyIceberg's rewriting delete is for.
        scene.table().delete(EqualTo("id", how)) if not _has_deletes(scene) else None
    elif what == "sql delete":
        scene.sql(f"delete from {{t}} where id = {how}")
    elif what == "sql update":
        scene.sql(f"update {{t}} set {columns[1]} = {how + 10} where id = {how}")
    else:
        with scene.table().update_schema() as change:
            if what == "add":
                change.add_column(f"c{len(columns)}", LongType())
            else:
                change.rename_column(columns[-1], f"r{secrets.token_hex(2)}")


def _has_deletes(scene: Scene) -> bool:
    current = scene.table().current_snapshot()
    return current is not None and any(each.content == 1 for each in current.manifests(scene.table().io))


def shared(scene: Scene, snapshot_id: int, names: Mapping[str, str]) -> Counter[str]:
    """Rows of a snapshot over the columns of ``names``, by their new names, as a multiset."""
    return Counter(repr([(new, row[old]) for new, old in sorted(names.items())]) for row in scene.rows(snapshot_id))


@pytest.mark.timeout(900)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(first=rows, history=st.lists(writes, min_size=1, max_size=5), picks=st.tuples(st.integers(0), st.integers(0)))
def test_a_difference_applied_to_the_one_gives_the_other(
    scene: Scene, first: list[tuple[int, int | None]], history: list[tuple[str, Any]], picks: tuple[int, int]
) -> None:
    scene.fresh()
    write(scene, "append", first or [(1, 1)])
    for step in history:
        write(scene, *step)
    known = [each.snapshot_id for each in scene.table().metadata.snapshots]
    before, after = (known[pick % len(known)] for pick in picks)
    names = scene.reader.ground(scene.name, before, after).names
    old, new = shared(scene, before, names), shared(scene, after, dict(zip(names, names, strict=True)))

    def told(row: Row) -> str:
        return repr([(name, row[name]) for name in sorted(names)])

    found = scene.diff(before, after)
    added, removed = (
        Counter(told(each.row) for each in found.samples if each.change == kind) for kind in ("added", "removed")
    )
    assert old - removed + added == new
    assert (found.rows.added, found.rows.removed) == ((new - old).total(), (old - new).total())

    try:
        keyed = scene.diff(before, after, "id")
    except QueryFailed as error:
        assert "not unique" in error.message
        return
    for sample in keyed.samples:
        if sample.change != "added":
            old[told(sample.before if sample.before is not None else sample.row)] -= 1
        if sample.change != "removed":
            old[told(sample.row)] += 1
    assert +old == new and min(old.values(), default=0) >= 0
