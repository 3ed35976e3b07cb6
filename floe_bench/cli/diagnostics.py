"""Everything that goes to stderr, and which exit code an end has."""

from __future__ import annotations

import threading

from floe_bench.cli.terminal import Terminal
from floe_bench.cli.text import ascii_glyphs, cut, plain
from floe_bench.errors import BenchError, Cancelled

EXIT_CODES: dict[int, str] = {
    0: "success; also `status`, `down`, `logs` and `cancel` when nothing runs",
    1: "failed: a run, a table, a query, or a `doctor` finding",
    2: "usage: the command was called wrongly, or needs a terminal",
    3: "stack: the lakehouse or the engine is not there",
    4: "project: no project here, or one that cannot be read",
    10: "stopped at a breakpoint: `step` only",
    130: "cancelled: by Ctrl-C, by `cancel`, or at a question",
    141: "whoever read the output went away",
}
BROKEN_PIPE = 141
AT_BREAKPOINT = 10


class Diagnostics:
    """Progress is one line that changes on a terminal, and plain lines elsewhere. Thread-safe."""

    def __init__(self, terminal: Terminal, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._terminal = terminal
        self._lock = threading.Lock()
        self._drawn = False

    def say(self, text: str) -> None:
        if not self.quiet:
            self._line(plain(text))

    def changing(self, text: str) -> None:
        """What happens right now. Drawn only where it can be taken away again."""
        if self.quiet or not self._terminal.err_is_tty:
            return
        with self._lock:
            shown = cut(plain(text), self._terminal.width - 1)
            self._terminal.err.write(f"\r\x1b[2K{self._dim(self._glyphs(shown))}")
            self._terminal.err.flush()
            self._drawn = True

    def passed(self, text: str) -> None:
        """What just ended. On a terminal the changing line has shown it already."""
        if not self._terminal.err_is_tty:
            self.say(text)

    def clear(self) -> None:
        with self._lock:
            self._erase()

    def problem(self, error: BenchError) -> None:
        """Always shown, also when quiet."""
        if isinstance(error, Cancelled):  # what the user did is no error, and the terminal has just echoed ^C
            self._line(("\n" if self._terminal.err_is_tty else "") + _lines(error.message))
        else:
            self._line(f"{self._red('error:')} {_lines(error.message)}")
        if error.where:
            self._line(f"  at {plain(error.where)}")
        if error.remedy:
            self._line(f"  next: {plain(error.remedy)}")

    def _line(self, text: str) -> None:
        with self._lock:
            self._erase()
            self._terminal.err.write(self._glyphs(text) + "\n")
            self._terminal.err.flush()

    def _erase(self) -> None:
        if self._drawn:
            self._terminal.err.write("\r\x1b[2K")
            self._terminal.err.flush()
            self._drawn = False

    def _glyphs(self, text: str) -> str:
        return text if self._terminal.unicode else ascii_glyphs(text)

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._terminal.colour else text

    def _red(self, text: str) -> str:
        return f"\x1b[31m{text}\x1b[0m" if self._terminal.colour and self._terminal.err_is_tty else text


def _lines(message: str) -> str:
    """A message may have lines of its own (dbt's do); each is made harmless, none is lost."""
    return "\n  ".join(plain(line) for line in message.splitlines())


def error_object(error: BenchError) -> dict[str, object]:
    """What stdout gets with ``--json`` when a command fails, beside the text on stderr."""
    return {
        "error": {"kind": error.kind, "message": error.message, "remedy": error.remedy, "where": error.where},
    }
