"""What the columns of a table hold, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from floe_bench.model.profile import ColumnProfile, Profile
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean

_BARS = "▁▂▃▄▅▆▇█"
_ROOMY, _TOP = 78, 3


def profile_lines(profile: Profile, width: int) -> Iterator[Line]:
    """Nulls, different values, bounds and shape, one column a line; without the type where there is little room."""
    roomy = width >= _ROOMY
    name = min(max([6, *(len(column.column) for column in profile.columns)]) + 2, max(width // 4, 12))
    kind = min(max([4, *(len(column.type) for column in profile.columns)]) + 2, 18) if roomy else 0
    heads = (("column", name), ("type", kind), ("null", -5), ("distinct", -11), ("  least → greatest", 18))
    yield Line(tuple(cell(title, abs(cells), Tone.FAINT, end=cells < 0) for title, cells in heads if cells))
    for column in profile.columns:
        share = f"{100 * column.nulls / profile.rows:.0f} %" if profile.rows else ""
        about = "" if column.exact else "≈"
        distinct = "" if column.distinct is None else f"{about}{unit.count(column.distinct)}"
        yield Line(
            (
                cell(column.column, name),
                *((cell(column.type, kind, Tone.ID),) if roomy else ()),
                cell(share, 5, Tone.WARN if column.nulls else Tone.FAINT, end=True),
                cell(distinct, 11, end=True),
                Span("  "),
                *_values(column, profile.rows),
            ),
            (Span(" "), Span(bars(column.bins), Tone.LIT), Span(" ")) if column.bins else (),
        )


def _values(column: ColumnProfile, rows: int) -> Sequence[Span]:
    if column.top and column.unique:
        return Span(clean(column.lower or ""), Tone.SOFT), Span("  all different", Tone.FAINT)
    if column.top and not column.bins:
        told = "  ".join(f"{clean(top.value)} {100 * top.rows / (rows or 1):.0f} %" for top in column.top[:_TOP])
        return (Span(told, Tone.SOFT),)
    if column.lower is None:
        return (Span("nested" if column.distinct is None else "nothing but nulls", Tone.FAINT),)
    return Span(clean(column.lower), Tone.SOFT), Span(" → ", Tone.FAINT), Span(clean(column.upper or ""), Tone.SOFT)


def bars(bins: Sequence[int]) -> str:
    """A stretch without rows is blank; one with few is seen all the same."""
    most = max(bins, default=0) or 1
    return "".join(_BARS[round(number / most * 7)] if number else " " for number in bins)
