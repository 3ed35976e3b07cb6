"""A catalog of many tables, on the real server: what is asked for first, and that nobody waits for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event as Flag
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
import requests

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.model.table import TableName
from tests.contracts.workbench import PATIENCE_S

SCHEMA = pa.schema([("n", pa.int64())])
TABLES = tuple(TableName(("wide",), f"t{number:05}") for number in range(500))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessStack]:
    stack = ProcessStack(load_spec("embedded"), state_dir=tmp_path_factory.mktemp("large"))
    catalog = open_catalog(stack.up(lambda event: None, lambda: False))
    catalog.create_namespace("wide")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: catalog.create_table(name.parts, SCHEMA), TABLES))
    yield stack
    stack.down()


@pytest.fixture
def reader(stack: ProcessStack) -> Iterator[RestCatalogReader]:
    found = RestCatalogReader(stack.attach(), watermark=stack.watermark)
    yield found
    found.close()


@pytest.fixture
def asked(reader: RestCatalogReader, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the catalog, as the end of its path."""
    found: list[str] = []
    session = reader._session()._session
    send = session.send

    def noted(request: requests.PreparedRequest, **options: object) -> requests.Response:
        found.append(urlsplit(str(request.url)).path.rpartition("/")[2])
        return send(request, **options)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(session, "send", noted)
    return found


def test_all_names_are_told_after_one_listing_and_before_any_table_is_read(
    reader: RestCatalogReader, asked: list[str]
) -> None:
    found = reader.look()
    assert {TableName.parse(each.table) for each in found} >= set(TABLES)
    assert not any(each.is_read for each in found)
    assert asked.count("tables") == len({each.namespace for each in found})
    assert not {name.name for name in TABLES}.intersection(asked)


def test_tables_before_somebodys_eyes_are_asked_for_first_and_told_before_the_rest_is(
    reader: RestCatalogReader, asked: list[str]
) -> None:
    shown = TABLES[300:340]
    reader.seen(shown)
    reader.look()
    asked.clear()
    told = {each.table for each in reader.look() if each.is_read}
    assert told == set(map(str, shown))
    assert set(asked) == {name.name for name in shown}


def test_a_table_that_is_opened_is_read_while_hundreds_of_others_are_not(
    reader: RestCatalogReader, asked: list[str]
) -> None:
    reader.look()
    asked.clear()
    opened = TABLES[-1]
    assert reader.anatomy.table(opened, None).rows == 0
    assert set(asked) <= {opened.name}
    assert [each.table for each in reader.look() if each.is_read] == [str(opened)]
    while reader.unread:
        reader.look()
    assert all(each.rows == 0 for each in reader.look())


def test_names_are_answered_while_all_tables_are_read(
    reader: RestCatalogReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What completes a name in a statement waits for a few tables, and not for all: the last fifty are held back."""
    tables, begun, held = {name.name for name in TABLES}, count(), list[bool]()
    under_way, asking, answered = Flag(), Flag(), Flag()
    session = reader._session()._session
    send = session.send

    def holding(request: requests.PreparedRequest, **options: object) -> requests.Response:
        if urlsplit(str(request.url)).path.rpartition("/")[2] in tables:
            number = next(begun)
            if number >= 100:
                under_way.set()
                asking.wait(PATIENCE_S)
            if number >= len(TABLES) - 50:
                held.append(answered.wait(PATIENCE_S))
        return send(request, **options)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(session, "send", holding)
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(reader.tables)
        assert under_way.wait(PATIENCE_S)
        asking.set()
        assert len(reader.names()) >= len(TABLES)
        assert not reading.done()
        answered.set()
        assert all(each.is_read for each in reading.result())
    assert all(held) and len(held) == 50
