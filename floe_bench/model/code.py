"""The code of one node: as it was written, as it was run, and as it was run before."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """``source`` is the text as that run read it, else as the project has it now; cut where it is very long (a seed).

    ``compiled`` is empty where nothing was compiled (a source, a Python asset, a node that was skipped). ``path`` is
    relative to the dbt folder, ``compiled_path`` absolute. ``previous`` is the compiled text of the newest earlier run
    that compiled the node; None when there is none.
    """

    node_id: str
    kind: str
    source: str = ""
    path: str = ""
    run_id: str | None = None
    """The run that compiled it."""
    compiled: str = ""
    compiled_path: str = ""
    previous: str | None = None
    previous_run_id: str | None = None


_QUOTED_LINE = re.compile(r"^\s*LINE (\d+): (.*)$", re.MULTILINE)
_QUOTED_NAME = re.compile(r"""["']([^"'\n]{2,})["']""")
_CUT = "..."


def failing_line(code: str, message: str) -> int | None:
    """Which line of ``code``, from 1, a database complains about in ``message``; None when it does not say.

    DuckDB counts in the statement that was sent, which has lines before the compiled text, but it quotes the line: that
    is looked for, nearest to where it was counted. A message without a place may name a thing that only one line names.
    """
    lines = code.strip("\n").split("\n")
    quoted = _QUOTED_LINE.search(message)
    if quoted is not None:
        said = quoted[2].strip()
        core = said.removeprefix(_CUT).removesuffix(_CUT).strip()
        found = [number for number, line in enumerate(lines, 1) if core and core in line]
        found = found or [number for number, line in enumerate(lines, 1) if line.strip() and line.strip() in core]
        return min(found, key=lambda number: abs(number - int(quoted[1])), default=None)
    for name in dict.fromkeys(_QUOTED_NAME.findall(message)):
        word = re.compile(rf"\b{re.escape(name)}\b")
        found = [number for number, line in enumerate(lines, 1) if word.search(line)]
        if len(found) == 1:
            return found[0]
    return None
