"""What each stack of containers holds, whatever it runs: who has which keys, and what a restart keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import fs
from pyiceberg.io.pyarrow import PyArrowFileIO

from floe_bench.adapters.iceberg.catalog import environment, open_catalog, properties
from floe_bench.adapters.stacks.container.settings import ContainerSettings
from floe_bench.adapters.stacks.container.stack import ContainerStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.model.stack import StackState
from tests.stack.on_stacks import CHOSEN, absent

VENDING = tuple(name for name in CHOSEN if "vending" in load_spec(name).capabilities)


def on(*names: str) -> pytest.MarkDecorator:
    marked = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]
    return pytest.mark.parametrize("name", marked)


@pytest.fixture
def stack(name: str, tmp_path: Path) -> Iterator[ContainerStack]:
    if reason := absent(name):
        pytest.skip(f"{name}: {reason}")
    stack = ContainerStack(load_spec(name), state_dir=tmp_path / ".floe-bench")
    yield stack
    stack.reset()


@on(*CHOSEN)
@pytest.mark.timeout(900)
def test_a_restart_of_each_service_and_of_all_keeps_ports_data_and_set_up(stack: ContainerStack, name: str) -> None:
    endpoints = stack.up(lambda event: None, lambda: False)
    rows = pa.table({"n": [1, 2, 3]})
    catalog = open_catalog(endpoints)
    catalog.create_namespace("kept")
    catalog.create_table("kept.rows", rows.schema).append(rows)
    for service in ContainerSettings.read(load_spec(name)).services:
        assert stack.restart(service.name, lambda event: None, lambda: False) == endpoints
        assert open_catalog(endpoints).load_table("kept.rows").scan().to_arrow().num_rows == 3
    stack.down()
    assert stack.status().state is StackState.STOPPED
    assert stack.up(lambda event: None, lambda: False) == endpoints
    table = open_catalog(endpoints).load_table("kept.rows")
    table.append(rows)
    assert table.scan().to_arrow().num_rows == 6
    assert [(what, fault) for what, fault in stack.recheck() if fault] == []


@on(*VENDING)
@pytest.mark.timeout(900)
def test_a_key_that_was_lent_for_one_table_opens_no_other(stack: ContainerStack) -> None:
    catalog = open_catalog(stack.up(lambda event: None, lambda: False))
    catalog.create_namespace("v")
    rows = pa.table({"n": [1]})
    tables = {name: catalog.create_table(("v", name), rows.schema) for name in ("a", "ab", "b")}
    for table in tables.values():
        table.append(rows)
    lent = tables["a"].io
    assert lent.properties["s3.session-token"]
    assert isinstance(lent, PyArrowFileIO)
    assert lent.new_input(tables["a"].metadata_location).exists()
    for other in ("ab", "b"):
        theirs = tables[other].metadata_location
        store, _, path = lent.parse_location(theirs)
        folder = fs.FileSelector(path.rpartition("/")[0])
        with pytest.raises((OSError, PermissionError), match="ACCESS_DENIED"):
            lent.new_input(theirs).open().read()
        with pytest.raises((OSError, PermissionError), match="ACCESS_DENIED"):
            _written(lent, f"{tables[other].location()}/data/mine")
        with pytest.raises((OSError, PermissionError), match="ACCESS_DENIED"):
            lent.fs_by_scheme(store, "").get_file_info(folder)


def _written(io: PyArrowFileIO, path: str) -> None:
    with io.new_output(path).create() as file:
        file.write(b"mine")


@on(*VENDING)
@pytest.mark.timeout(900)
def test_no_client_holds_a_key_of_the_store(stack: ContainerStack, name: str, tmp_path: Path) -> None:
    endpoints = stack.up(lambda event: None, lambda: False)
    assert endpoints.s3_access_key is None and endpoints.s3_secret_key is None
    assert not any("s3.secret" in key or "s3.access" in key for key in properties(endpoints))
    assert not any("S3__SECRET" in key or "S3__ACCESS" in key for key in environment(endpoints))
    file = tmp_path / ".floe-bench" / "stack" / name / "secrets.json"
    assert file.stat().st_mode & 0o777 == 0o600
    secret = endpoints.client_secret.reveal()
    assert secret in file.read_text()
    assert not any(secret in line.text for line in stack.tail(500))
    assert list(stack.tail(5))
