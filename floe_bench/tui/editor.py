"""How the user's editor is told to open a file at a line."""

from __future__ import annotations

import shlex
from pathlib import Path, PurePath

_PLUS = {
    "vi", "vim", "nvim", "view", "gvim", "mvim", "ex", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe",
    "ne", "mg", "jed", "gedit", "kate", "mcedit",
}  # fmt: skip
"""``+LINE FILE``."""
_COLON = {"hx", "helix", "subl", "zed", "zeditor", "mate"}
"""``FILE:LINE``."""
_GOTO = {"code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron"}
"""``--goto FILE:LINE``."""
_LINE = {"idea", "pycharm", "charm", "datagrip", "goland", "webstorm", "rubymine", "clion"}
"""``--line LINE FILE``."""


def command(editor: str, path: Path, line: int | None = None) -> list[str]:
    """``editor`` is as in ``$EDITOR``, with its arguments. One that is not known gets the file alone."""
    words, file = shlex.split(editor), str(path)
    match _way(words) if line is not None else None:
        case "plus":
            return [*words, f"+{line}", file]
        case "colon":
            return [*words, f"{file}:{line}"]
        case "goto":
            return [*words, "--goto", f"{file}:{line}"]
        case "line":
            return [*words, "--line", str(line), file]
    return [*words, file]


def takes_line(editor: str) -> bool:
    return _way(shlex.split(editor)) is not None


def _way(words: list[str]) -> str | None:
    name = PurePath(words[0]).stem if words else ""
    ways = {"plus": _PLUS, "colon": _COLON, "goto": _GOTO, "line": _LINE}
    return next((way for way, names in ways.items() if name in names), None)
