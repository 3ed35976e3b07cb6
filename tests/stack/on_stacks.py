"""Every stack of containers whose images are on this machine, each started once for the whole session."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.adapters.stacks.container.daemon import open_daemon
from floe_bench.adapters.stacks.container.image import candidates, present
from floe_bench.adapters.stacks.container.settings import ContainerSettings
from floe_bench.adapters.stacks.container.stack import ContainerStack
from floe_bench.adapters.stacks.spec import load_spec, specs
from floe_bench.errors import StackUnavailable
from floe_bench.model.stack import Endpoints

ALL = tuple(spec.name for spec in specs() if spec.driver == "container")
CHOSEN = tuple(name for name in os.environ.get("FLOE_BENCH_TEST_STACKS", ",".join(ALL)).split(",") if name)


def absent(name: str) -> str:
    """Why that stack cannot start here; empty when it can."""
    try:
        client = open_daemon()
    except StackUnavailable as error:
        return error.message
    settings = ContainerSettings.read(load_spec(name))
    missing = [each for each in settings.services if present(client, each) is None]
    return "; ".join(f"no image of {each.title} ({' or '.join(candidates(each))})" for each in missing)


@pytest.fixture(scope="session", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in CHOSEN])
def endpoints(request: pytest.FixtureRequest) -> Iterator[Endpoints]:
    """Of one stack after the other."""
    if reason := absent(request.param):
        pytest.skip(f"{request.param}: {reason}")
    folder = Path(tempfile.mkdtemp(prefix="floe-stack-"))
    stack = ContainerStack(load_spec(request.param), state_dir=folder)
    try:
        yield stack.up(lambda event: None, lambda: False)
    finally:
        stack.reset()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def lakehouse(endpoints: Endpoints) -> Endpoints:
    return endpoints
