"""A stack that takes requests and answers none: whoever waits for it shall know since when."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from floe_bench.core.board import Board
from floe_bench.errors import BenchError
from floe_bench.events import STORAGE, ProblemFound, ProblemSolved
from floe_bench.ports.stack import CanTellSilence, Stack
from floe_bench.state import active_runs, silence

_LOOK_S = 1.0
_LOOKS = 2
"""Silent looks in a row before it is said: a busy machine may be slow once."""


class SilenceWatch:
    """One thread. It looks while a run is going, and goes on while somebody was told to wait."""

    def __init__(self, board: Board, stack: Stack) -> None:
        self._board, self._stack = board, stack
        self._stop = threading.Event()
        self._since: datetime | None = None
        self._looks = 0
        self._thread = threading.Thread(target=self._work, name="silence", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _work(self) -> None:
        stack = self._stack
        while isinstance(stack, CanTellSilence) and not self._stop.wait(_LOOK_S):
            if not active_runs(self._board.state) and silence(self._board.state) is None:
                self._looks = 0
                continue
            began = datetime.now(UTC)
            try:
                self._heard(stack.silent(), began)
            except BenchError as error:  # it is down, which others say
                logging.getLogger(__name__).debug("%s", error)
            except Exception:  # a defect of ours: the next look may go well, and nobody else looks
                logging.getLogger(__name__).exception("looking whether the stack answers failed")

    def _heard(self, what: str, began: datetime) -> None:
        if not what:
            self._looks = 0
            if silence(self._board.state) is not None:
                self._board.emit(ProblemSolved(STORAGE))
            return
        self._looks += 1
        if self._looks == 1:
            self._since = began
        since = self._since or began
        if self._looks >= _LOOKS and silence(self._board.state) is None:
            said = f"waiting for {what} since {since.astimezone():%H:%M:%S}"
            remedy = "it goes on when that answers; or floe-bench cancel --all"
            self._board.emit(ProblemFound(STORAGE, said, remedy, at=since))
