"""What the bench believes stays true after it was told nothing for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

from floe_bench.core.board import Board
from floe_bench.core.boot import Boot
from floe_bench.core.refresh import CATALOG, STACK, Refresher
from floe_bench.errors import CatalogUnreachable, StackUnavailable


class AwayBoot:
    """A lakehouse whose catalog is silent, and whose daemon cannot start it again, until it is ``back``."""

    stopping = False
    assets = ()

    def __init__(self) -> None:
        self.back = False
        self.revived = 0

    def orchestrator(self, *, parsed: bool = True) -> object:
        return SimpleNamespace(materializations=dict, snapshot_links=dict)

    def catalog(self) -> object:
        if not self.back:
            raise CatalogUnreachable("no answer")
        return SimpleNamespace(tables=tuple, look=lambda first: ())

    def revive(self) -> None:
        self.revived += 1
        if not self.back:
            raise StackUnavailable("the Docker daemon does not answer", remedy="sudo systemctl start docker")


def until(claim: Callable[[], object], wake: Callable[[], None]) -> None:
    deadline = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < deadline
        wake()
        time.sleep(0.02)


def test_a_stack_that_cannot_be_started_again_is_said_and_tried_again_and_solved() -> None:
    boot, board = AwayBoot(), Board()
    refresher = Refresher(cast(Boot, boot), board, taken_back=dict, is_published=lambda name: True)
    refresher.start()
    try:
        until(lambda: boot.revived >= 2, refresher.all_changed)
        found = {each.about: each for each in board.state.problems}
        assert set(found) == {CATALOG, STACK}
        assert (found[STACK].message, found[STACK].remedy) == (
            "the Docker daemon does not answer",
            "sudo systemctl start docker",
        )
        boot.back = True
        until(lambda: not board.state.problems, refresher.all_changed)
    finally:
        refresher.stop()
