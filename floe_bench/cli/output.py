"""Everything that goes to stdout: aligned text for people, stable JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TextIO

from floe_bench.cli.terminal import Terminal
from floe_bench.cli.text import ascii_glyphs, cut, plain, shortener, width
from floe_bench.dataclass import dataclass

_GAP = "  "
_NARROWEST = 8


class Style(StrEnum):
    """Colour for state and identity only; one grey for what ranks below."""

    PLAIN = ""
    DIM = "2"
    BOLD = "1"
    ID = "36"
    GOOD = "32"
    WARN = "33"
    BAD = "31"


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """On a terminal that is too narrow ``elastic`` columns shrink, and ``spare`` ones go where that is not enough.

    ``kept`` columns stay also when they are empty.
    """

    title: str
    right: bool = False
    elastic: bool = False
    spare: bool = False
    kept: bool = False


class Output:
    """``before_write`` runs before each write: whoever drew a progress line on the same screen takes it away."""

    def __init__(self, terminal: Terminal, *, before_write: Callable[[], None] = lambda: None) -> None:
        self._terminal = terminal
        self._before_write = before_write

    @property
    def for_person(self) -> bool:
        """Somebody looks at it: ids may be short."""
        return self._terminal.out_is_tty

    def ids(self, ids: Iterable[object | None]) -> Callable[[object | None], str]:
        """How to write these ids: short for a person, whole for a program."""
        return shortener(ids) if self.for_person else lambda each: "" if each is None else str(each)

    @property
    def stream(self) -> TextIO:
        """For writers that bring their own format (CSV)."""
        self._before_write()
        return self._terminal.out

    def line(self, *cells: Cell | str) -> None:
        """Cells side by side on one line, with nothing between them."""
        self._write("".join(self._paint(_cell(cell)) for cell in cells).rstrip(" "))

    def text(self, text: str) -> None:
        """Several lines of our own making; kept as they are."""
        self._write(text.rstrip("\n"))

    def json(self, value: object) -> None:
        """One object: on a terminal indented, else on one line."""
        self._write(encoded(value, indent=2 if self.for_person else None))

    def json_line(self, value: object) -> None:
        """One object of a stream: always one line, at once."""
        self._write(encoded(value))

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell | str]]) -> None:
        """Aligned under dim titles. A column that is empty in every row is left out unless kept."""
        body = [[_cell(cell) for cell in row] for row in rows]
        filled = [index for index in range(len(columns)) if columns[index].kept or any(row[index].text for row in body)]
        heads, body = _only(filled, columns, body)
        natural = [
            max([width(head.title), *(width(plain(row[index].text)) for row in body)])
            for index, head in enumerate(heads)
        ]
        shown, widths = fit(heads, natural, self._terminal.width if self.for_person else None)
        heads, body = _only(shown, heads, body)
        self._row(heads, [Cell(head.title, Style.DIM) for head in heads], widths)
        for row in body:
            self._row(heads, row, widths)

    def _row(self, heads: Sequence[Column], row: Sequence[Cell], widths: Sequence[int]) -> None:
        parts = []
        for head, cell, cells in zip(heads, row, widths, strict=True):
            shown = cut(plain(cell.text), cells)
            padding = " " * (cells - width(shown))
            painted = self._paint(Cell(shown, cell.style))
            parts.append(padding + painted if head.right else painted + padding)
        self._write(_GAP.join(parts).rstrip())

    def _paint(self, cell: Cell) -> str:
        text = plain(cell.text)
        if not (cell.style and self._terminal.colour and self.for_person and text):
            return text
        return f"\x1b[{cell.style}m{text}\x1b[0m"

    def _write(self, text: str) -> None:
        self._before_write()
        if not self._terminal.unicode:
            text = ascii_glyphs(text)
        self._terminal.out.write(text + "\n")
        self._terminal.out.flush()


def fit(heads: Sequence[Column], natural: Sequence[int], room: int | None) -> tuple[list[int], list[int]]:
    """Which columns to show, and how wide each; ``room`` None is endless. The last ones give way first."""
    shown = list(range(len(heads)))
    widths = list(natural)
    if room is None:
        return shown, widths

    def over(cells: Sequence[int]) -> int:
        return sum(cells[index] for index in shown) + len(_GAP) * (len(shown) - 1) - room

    least = [min(cells, _NARROWEST) if head.elastic else cells for head, cells in zip(heads, natural, strict=True)]
    for index in reversed(range(len(heads))):
        if heads[index].spare and over(least) > 0:
            shown.remove(index)
    for index in reversed(shown):
        widths[index] -= min(max(0, over(widths)), widths[index] - least[index])
    return shown, [widths[index] for index in shown]


def _only(
    chosen: Sequence[int], heads: Sequence[Column], body: Sequence[Sequence[Cell]]
) -> tuple[list[Column], list[list[Cell]]]:
    return [heads[index] for index in chosen], [[row[index] for index in chosen] for row in body]


def encoded(value: object, indent: int | None = None) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str, indent=indent)
    except ValueError:  # JSON has no NaN and no infinity: they travel as text
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=str, indent=indent)


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def _cell(cell: Cell | str) -> Cell:
    return Cell(cell) if isinstance(cell, str) else cell
