"""Reading the project again soon after one of its files was saved."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from floe_bench.core.board import Board
from floe_bench.core.boot import Boot
from floe_bench.errors import BenchError
from floe_bench.events import FilesSaved, ProjectReread
from floe_bench.model.asset import Asset
from floe_bench.ports.orchestrator import Orchestrator

_LEAST_S, _MOST_S = 0.2, 3.0
_REST = 50
"""A look that took a moment is followed by so many moments of rest: two percent of one core at most."""
_SETTLE_S = 0.05
_SETTLES = 20
"""A checkout saves many files; they are taken together."""


class Rereader:
    """One thread that looks at the files. Looking works on every file system; being told does not."""

    def __init__(self, boot: Boot, board: Board, *, read: Callable[[], None]) -> None:
        """``read`` is told when assets may have another status."""
        self._boot, self._board, self._told = boot, board, read
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reread", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            rest_s = _MOST_S
            try:
                orchestrator = self._boot.orchestrator(parsed=False)
                began = time.monotonic()
                files = orchestrator.changed_files()
                rest_s = min(max(_LEAST_S, _REST * (time.monotonic() - began)), _MOST_S)
                if files:
                    self._reread(self._settled(orchestrator, files))
            except BenchError as error:  # the boot failed, which was said, or the bench is closing
                logging.getLogger(__name__).debug("%s", error)
            except Exception:  # a defect of ours: without the next look the screen would stay old
                logging.getLogger(__name__).exception("looking at the project's files failed")
            self._stop.wait(rest_s)

    def _settled(self, orchestrator: Orchestrator, files: tuple[str, ...]) -> tuple[str, ...]:
        for _ in range(_SETTLES):
            self._stop.wait(_SETTLE_S)
            before, files = files, orchestrator.changed_files()
            if files == before:
                break
        return files

    def _reread(self, files: tuple[str, ...]) -> None:
        if not files:
            return
        self._board.emit(FilesSaved(files))
        before, began = self._boot.assets or (), time.monotonic()
        if self._boot.read_project():
            took_s = time.monotonic() - began
            self._board.emit(ProjectReread(files, *compared(before, self._boot.assets or ()), took_s))
        self._told()


def compared(before: Iterable[Asset], now: Iterable[Asset]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Keys of assets that are new, are others than before, and are gone. Both as read, without status."""
    old, new = ({asset.asset: asset for asset in assets} for assets in (before, now))
    added = tuple(key for key in new if key not in old)
    changed = tuple(key for key in new if key in old and new[key] != old[key])
    return added, changed, tuple(key for key in old if key not in new)
