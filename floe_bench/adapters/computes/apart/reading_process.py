"""A process that reads, as the engine holds it."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from itertools import count
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Any

import psutil

from floe_bench.adapters.computes.apart.last_words import last_words
from floe_bench.adapters.computes.apart.wire import Call, Hello, Said, Stop
from floe_bench.errors import Cancelled, by_kind
from floe_bench.ports.compute import Told, nobody

log = logging.getLogger(__name__)
_PROGRAM = "floe_bench.adapters.computes.apart.reading_program"
_LOOK_EVERY_S = 0.05
_PATIENCE_S = 5.0
"""How long a call may take to end once it is asked to."""
_END_S = 60.0
_STILL_S, _STIR_S = 120.0, 0.2
"""A process that answers nobody and takes less time of a processor than that, for that long, stands still: DuckDB waits
for itself where a store answers for a missing file as it does not expect. A store that is away is given up sooner.
"""
_PULSE_EVERY_S = 1.0


class Ended(Exception):
    """The process ended before it answered; says its last words."""


class StoodStill(Ended):
    """It was killed since it would never have answered."""


class ReadingProcess:
    """Answers any number of calls at once. Thread-safe."""

    def __init__(self, hello: Hello, *, hide: Callable[[str], str]) -> None:
        self._hide = hide
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._line, theirs = Pipe()
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._sending = threading.Lock()
        self._numbers = count()
        self._waiting: dict[int, SimpleQueue[Said | None]] = {}
        self._over = False
        self._pulse = Pulse(self._child.pid)
        self._line.send(hello)
        listen = (self._line, self._waiting)
        threading.Thread(target=_listen, args=listen, name="reading-process", daemon=True).start()
        # Whoever forgets to close leaves nothing behind.
        weakref.finalize(self, _end, self._child)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def over(self) -> bool:
        return self._over or self._child.poll() is not None

    def call(self, method: str, *given: Any, cancelled: Callable[[], bool], told: Told = nobody, **named: Any) -> Any:
        """Raises what the method raises, Cancelled, or Ended."""
        if cancelled():
            raise Cancelled("the query was cancelled")
        number, answers = next(self._numbers), SimpleQueue[Said | None]()
        if not self._waiting:
            self._pulse.begin()
        self._waiting[number] = answers
        try:
            self._send(Call(number, method, given, named, told is not nobody))
            while (said := self._next(number, answers, cancelled)).percent is not None:
                told(said.percent)
        finally:
            del self._waiting[number]
        if said.fault is not None:
            raise by_kind(said.fault.kind)(said.fault.message, remedy=said.fault.remedy)
        return said.value

    def kill(self) -> None:
        """And wait until it is gone."""
        self._over = True
        _end(self._child)

    def _next(self, number: int, answers: SimpleQueue[Said | None], cancelled: Callable[[], bool]) -> Said:
        give_up_at = None
        while True:
            try:
                said = answers.get(timeout=_LOOK_EVERY_S)
            except Empty:
                if give_up_at is None and cancelled():
                    self._send(Stop(number))
                    give_up_at = time.monotonic() + _PATIENCE_S
                elif give_up_at is not None and time.monotonic() > give_up_at:
                    # Who else waits for this process asks again, of another one.
                    self.kill()
                    raise Cancelled(
                        "the query was cancelled; it did not end by itself, so its process was killed"
                    ) from None
                elif self._pulse.stands_still():
                    self.kill()
                    raise StoodStill("it did not go on, and waited for nobody") from None
                continue
            if said is None:
                raise self._ended()
            return said

    def _send(self, message: Call | Stop) -> None:
        try:
            with self._sending:
                self._line.send(message)
        except OSError:
            raise self._ended() from None

    def _ended(self) -> Ended:
        self.kill()
        words = self._hide(last_words(self._errors, self._child.returncode))
        log.warning("a process that reads ended: %s", words)
        return Ended(words)


class Pulse:
    """Whether a process does anything, by the processor time that it takes. Thread-safe."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._lock = threading.Lock()
        self._spent_s = self._moved_at = self._look_at = 0.0

    def begin(self) -> None:
        with self._lock:
            self._look_at = now = time.monotonic()
            self._spent_s, self._moved_at = self._spent(), now

    def stands_still(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now < self._look_at:
                return False
            self._look_at = now + _PULSE_EVERY_S
            spent_s = self._spent()
            if spent_s > self._spent_s + _STIR_S:
                self._spent_s, self._moved_at = spent_s, now
            return now > self._moved_at + _STILL_S

    def _spent(self) -> float:
        try:
            times = psutil.Process(self._pid).cpu_times()
        except psutil.Error:
            return 0.0  # it is gone, which who waits for it hears anyway
        return float(times.user + times.system)


def _listen(line: Connection, waiting: dict[int, SimpleQueue[Said | None]]) -> None:
    """Until the other end is closed: None is for all that wait then."""
    try:
        while True:
            said: Said = line.recv()
            if waits := waiting.get(said.number):
                waits.put(said)
    except (EOFError, OSError):
        for waits in list(waiting.values()):
            waits.put(None)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
    child.wait(_END_S)
