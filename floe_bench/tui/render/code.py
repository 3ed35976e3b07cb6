"""Code as lines: numbered, coloured by word, folded at the edge; and what changed in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, unified_diff
from functools import lru_cache
from pathlib import PurePath

from rich.cells import cell_len, set_cell_size

from floe_bench.tui.render.text import Line, Span, Tone, clean, wrap

_LANGUAGES = {".sql": "sql+jinja", ".py": "python", ".yml": "yaml", ".yaml": "yaml"}
_TONES = (
    ("Token.Keyword", Tone.LIT),
    ("Token.Literal.String", Tone.OK),
    ("Token.Literal.Number", Tone.ID),
    ("Token.Comment.Preproc", Tone.WARN),
    ("Token.Comment", Tone.FAINT),
    ("Token.Name.Builtin", Tone.RUN),
    ("Token.Name.Function", Tone.RUN),
    ("Token.Name.Tag", Tone.RUN),
    ("Token.Name.Decorator", Tone.WARN),
)
_LONGEST = 60_000
"""Characters that are coloured: more would be felt."""
_GUTTER = 6


def language_of(path: str) -> str:
    return _LANGUAGES.get(PurePath(path).suffix, "")


@lru_cache(maxsize=12)
def code_lines(text: str, language: str, width: int, failing: int | None = None, said: str = "") -> Sequence[Line]:
    """``failing`` is the number of a line that is marked, with what is ``said`` about it below."""
    lines: list[Line] = []
    room = max(width - _GUTTER, 10)
    for number, spans in enumerate(_toned(text.strip("\n"), language), 1):
        tone = Tone.BAD if number == failing else Tone.FAINT
        for index, part in enumerate(_folded(spans, room)):
            label = f"{number:>4}{'✗' if number == failing else ' '} " if index == 0 else "      "
            lines.append(Line((Span(label, tone, bold=number == failing), *part)))
        if number == failing:
            lines += [Line((Span("    ↑ ", Tone.BAD), Span(each, Tone.BAD))) for each in wrap(said, room)]
    return lines


def failing_at(lines: Sequence[Line]) -> int | None:
    """Where the marked line stands among ``lines``."""
    return next((index for index, line in enumerate(lines) if line.left and line.left[0].tone is Tone.BAD), None)


@lru_cache(maxsize=12)
def change_lines(before: str, after: str, width: int) -> Sequence[Line]:
    """Unified, with three lines around each change; empty when nothing changed."""
    lines: list[Line] = []
    for line in list(unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:]:
        tone = {"+": Tone.OK, "-": Tone.BAD, "@": Tone.ID}.get(line[:1], Tone.SOFT)
        said = clean(line.replace("-", "−", 1) if line[:1] == "-" else line)
        lines += [Line(tuple(part)) for part in _folded([Span(said, tone)], max(width, 10))]
    return lines


def merged_lines(before: str | None, after: str, language: str, width: int) -> Sequence[Line]:
    """The whole text, numbered and coloured, with what is gone from ``before`` and what came between its lines."""
    new, old = _rows(after), _rows(before or "")
    now = [list(spans) for spans in _toned(after.strip("\n"), language)]
    if len(now) != len(new):  # the highlighter leaves out what is blank at the end
        now = [[Span(clean(row))] for row in new]
    if before is None or old == new:
        return [line for number, spans in enumerate(now, 1) for line in _numbered(number, spans, " ", width)]
    lines: list[Line] = []
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            for number in range(new_from, new_to):
                lines += _numbered(number + 1, now[number], " ", width)
            continue
        for number in range(old_from, old_to):
            lines += _numbered(number + 1, [Span(clean(old[number]), Tone.BAD)], "−", width)
        for number in range(new_from, new_to):
            lines += _numbered(number + 1, [Span(span.text, Tone.OK) for span in now[number]], "+", width)
    return lines


def _rows(text: str) -> list[str]:
    """As an editor counts them; ``str.splitlines`` breaks at characters that end no line of code."""
    return text.strip("\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _numbered(number: int, spans: Sequence[Span], sign: str, width: int) -> list[Line]:
    tone = {"+": Tone.OK, "−": Tone.BAD}.get(sign, Tone.FAINT)
    parts = _folded(spans, max(width - _GUTTER, 10))
    head = (Span(f"{number:>4}", Tone.FAINT), Span(f"{sign} ", tone, bold=True))
    return [Line((*(head if index == 0 else (Span("      "),)), *part)) for index, part in enumerate(parts)]


def changed(before: str, after: str) -> tuple[int, int]:
    """Lines that came and went."""
    found = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[2:]
    return sum(line[:1] == "+" for line in found), sum(line[:1] == "-" for line in found)


def _toned(text: str, language: str) -> Iterable[list[Span]]:
    if not language or len(text) > _LONGEST:
        for line in _rows(text):
            yield [Span(clean(line))]
        return
    from rich.style import Style
    from rich.syntax import Syntax, SyntaxTheme

    class Words(SyntaxTheme):
        """Says what kind of word it is; the colours are the theme's."""

        def get_style_for_token(self, token_type: object) -> Style:
            return Style(meta={"kind": str(token_type)})

        def get_background_style(self) -> Style:
            return Style()

    # Carriage returns would shift what the highlighter counts.
    found = Syntax("", language, theme=Words()).highlight(text.replace("\r\n", "\n").replace("\r", "\n"))
    found.rstrip()
    for row in found.split("\n", allow_blank=True):
        toned: list[Span] = []
        at = 0
        for each in row.spans:
            kind = each.style.meta.get("kind", "") if isinstance(each.style, Style) else ""
            if each.start > at:
                toned.append(Span(clean(row.plain[at : each.start])))
            toned.append(Span(clean(row.plain[max(each.start, at) : each.end]), _tone(str(kind))))
            at = max(at, each.end)
        yield [*toned, Span(clean(row.plain[at:]))]


def _tone(kind: str) -> Tone:
    return next((tone for start, tone in _TONES if kind.startswith(start)), Tone.TEXT)


def _folded(spans: Sequence[Span], width: int) -> list[list[Span]]:
    """At the edge, wherever that is: code has no better place."""
    lines: list[list[Span]] = [[]]
    room = width
    for span in spans:
        text = span.text
        while cell_len(text) > room:
            first = set_cell_size(text, room).rstrip() if room else ""
            head = _head(text, room)
            lines[-1].append(span._replace(text=head or first))
            text, room = text[len(head) :], width
            lines.append([])
        lines[-1].append(span._replace(text=text))
        room -= cell_len(text)
    return lines


def _head(text: str, room: int) -> str:
    used = 0
    for index, letter in enumerate(text):
        used += cell_len(letter)
        if used > room:
            return text[:index]
    return text
