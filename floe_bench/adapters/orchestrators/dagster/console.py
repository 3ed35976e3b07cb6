"""Dagster's own web interface on the project's instance and code location."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPException
from urllib.parse import quote

import psutil

from floe_bench.adapters.orchestrators.dagster.leash import PATIENCE_S
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.errors import Cancelled, ConsoleUnavailable
from floe_bench.events import ConsoleChanged
from floe_bench.model.console import Console
from floe_bench.model.stack import StackState
from floe_bench.ports.stack import Emit

HOST = "127.0.0.1"
MARK = "FLOE_BENCH_CONSOLE"
"""In the environment of everything that was started for it: whose it is."""
_READY_S = 180.0
_POLL_S = 0.1
_LAST_WORDS = 3


class WebConsole:
    """``environment`` is asked at each start: what a Dagster child of this project gets."""

    def __init__(self, place: Place, environment: Callable[[], Mapping[str, str]]) -> None:
        self._place, self._environment = place, environment
        self._log = place.project.state_dir / "logs" / "dagster-webserver.log"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._now = Console()
        self._closed = False

    def open(self, emit: Emit, cancelled: Callable[[], bool]) -> Console:
        with self._lock:
            if self._closed:
                raise Cancelled("the bench is closing")
            process = self._process
            if process is None or process.poll() is not None:
                process = self._start(emit)
        deadline = time.monotonic() + _READY_S
        while not self._answers(process):
            if cancelled():
                raise Cancelled("cancelled")
            if process.poll() is not None:
                raise self._unavailable("ended while it started")
            if time.monotonic() > deadline:
                raise self._unavailable(f"did not answer within {_READY_S:.0f} s")
            time.sleep(_POLL_S)
        if self._now.state is StackState.STARTING:
            self._become(emit, replace(self._now, state=StackState.READY, since=datetime.now(UTC)))
        return self._now

    def status(self) -> Console:
        return self._now

    def link(self, *, asset: str | None, run_id: str | None) -> str:
        if run_id:
            return f"{self._now.url}/runs/{run_id}"
        return f"{self._now.url}/assets/{quote(asset)}" if asset else self._now.url

    def close(self, *, last: bool = False) -> None:
        """``last``: it is never opened again."""
        with self._lock:
            self._closed = self._closed or last
            process = self._process
            if process is None or process.stdin is None:
                return
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(2 * PATIENCE_S)
            end_left(self._place)

    def _start(self, emit: Emit) -> subprocess.Popen[bytes]:
        end_left(self._place)
        port = _free(self._now.port)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", f"{__package__}.leash"),
                    *(sys.executable, "-m", "dagster_webserver", "-m", "floe_bench.code_location"),
                    # Not left to variables of the user's, which Dagster reads for what is not given.
                    *("--host", HOST, "--port", str(port), "--path-prefix", "", "--log-format", "json"),
                ],
                env={**self._environment(), MARK: _mark(self._place)},
                cwd=self._place.project.root,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._process = process
        url = f"http://{HOST}:{port}"
        starting = Console(StackState.STARTING, url, url, port, process.pid, str(self._log), datetime.now(UTC))
        self._become(emit, starting)
        threading.Thread(target=self._watch, args=(process, emit), name="console", daemon=True).start()
        return process

    def _watch(self, process: subprocess.Popen[bytes], emit: Emit) -> None:
        process.wait()
        ended = StackState.STOPPED if process.stdin is None or process.stdin.closed else StackState.FAILED
        self._become(emit, Console(ended, port=self._now.port, log=str(self._log), since=datetime.now(UTC)))

    def _become(self, emit: Emit, console: Console) -> None:
        self._now = console
        emit(ConsoleChanged(console))

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Ours, and nobody who took the port a moment before: that one would be there while ours ended."""
        if process.poll() is not None or not self._now.url:
            return False
        try:
            with _direct().open(f"{self._now.url}/server_info", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException, urllib.error.URLError):
            return False

    def _unavailable(self, what: str) -> ConsoleUnavailable:
        said = self._log.read_text(errors="replace").strip().splitlines() if self._log.exists() else []
        words = "".join(f"\n{line}" for line in said[-_LAST_WORDS:])
        return ConsoleUnavailable(f"Dagster's web interface {what}{words}", remedy=f"less {self._log}")


def end_left(place: Place) -> None:
    """Whatever still runs of a web interface of this project: its engine and its leash may both have been killed."""
    for process in _left(place):
        with suppress(psutil.Error):
            process.kill()


def _left(place: Place) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == _mark(place) and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def _mark(place: Place) -> str:
    return str(place.home)


def _free(before: int | None) -> int:
    """The port it had before where that is still free, so that a page in a browser comes back to life."""
    for port in (before, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe, suppress(OSError):
            if port is None:
                continue
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            found: int = probe.getsockname()[1]
            return found
    raise ConsoleUnavailable(f"no port is free on {HOST}", remedy="floe-bench doctor")


def _direct() -> urllib.request.OpenerDirector:
    """Without the proxy that the environment may name: it knows no loopback of ours."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
