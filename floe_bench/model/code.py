"""The code of one node: as it was written, as it was run, and as it was run before."""

from __future__ import annotations

import re

from floe_bench.dataclass import dataclass


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
    line: int | None = None
    """Where ``path`` declares it, from 1; None where the file as a whole does."""


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


def source_line(source: str, compiled: str, line: int) -> int | None:
    """The line of ``source``, from 1, that became ``line`` of the compiled text; None unless that is certain.

    A line that stands once in both, word for word, is the same line. Between two such lines, or one of them and an end,
    the others are counted, where both sides have equally many and no Jinja could have made or taken any: a block, a
    comment, or an expression that trims.
    """
    before, after = _ended(source), _ended(compiled)
    if not 1 <= line <= len(after):
        return None
    same = _same_lines(before, after)
    if line in same:
        return same[line]
    low = max((each for each in same if each < line), default=0)
    high = min((each for each in same if each > line), default=len(after) + 1)
    first, last = same.get(low, _leading(before)), same.get(high, len(before) + 1)
    between = before[first : last - 1]
    if last - first != high - low or any(mark in "".join(between) for mark in _UNCOUNTED):
        return None
    return first + line - low


_UNCOUNTED = ("{%", "{#", "{{-", "-}}")


def _ended(text: str) -> list[str]:
    return text.rstrip().split("\n") if text.strip() else []


def _leading(lines: list[str]) -> int:
    """Blank lines at the head of a file: dbt leaves them out."""
    return next((number for number, line in enumerate(lines) if line.strip()), 0)


def _same_lines(before: list[str], after: list[str]) -> dict[int, int]:
    """Numbers of lines in ``after`` and of the lines in ``before`` that they are; each stands once on either side."""
    there, here = _once(before), _once(after)
    return {number: there[text] for text, number in here.items() if text in there}


def _once(lines: list[str]) -> dict[str, int]:
    """Lines with a word in them that no other line equals, with their numbers."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(lines, 1):
        if re.search(r"\w\w", line):
            found.setdefault(line.strip(), []).append(number)
    return {text: numbers[0] for text, numbers in found.items() if len(numbers) == 1}
