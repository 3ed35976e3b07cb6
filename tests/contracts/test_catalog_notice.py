"""What the catalog reader asks again, and what it notices, on the real server."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
import requests
from pyiceberg.catalog import Catalog
from pyiceberg.manifest import ManifestFile

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.model.stack import Watermark
from floe_bench.model.table import Table, TableName

DEADLINE_S = 180.0


class Lake:
    """A lakehouse, a reader of it, and somebody else who writes to it. ``asked`` are the reader's requests.

    ``stack`` is the embedded one, or None for one of containers.
    """

    def __init__(self, stack: ProcessStack | None, reader: RestCatalogReader, catalog: Catalog) -> None:
        self.stack, self.reader, self.catalog = stack, reader, catalog
        self.asked: list[str] = []

    def table(self, name: TableName, *appends: int) -> TableName:
        self.catalog.create_namespace_if_not_exists(name.namespace)
        table = self.catalog.create_table(name.parts, pa.schema([("n", pa.int64())]))
        for number in appends:
            table.append(rows(number))
        return name

    def whole(self, name: TableName) -> int:
        """How often the whole metadata of that table was fetched."""
        return sum(each.startswith("GET ") and each.endswith(f"/tables/{name.name}") for each in self.asked)

    def watermark(self) -> Watermark:
        watermark = self.stack.watermark() if self.stack is not None else None
        assert watermark is not None
        return watermark


def rows(*numbers: int) -> pa.Table:
    return pa.table({"n": list(numbers)})


def until(claim: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def counted(reader: RestCatalogReader, asked: list[str]) -> Iterator[None]:
    session = reader._session()._session
    send = session.send

    def noted(request: requests.PreparedRequest, **options: object) -> requests.Response:
        asked.append(f"{request.method} {request.url}")
        return send(request, **options)

    session.send = noted
    yield
    session.send = send


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessStack]:
    stack = ProcessStack(load_spec("embedded"), state_dir=tmp_path_factory.mktemp("noticed"))
    stack.up(lambda event: None, lambda: False)
    yield stack
    stack.down()


@pytest.fixture(params=["watermarked", "asked"])
def lake(request: pytest.FixtureRequest, stack: ProcessStack) -> Iterator[Lake]:
    """``asked``: nothing but the catalog tells of changes, as on a stack of containers."""
    endpoints = stack.attach()
    reader = RestCatalogReader(endpoints, **({"watermark": stack.watermark} if request.param == "watermarked" else {}))
    lake = Lake(stack, reader, open_catalog(endpoints))
    with counted(reader, lake.asked):
        yield lake
    reader.close()


@pytest.fixture
def name() -> TableName:
    return TableName((f"t{secrets.token_hex(4)}",), f"orders_{secrets.token_hex(4)}")


def seen(lake: Lake, name: TableName) -> Table | None:
    return next((table for table in lake.reader.look() if table.table == str(name)), None)


def test_metadata_of_a_table_that_did_not_change_is_fetched_once(lake: Lake, name: TableName) -> None:
    lake.table(name, 1, 2)
    first = lake.reader.snapshots(name)
    for _ in range(5):
        assert lake.reader.snapshots(name) == first
        lake.reader.columns(name)
        lake.reader.anatomy.table(name, None)
    assert lake.whole(name) == 1


def test_a_listing_fetches_no_history(lake: Lake, name: TableName) -> None:
    lake.table(name, 1, 2, 3)
    found = {table.table: table for table in lake.reader.tables()}[str(name)]
    assert (found.rows, found.files) == (3, 3)
    assert lake.whole(name) == 0


def test_manifest_files_are_read_once(lake: Lake, name: TableName, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.table(name, 1, 2, 3)
    opened: list[str] = []
    fetch = ManifestFile.fetch_manifest_entry

    def noted(manifest: ManifestFile, *args: object, **options: object) -> object:
        opened.append(manifest.manifest_path)
        return fetch(manifest, *args, **options)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(ManifestFile, "fetch_manifest_entry", noted)
    first, *_, last = (each.snapshot_id for each in lake.reader.snapshots(name))
    for _ in range(3):
        lake.reader.ground(name, first, last)
        lake.reader.anatomy.table(name, None)
    assert len(opened) == len(set(opened)) > 0


def test_a_commit_of_somebody_else_is_noticed_and_only_that_table_is_another(lake: Lake, name: TableName) -> None:
    other = lake.table(TableName(name.namespace, f"other_{name.name}"), 1)
    table = lake.catalog.load_table(lake.table(name, 1).parts)
    lake.reader.snapshots(name)  # somebody looks at it
    lake.reader.tables()
    before = seen(lake, other)
    table.append(rows(2))
    until(lambda: (found := seen(lake, name)) is not None and found.rows == 2)
    assert seen(lake, other) is before
    assert [each.added_records for each in lake.reader.snapshots(name)] == [1, 1]


def test_a_ref_and_a_property_that_somebody_sets_are_seen(lake: Lake, name: TableName) -> None:
    table = lake.catalog.load_table(lake.table(name, 1).parts)
    lake.reader.snapshots(name)
    table.manage_snapshots().create_tag(table.current_snapshot().snapshot_id, "audited").commit()
    assert lake.reader.snapshots(name)[0].refs == ("audited", "main")
    with table.transaction() as transaction:
        transaction.set_properties({"owner": "finance"})
    assert lake.reader.anatomy.table(name, None).properties["owner"] == "finance"


def test_a_table_that_was_dropped_and_made_anew_is_never_answered_from_what_was_kept(
    lake: Lake, name: TableName
) -> None:
    """SeaweedFS uses the names of the metadata files again: the old and the new table are told apart by more."""
    lake.table(name, 1, 2)
    place = lake.catalog.load_table(name.parts).metadata_location
    old = lake.reader.snapshots(name)
    lake.reader.tables()
    lake.catalog.drop_table(name.parts)
    lake.table(name, 10, 20)
    if lake.stack is not None:
        assert lake.catalog.load_table(name.parts).metadata_location == place
    new = lake.reader.snapshots(name)
    assert {each.snapshot_id for each in new}.isdisjoint(each.snapshot_id for each in old)
    listed = {table.table: table.snapshot_id for table in lake.reader.tables()}
    assert listed[str(name)] == new[-1].snapshot_id
    until(lambda: (found := seen(lake, name)) is not None and found.snapshot_id == new[-1].snapshot_id)


def test_a_commit_through_a_table_that_was_handed_out_leaves_what_is_kept_as_it_is(lake: Lake, name: TableName) -> None:
    lake.table(name, 1)
    mine = lake.reader._load(name)
    mine.append(rows(2))
    assert len(lake.reader.snapshots(name)) == 2
    assert lake.whole(name) == 2


def test_a_table_that_came_and_one_that_went_are_noticed(lake: Lake, name: TableName) -> None:
    gone = lake.table(TableName(name.namespace, f"gone_{name.name}"), 1)
    assert str(gone) in {table.table for table in lake.reader.tables()}
    lake.catalog.drop_table(gone.parts)
    lake.table(name, 1)
    until(lambda: seen(lake, name) is not None and seen(lake, gone) is None)
