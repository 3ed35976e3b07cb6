"""A command line under test: the real one, in this process, in front of a fake engine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from floe_bench.cli.main import run
from floe_bench.cli.session import Doors
from floe_bench.cli.terminal import Terminal
from tests.fake_engine import FakeEngine

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class CommandLine:
    def __init__(self, engine: FakeEngine | None = None) -> None:
        self.engine = engine or FakeEngine()
        self.pause: Callable[[float], None] = lambda wait_s: None
        self.apps: list[tuple[Callable[[], BenchClient], str | None]] = []

    @property
    def bench(self) -> Any:
        return self.engine.bench

    def __call__(
        self, *arguments: str, environ: Mapping[str, str] | None = None, tty: bool = False, width: int = 120
    ) -> Outcome:
        out, err = _stream(), _stream()
        terminal = Terminal(
            out=out,
            err=err,
            in_is_tty=tty,
            out_is_tty=tty,
            err_is_tty=tty,
            colour=tty and not (environ or {}).get("NO_COLOR"),
            unicode=True,
            width=width,
        )
        doors = Doors(connect=self.engine.connect, app=self._app, now=self.engine.bench.clock, pause=self.pause)
        with redirect_stdout(out), redirect_stderr(err):
            code = run(arguments, doors=doors, environ=environ or {}, terminal=terminal)
        return Outcome(code, _written(out), _written(err))

    def _app(self, connect: Callable[[], BenchClient], theme: str | None, choose_stack: Callable[[str], None]) -> int:
        self.apps.append((connect, theme))
        return 0


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
