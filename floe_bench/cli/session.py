"""What one command line is about: the project, the options, and the way to a bench."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from floe_bench.cli.boot import BootProgress
from floe_bench.cli.diagnostics import Diagnostics
from floe_bench.cli.output import Output
from floe_bench.cli.terminal import Terminal
from floe_bench.config.project import find_project
from floe_bench.config.settings import DEFAULT, Settings, load_settings
from floe_bench.dataclass import dataclass
from floe_bench.errors import EngineError
from floe_bench.events import Event
from floe_bench.model.project import Project

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


class Connect(Protocol):
    def __call__(
        self, project: Project, *, stack: str | None, start: bool, on_event: Callable[[Event], None] | None
    ) -> BenchClient | None:
        """None when no engine runs and none may be started. ``stack`` None: nobody chose one."""


def _to_engine(
    project: Project, *, stack: str | None, start: bool, on_event: Callable[[Event], None] | None
) -> BenchClient | None:
    from floe_bench.engine.reach import connect

    return connect(project, stack=stack, start=start, on_event=on_event)


def _in_app(connect: Callable[[], BenchClient], theme: str | None, choose_stack: Callable[[str], None]) -> int:
    from floe_bench.cli.screen import show

    return show(connect, theme, choose_stack)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways out of a command line: to an engine, to the app, to the clock, to the next look."""

    connect: Connect = _to_engine
    app: Callable[[Callable[[], BenchClient], str | None, Callable[[str], None]], int] = _in_app
    now: Callable[[], datetime] = _utc_now
    pause: Callable[[float], None] = time.sleep


class Session:
    """The click context object. Options fill it; it may be read once they are parsed."""

    def __init__(self, doors: Doors, terminal: Terminal, environ: Mapping[str, str] = os.environ) -> None:
        self.doors = doors
        self.terminal = terminal
        self.path: Path | None = None
        self.stack: str | None = None
        self.as_json = False
        self.plain = False
        """The app as lines."""
        self.colourless = False
        self.diagnostics = Diagnostics(terminal)
        self.out = Output(terminal, before_write=self.diagnostics.clear)
        self._environ = environ

    def draw_with(self, terminal: Terminal) -> None:
        """From here on, as for that terminal."""
        self.terminal = terminal
        self.diagnostics = Diagnostics(terminal, quiet=self.diagnostics.quiet)
        self.out = Output(terminal, before_write=self.diagnostics.clear)

    @property
    def environ(self) -> Mapping[str, str]:
        return self._environ

    def now(self) -> datetime:
        return self.doors.now()

    def say(self, text: str) -> None:
        self.diagnostics.say(text)

    @cached_property
    def settings(self) -> Settings:
        return load_settings(self._found.root, environ=self._environ, flags={"stack": self.stack})

    @cached_property
    def project(self) -> Project:
        return replace(self._found, dagster_module=self.settings.dagster_module)

    @property
    def _chosen_stack(self) -> str | None:
        """None where only the default speaks: a bench that runs on another stack is taken as it is."""
        return None if self.settings.origin["stack"] == DEFAULT else self.settings.stack

    @cached_property
    def _found(self) -> Project:
        return find_project(self.path)

    def open(self, folder: Path) -> None:
        """Take that folder from here on."""
        self.path = folder
        for known in ("settings", "project", "_found"):
            self.__dict__.pop(known, None)

    def choose_stack(self, name: str) -> None:
        """Engines that are started from here on run that one."""
        self.stack = name
        self.__dict__.pop("settings", None)

    def connect(self) -> BenchClient:
        """A client that starts an engine where none runs, without a word about it."""
        return _client(self.doors.connect(self.project, stack=self._chosen_stack, start=True, on_event=None))

    @contextmanager
    def bench(self, *, booted: bool = True) -> Iterator[BenchClient]:
        """A bench; started where none runs, and its boot shown unless nobody waits for it."""
        progress = BootProgress(self.diagnostics, since=self.now()) if booted else None
        client = _client(self.doors.connect(self.project, stack=self._chosen_stack, start=True, on_event=progress))
        with _closing(client):
            yield client

    @contextmanager
    def running_bench(self) -> Iterator[BenchClient | None]:
        """The bench that runs already; never starts one."""
        client = self.doors.connect(self.project, stack=self._chosen_stack, start=False, on_event=None)
        if client is None:
            yield None
            return
        with _closing(client):
            yield client


def _client(client: BenchClient | None) -> BenchClient:
    if client is None:
        raise EngineError("the engine did not start", remedy="floe-bench doctor")
    return client


@contextmanager
def _closing(client: BenchClient) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError):  # whoever goes does not wait for the stack to stop
        client.close(wait=False)
        raise
    except BaseException:
        client.close()
        raise
    else:
        client.close()
