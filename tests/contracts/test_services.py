"""The services of a stack through the engine: one is stopped, left so, and started again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from floe_bench.errors import NoSuchService
from floe_bench.events import ProblemFound, ProblemSolved
from floe_bench.model.stack import StackState
from tests.contracts.workbench import Workbench, eventually, opened, shop


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("services") / "shop")) as found:
        found.run()
        yield found


def test_a_service_tells_what_it_runs_and_what_it_takes(bench: Workbench) -> None:
    (weed,) = bench.client.services.status().services
    assert (weed.service, weed.image, weed.state) == ("weed", "weed", StackState.READY)
    assert weed.memory_bytes is not None and weed.memory_bytes > 10_000_000
    assert bench.client.logs("weed", 5)


def test_a_service_that_was_stopped_stays_so_until_somebody_starts_it(bench: Workbench) -> None:
    tables = bench.client.tables()
    before = bench.client.status().services[0].pid
    stopped = bench.client.services.stop("SeaweedFS")
    assert stopped.state is StackState.STOPPED
    assert eventually(lambda: bench.events(ProblemFound))
    # The engine looks for its catalog every three seconds, and starts a stack that ended by itself.
    assert not eventually(lambda: bench.client.status().state is not StackState.STOPPED, within_s=4.5)
    assert bench.client.services.restart("weed").state is StackState.READY
    (weed,) = bench.client.status().services
    assert weed.pid not in (None, before)
    assert bench.client.tables() == tables
    assert eventually(lambda: bench.events(ProblemSolved))


def test_up_starts_what_was_stopped(bench: Workbench) -> None:
    bench.client.services.stop("weed")
    try:
        assert bench.client.keep(True).state is StackState.READY
    finally:
        bench.client.keep(False)


def test_a_name_that_no_service_has_lists_those_there_are(bench: Workbench) -> None:
    with pytest.raises(NoSuchService, match="it has weed"):
        bench.client.services.restart("minio")
