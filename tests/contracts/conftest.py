"""A lakehouse of the session's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from floe_bench.adapters.stacks.process import ProcessStack
from floe_bench.adapters.stacks.spec import load_spec
from floe_bench.model.stack import Endpoints


@pytest.fixture(scope="session")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    stack = ProcessStack(load_spec("embedded"), state_dir=tmp_path_factory.mktemp("lakehouse"))
    try:
        yield stack.up(lambda event: None, lambda: False)
    finally:
        stack.down()
