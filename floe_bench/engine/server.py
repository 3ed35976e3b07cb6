"""Serving a bench to its clients."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from inspect import signature
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from floe_bench.core.bench import LocalBench
from floe_bench.engine import protocol
from floe_bench.engine.protocol import ATTEND, EVENTS, LEAVE, VERBS, Greeting, Request
from floe_bench.errors import BenchError, EngineError, UsageError

_FIRST_CLIENT_S = 30.0
"""How long an engine that nobody ever came to waits."""


class Server:
    """Accepts until it is ``ended``: by ``shutdown``, or because the last client left and nobody asked to keep it."""

    def __init__(self, bench: LocalBench, *, path: Path, stack: str, clean: Callable[[str], str]) -> None:
        self._bench, self._path, self._stack, self._clean = bench, path, stack, clean
        self._build = protocol.build()
        self._attending = 0
        self._closing = False
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._nobody_came = threading.Timer(_FIRST_CLIENT_S, self._end_if_alone)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def listen(self) -> None:
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(self._path))
        finally:
            os.umask(before)
        self._socket.listen(64)
        self._nobody_came.daemon = True
        self._nobody_came.start()
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def wait(self) -> None:
        self._ended.wait()

    def close(self) -> None:
        """No new client from here on; those that wait see the end of their connection when the process ends."""
        self._nobody_came.cancel()
        self._path.unlink(missing_ok=True)
        self._socket.close()

    def end(self) -> None:
        self._ended.set()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # A client may vanish at any byte.
        with connection, suppress(BrokenPipeError, ConnectionResetError):
            asked = connection.makefile("rb").readline()
            if not asked:
                return
            try:
                request = msgspec.json.decode(asked, type=Request)
            except msgspec.MsgspecError as error:
                connection.sendall(protocol.error_line(UsageError(f"not a request: {error}")))
                return
            if request.verb == ATTEND:
                self._attend(connection)
            elif request.verb == EVENTS:
                self._stream(connection)
            else:
                self._answer_once(connection, request)

    def _answer_once(self, connection: socket.socket, request: Request) -> None:
        last = request.verb in ("shutdown", "reset")
        if last:
            with self._lock:
                self._closing = True
        try:
            connection.sendall(self._answer(connection, request))
        finally:
            if last:
                self._ended.set()

    def _attend(self, connection: socket.socket) -> None:
        with self._lock:
            if self._ended.is_set() or self._closing:
                return  # no greeting: the client starts a new engine, which waits for this one's end
            self._attending += 1
        try:
            connection.sendall(protocol.line(**msgspec.to_builtins(Greeting(os.getpid(), self._build, self._stack))))
            said = connection.makefile("rb").readline()
            if LEAVE.encode() in said:
                connection.sendall(protocol.line(last=self._leave()))
                # Held open to the end: the client sees when the engine is gone.
                self._ended.wait(timeout=0.5)
                if self._ended.is_set():
                    threading.Event().wait()
                return
        except ConnectionResetError:
            pass
        self._leave()

    def _leave(self) -> bool:
        with self._lock:
            self._attending -= 1
            last = self._attending == 0 and not self._bench.kept
            if last:
                self._ended.set()
        return last

    def _end_if_alone(self) -> None:
        with self._lock:
            alone = self._attending == 0 and not self._bench.kept
        if alone:
            self._ended.set()

    def _stream(self, connection: socket.socket) -> None:
        with _gone(connection) as gone:
            for event in self._bench.events(gone.is_set):
                connection.sendall(protocol.event_line(event))

    def _answer(self, connection: socket.socket, request: Request) -> bytes:
        try:
            if request.verb not in VERBS:
                raise UsageError(f"the engine has no verb '{request.verb}'")
            arguments = protocol.arguments(request.verb, request.args)
            verb = attrgetter(request.verb)(self._bench)
            if "cancelled" not in signature(verb).parameters:
                return protocol.line(result=verb(**arguments))
            with _gone(connection) as gone:
                return protocol.line(result=verb(**arguments, cancelled=gone.is_set))
        except BenchError as error:
            return protocol.error_line(_cleaned(error, self._clean))
        except Exception as error:
            import logging

            logging.getLogger(__name__).exception("%s failed", request.verb)
            said = self._clean(f"{type(error).__name__}: {error}")
            return protocol.error_line(
                EngineError(f"{request.verb} failed: {said}", remedy="floe-bench logs --source engine")
            )


def _cleaned(error: BenchError, clean: Callable[[str], str]) -> BenchError:
    return type(error)(clean(error.message), remedy=error.remedy, where=error.where)


@contextmanager
def _gone(connection: socket.socket) -> Iterator[Any]:
    """An event that is set when the client closed its side."""
    gone, done = threading.Event(), threading.Event()

    def watch() -> None:
        connection.settimeout(0.2)
        while not done.is_set():
            try:
                if not connection.recv(1, socket.MSG_PEEK):
                    gone.set()
                    return
            except TimeoutError:
                continue
            except OSError:
                gone.set()
                return

    watcher = threading.Thread(target=watch, name="client-watch", daemon=True)
    watcher.start()
    try:
        yield gone
    finally:
        done.set()
        watcher.join()
        with suppress(OSError):
            connection.settimeout(None)
