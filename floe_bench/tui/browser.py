"""A page in the user's browser, without a word of it on the screen."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping

_SETTLE_S = 1.0
"""What ends sooner, and badly, opened nothing."""


def browsed(url: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a program took the page: of ``$BROWSER``, as other programs read it, or the desktop's own.

    The standard library's ``webbrowser`` would start lynx or w3m on this very terminal.
    """
    return any(_started(command) for command in _commands(url, environ))


def _commands(url: str, environ: Mapping[str, str]) -> Iterator[list[str]]:
    for named in environ.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(named)
        except ValueError:
            continue
        if words:
            yield [word.replace("%s", url) for word in words] if "%s" in named else [*words, url]
    if sys.platform == "darwin":
        yield ["open", url]
    elif environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        yield ["xdg-open", url]


def _started(command: list[str]) -> bool:
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    except OSError:
        return False
    try:
        return process.wait(_SETTLE_S) == 0
    except subprocess.TimeoutExpired:
        return True
