"""What the embedded stack's watermark is worth: nothing is asked while it stands still, and nothing is missed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.events import TablesChanged, ViewsChanged
from floe_bench.model.table import Table, TableName
from tests.contracts.test_catalog_notice import Lake, counted, rows, until
from tests.contracts.test_catalog_notice import name as name
from tests.contracts.test_catalog_notice import stack as stack
from tests.contracts.test_undo import stack_of
from tests.contracts.test_views import made, renamed, replaced
from tests.contracts.workbench import opened, shop


def test_the_embedded_stack_tells_of_every_commit_and_of_no_read(stack: ProcessStack, name: TableName) -> None:
    lake = Lake(stack, RestCatalogReader(stack.attach(), watermark=stack.watermark), open_catalog(stack.attach()))
    table = lake.catalog.load_table(lake.table(name, 1).parts)
    for number in range(10):
        before = lake.watermark()
        table.append(rows(number))
        assert lake.watermark().value != before.value

    def read() -> None:
        table.scan().to_arrow()
        assert lake.reader.snapshots(name)

    until(lambda: stands(lake, read))
    lake.reader.close()


def stands(lake: Lake, read: Callable[[], object]) -> bool:
    """Whether the mark is the same after it. The server writes down what happened by itself, once a minute."""
    before = lake.watermark()
    read()
    return lake.watermark().value == before.value


def test_while_nothing_is_written_no_table_is_asked_for(stack: ProcessStack, name: TableName) -> None:
    reader = RestCatalogReader(stack.attach(), watermark=stack.watermark)
    lake = Lake(stack, reader, open_catalog(stack.attach()))
    lake.table(name, 1)
    with counted(reader, lake.asked):

        def quiet() -> bool:
            lake.asked.clear()
            reader.tables()
            return not any("/tables/" in each for each in lake.asked)

        until(quiet)
        before = reader.look()
        lake.asked.clear()
        for _ in range(50):
            assert reader.look() is before
        assert sum("/tables/" in each for each in lake.asked) <= len(before)
        assert lake.whole(name) == 0

        def remembered() -> bool:
            lake.asked.clear()
            return bool(reader.snapshots(name)) and not lake.asked

        until(remembered)
    reader.close()


def test_the_watermark_moves_with_every_write_of_a_view_and_with_no_read(stack: ProcessStack, name: TableName) -> None:
    reader = RestCatalogReader(stack.attach(), serves_views=True, watermark=stack.watermark)
    lake = Lake(stack, reader, open_catalog(stack.attach(), serves_views=True))
    view, other = TableName(name.namespace, "latest"), TableName(name.namespace, "renamed")
    lake.catalog.create_namespace(name.namespace)
    writes: tuple[Callable[[], object], ...] = (
        lambda: made(lake.catalog, view),
        lambda: replaced(lake.catalog, view, "select 2"),
        lambda: renamed(lake.catalog, view, other),
        lambda: lake.catalog.drop_view(other.parts),
    )
    for write, there in zip(writes, (view, view, other, None), strict=True):
        before = lake.watermark()
        write()
        assert lake.watermark().value != before.value

        def read() -> None:
            found = [each for each in reader.views.all() if each.namespace == name.namespace]
            assert found == [*filter(None, (there,))]  # noqa: B023
            assert there is None or reader.views.definition(there)  # noqa: B023

        until(lambda: stands(lake, read))
    reader.close()


def test_while_nothing_is_written_no_view_is_asked_for(stack: ProcessStack, name: TableName) -> None:
    reader = RestCatalogReader(stack.attach(), serves_views=True, watermark=stack.watermark)
    lake = Lake(stack, reader, open_catalog(stack.attach(), serves_views=True))
    lake.catalog.create_namespace(name.namespace)
    made(lake.catalog, TableName(name.namespace, "latest"))
    with counted(reader, lake.asked):

        def quiet() -> bool:
            lake.asked.clear()
            reader.look()
            found = reader.views.all()
            return any(each.namespace == name.namespace for each in found) and not lake.asked

        until(quiet)

        def remembered() -> bool:
            lake.asked.clear()
            before = reader.views.all()
            for _ in range(50):
                assert reader.views.look() is before and reader.views.all() is before
            return lake.asked == []

        until(remembered)
    reader.close()


def test_a_commit_is_seen_by_whoever_asks_after_it(stack: ProcessStack, name: TableName) -> None:
    reader = RestCatalogReader(stack.attach(), watermark=stack.watermark)
    lake = Lake(stack, reader, open_catalog(stack.attach()))
    table = lake.catalog.load_table(lake.table(name).parts)
    for number in range(1, 31):
        table.append(rows(number))
        assert len(reader.snapshots(name)) == number
        assert {each.table: each.rows for each in reader.tables()}[str(name)] == number
    reader.close()


def test_a_stack_without_such_files_has_no_mark(tmp_path: Path) -> None:
    assert ProcessStack(load_spec("embedded"), state_dir=tmp_path).watermark() is None


def test_every_client_hears_of_a_commit_that_nobody_here_made(tmp_path: Path) -> None:
    with opened(shop(tmp_path / "shop", without=("floe-bench.toml", "shop_assets.py"))) as bench:
        catalog = open_catalog(stack_of(bench))
        catalog.create_namespace("outside")
        table = catalog.create_table("outside.orders", pa.schema([("n", pa.int64())]))

        def told() -> Table | None:
            heard = bench.events(TablesChanged)
            return next((each for each in heard[-1].tables if each.table == "outside.orders"), None) if heard else None

        bench.until(told, "the new table")
        table.append(rows(1, 2))
        bench.until(lambda: (found := told()) is not None and found.rows == 2, "the commit")


def test_every_client_hears_of_a_view_that_nobody_here_made(tmp_path: Path) -> None:
    with opened(shop(tmp_path / "shop", without=("floe-bench.toml", "shop_assets.py"))) as bench:
        catalog = open_catalog(stack_of(bench), serves_views=True)
        catalog.create_namespace("outside")

        def told() -> list[str]:
            heard = bench.events(ViewsChanged)
            return [each.view for each in heard[-1].views] if heard else []

        made(catalog, TableName(("outside",), "latest"))
        bench.until(lambda: told() == ["outside.latest"], "the new view")
        assert bench.client.views.definition("outside.latest").version.wordings
        catalog.drop_view("outside.latest")
        bench.until(lambda: told() == [], "that it is gone")
