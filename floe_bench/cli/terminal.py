"""What stands at the other end of the three standard streams."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Terminal:
    """``colour`` follows NO_COLOR and TERM=dumb; ``unicode`` is False where glyphs would come out as question marks."""

    out: TextIO
    err: TextIO
    in_is_tty: bool
    out_is_tty: bool
    err_is_tty: bool
    colour: bool
    unicode: bool
    width: int
    in_browser: bool = False
    """Nobody sees these streams: the app talks through them to ``floe-bench web``, and that to a page."""

    @property
    def interactive(self) -> bool:
        return self.in_browser or (self.in_is_tty and self.out_is_tty)

    @classmethod
    def of_process(cls, environ: Mapping[str, str]) -> Terminal:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        dumb = environ.get("TERM") == "dumb"
        return cls(
            out=sys.stdout,
            err=sys.stderr,
            in_is_tty=sys.stdin is not None and sys.stdin.isatty(),
            out_is_tty=sys.stdout.isatty(),
            err_is_tty=sys.stderr.isatty() and not dumb,
            colour=not environ.get("NO_COLOR") and not dumb,
            unicode="utf" in (sys.stdout.encoding or "").lower(),
            width=shutil.get_terminal_size((100, 24)).columns,
            in_browser=in_browser(environ),
        )


def in_browser(environ: Mapping[str, str]) -> bool:
    """Whether textual-serve started this process for a page."""
    return "web_driver" in environ.get("TEXTUAL_DRIVER", "")
