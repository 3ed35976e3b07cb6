"""The real app in a pseudo-terminal, and what a person would see there."""

from __future__ import annotations

import base64
import os
import re
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pyte

COLUMNS, LINES = 160, 45
PATIENCE_S = 180.0
_COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07")


@dataclass
class Screen:
    child: pexpect.spawn
    _terminal: pyte.Screen = field(default_factory=lambda: pyte.Screen(COLUMNS, LINES))
    _heard: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self._terminal)

    @property
    def text(self) -> str:
        return "\n".join(self._terminal.display)

    def look(self) -> str:
        """What is there now. A frame comes in several pieces, and half of one is nothing that a person would see."""
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            self._hear(0.1)
            for _ in range(100):
                self._hear(0.03)
        return self.text

    def _hear(self, timeout_s: float) -> None:
        heard = self.child.read_nonblocking(1_000_000, timeout=timeout_s)
        self._stream.feed(heard)
        self._heard += heard

    @property
    def clipboard(self) -> str:
        """What the terminal was told to copy last."""
        copied = _COPIED.findall(bytes(self._heard))
        return base64.b64decode(copied[-1]).decode() if copied else ""

    def until(self, claim: Callable[[str], object], what: str, *, within_s: float = PATIENCE_S) -> str:
        deadline = time.monotonic() + within_s
        while not claim(self.look()):
            assert time.monotonic() < deadline, f"never: {what}\n{self.text}"
            assert self.child.isalive(), f"the app ended before {what}\n{self.text}"
        return self.text

    def shows(self, words: str, *, within_s: float = PATIENCE_S) -> str:
        return self.until(lambda text: words in text, f"'{words}' is shown", within_s=within_s)

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def ended(self) -> int | None:
        """Its exit code, when the screen was given back."""
        deadline = time.monotonic() + PATIENCE_S
        while self.child.isalive() and time.monotonic() < deadline:
            self.look()
        assert not self.child.isalive(), f"it does not end\n{self.text}"
        self.child.close()
        return self.child.exitstatus


@contextmanager
def app(root: Path, *arguments: str) -> Iterator[Screen]:
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    environment.pop("NO_COLOR", None)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "floe_bench", *arguments],
        cwd=str(root),
        env=environment,
        # Set by the child itself too: set from outside alone it may come after the app has asked for it.
        dimensions=(LINES, COLUMNS),
        preexec_fn=lambda: termios.tcsetwinsize(0, (LINES, COLUMNS)),
        timeout=PATIENCE_S,
    )
    try:
        yield Screen(child)
    finally:
        child.close(force=True)
