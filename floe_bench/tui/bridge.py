"""The only caller of a Bench: every call in a thread of its own, every answer a message to the app. What is worked out
beside the screen goes the same way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING

from textual.message import Message

from floe_bench.errors import BenchError
from floe_bench.events import Event
from floe_bench.model.snapshot import Diff
from floe_bench.tui.inbox import Inbox
from floe_bench.tui.inspection import Answer
from floe_bench.tui.messages import Closed, Done, Linked, Read, Unlinked
from floe_bench.tui.view import Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


class Bridge:
    """Threads are daemons: a call that never answers cannot keep the screen from closing."""

    def __init__(self, connect: Callable[[], BenchClient], *, inbox: Inbox, post: Callable[[Message], object]) -> None:
        self._connect = connect
        self._inbox = inbox
        self._post = post
        self._lock = Lock()
        self._client: BenchClient | None = None
        self._follower: Thread | None = None
        self._generation = 0
        self._numbers: dict[str, int] = {}

    def start(self) -> int:
        """Connect and follow, in the background; the generation that its messages carry."""
        with self._lock:
            self._generation += 1
            generation, before, self._client = self._generation, self._client, None
            self._numbers = {key: number + 1 for key, number in self._numbers.items()}
        self._follower = self._spawn(lambda: self._follow(generation, before), "follow")
        return generation

    def read(self, key: str, call: Callable[[BenchClient], Event | Diff | Answer]) -> int:
        """A numbered read; a later one with the same key makes its answer a late one."""
        with self._lock:
            number = self._numbers[key] = self._numbers.get(key, 0) + 1
            client = self._client
        self._spawn(lambda: self._answer(key, number, client, call), f"read {key}")
        return number

    def inspect(self, key: str, call: Callable[[BenchClient, Callable[[], bool]], Answer | Diff]) -> int:
        """As ``read``, of something that may be big; ``call`` is told when a later one, or ``drop``, cancelled it."""
        with self._lock:
            number = self._numbers[key] = self._numbers.get(key, 0) + 1
            client = self._client
        told = lambda asked: call(asked, lambda: not self.is_latest(key, number))  # noqa: E731
        self._spawn(lambda: self._answer(key, number, client, told), f"inspect {key}")
        return number

    def work_out(self, key: str, call: Callable[[], Answer]) -> int:
        """As ``read``, of something that asks nobody and takes longer than a frame."""
        with self._lock:
            number = self._numbers[key] = self._numbers.get(key, 0) + 1
        self._spawn(lambda: self._worked_out(key, number, call), f"work out {key}")
        return number

    def drop(self, key: str) -> None:
        """Nobody waits for that read any more."""
        with self._lock:
            self._numbers[key] = self._numbers.get(key, 0) + 1

    def is_latest(self, key: str, number: int) -> bool:
        with self._lock:
            return self._numbers.get(key) == number

    def tell(self, call: Callable[[BenchClient], None]) -> None:
        """Something that nobody waits for. An engine that is away does not hear it."""
        with self._lock:
            client = self._client
        if client is not None:
            self._spawn(lambda: _told(client, call), "tell")

    def do(self, verb: str, call: Callable[[BenchClient], str | None]) -> None:
        """A verb that changes something; ends with exactly one ``Done``, which says what ``call`` returned."""
        with self._lock:
            client = self._client
        self._spawn(lambda: self._finish(verb, client, call), verb)

    def close(self) -> None:
        """Let go of the engine in the background, also of one that is still being started; then ``Closed``."""
        with self._lock:
            self._generation += 1
            client, self._client = self._client, None
            follower = self._follower
        self._spawn(lambda: self._close(client, follower), "close")

    def _follow(self, generation: int, before: BenchClient | None) -> None:
        try:
            if before is not None:
                _let_go(before)
            client = self._connect()
            if not self._take(generation, client):
                _let_go(client)
                return
            self._send(Linked(generation))
            for event in client.events():
                self._inbox.put(generation, event)
            self._send(Unlinked(generation, Trouble("The engine ended.", "floe-bench logs engine")))
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the screen shows what it was
            self._send(Unlinked(generation, trouble_of(error)))

    def _take(self, generation: int, client: BenchClient) -> bool:
        with self._lock:
            if generation != self._generation:
                return False
            self._client = client
            return True

    def _answer(
        self, key: str, number: int, client: BenchClient | None, call: Callable[[BenchClient], Event | Diff | Answer]
    ) -> None:
        answer: Event | Diff | Answer | Trouble
        try:
            answer = _GONE if client is None else call(client)
        except Exception as error:  # noqa: BLE001 - as in _follow
            answer = trouble_of(error)
        self._send(Read(key, number, answer))

    def _worked_out(self, key: str, number: int, call: Callable[[], Answer]) -> None:
        answer: Answer | Trouble
        try:
            answer = call()
        except Exception as error:  # noqa: BLE001 - as in _follow
            answer = trouble_of(error)
        self._send(Read(key, number, answer))

    def _finish(self, verb: str, client: BenchClient | None, call: Callable[[BenchClient], str | None]) -> None:
        try:
            done = Done(verb, "", _GONE) if client is None else Done(verb, call(client) or "")
        except Exception as error:  # noqa: BLE001 - as in _follow
            done = Done(verb, "", trouble_of(error))
        self._send(done)

    def _close(self, client: BenchClient | None, follower: Thread | None) -> None:
        if client is not None:
            _let_go(client)
        elif follower is not None:
            follower.join()
        self._send(Closed())

    def _send(self, message: Message) -> None:
        try:
            self._post(message)
        except RuntimeError:
            return  # the screen is gone, and its event loop with it

    def _spawn(self, target: Callable[[], None], name: str) -> Thread:
        thread = Thread(target=target, name=f"bench {name}", daemon=True)
        thread.start()
        return thread


_GONE = Trouble("The engine is not there.", "press r to connect again")


def _told(client: BenchClient, call: Callable[[BenchClient], None]) -> None:
    with suppress(BenchError):  # whoever waits for an answer is told that the engine is away
        call(client)


def _let_go(client: BenchClient) -> None:
    with suppress(Exception):  # leaving anyway; an engine without clients ends by itself
        client.close()


def trouble_of(error: Exception) -> Trouble:
    if isinstance(error, BenchError):
        return Trouble(error.message, error.remedy, error.where)
    return Trouble(f"{type(error).__name__}: {error}", "floe-bench doctor")
