"""A lakehouse of the session's own; and each file's tests in one process, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.model.stack import Endpoints

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # xdist writes the groups into the names of the tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests share an engine: spread over processes they would start one in each, and what they do to its
    project would come in another order each time.
    """
    for item in items:
        if item.path.parent == HERE and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    stack = ProcessStack(load_spec("embedded"), state_dir=tmp_path_factory.mktemp("lakehouse"))
    try:
        yield stack.up(lambda event: None, lambda: False)
    finally:
        stack.down()
