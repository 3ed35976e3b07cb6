"""Assets as lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len

from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.bar import progress
from floe_bench.tui.render.text import BLANK, GAP, Line, Span, Tone, cell, clean, wrap

_WORDY = 50
_SIGNS, _NAME, _AGE, _WORD = 4, 24, 5, 9
UPSTREAM, DOWNSTREAM = "↑", "↓"
_SAID = 3
"""Lines of an error beside the list; all of it is in the drawer."""
_SLOW = 2.0
"""Times the usual duration, from where on it is worth a look."""


def name_of(asset: Asset) -> str:
    return asset.asset.rsplit("/", 1)[-1]


def group_line(group: str, counts: Mapping[AssetStatus, int], *, shut: bool) -> Line:
    right: list[Span] = []
    for status, mark in glyph.ASSET.items():
        if counts.get(status):
            right += [Span(f"  {unit.count(counts[status])} ", Tone.SOFT), mark.span]
    twisty = glyph.SHUT if shut else glyph.OPEN
    return Line((Span(f"{twisty} ", Tone.SOFT), Span(clean(group), Tone.TEXT, bold=True)), tuple(right))


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells per column, 0 for one that is left out."""

    word: int = 0
    checks: int = 0
    rows: int = 0
    age: int = 0


def columns_for(assets: Iterable[Asset], width: int) -> Columns:
    """What fits beside the names: age before rows, rows before checks, checks before the word.

    A name is cut for its age only; more of it than ``_NAME`` cells never costs a column.
    """
    shown = tuple(assets)
    longest, most, checks = 0, -1, 0
    for asset in shown:
        # A name that has all the cells it can claim is not outdone, and 10,000 are measured at each change.
        if longest < _NAME:
            name = name_of(asset)
            if not (name.isascii() and name.isprintable()):
                longest = max(longest, cell_len(clean(name)))
            elif len(name) > longest:
                longest = len(name)
        if asset.rows is not None and asset.rows > most:
            most = asset.rows
        if asset.checks_total:
            checks = max(checks, len(_checks_of(asset)) + 2)
    widest = Columns(_WORD, checks, len(unit.count(most)) + 1 if most >= 0 else 0, _AGE) if shown else Columns()
    free = width - _SIGNS - 1
    room = free - min(longest, _NAME)
    kept: dict[str, int] = {"age": min(widest.age, max(free, 0))}
    room -= kept["age"]
    for name in ("rows", "checks", "word"):
        need = getattr(widest, name)
        if need > room:
            break
        kept[name] = need
        room -= need
    return Columns(**kept)


def asset_line(
    asset: Asset,
    width: int,
    now: datetime,
    *,
    columns: Columns | None = None,
    near: str = "",
    running: NodeRun | None = None,
    usual_s: float | None = None,
) -> Line:
    """``near`` is one sign for how it stands to the selection; see ``UPSTREAM`` and ``DOWNSTREAM``."""
    mark = glyph.ASSET[AssetStatus.RUNNING if running else asset.status]
    tone = Tone.SOFT if asset.status is AssetStatus.EXTERNAL else Tone.TEXT
    name = Span(clean(name_of(asset)), tone, bold=running is not None or bool(near))
    left = (Span(near or " ", Tone.LIT), GAP, mark.span, GAP, name)
    if running is not None:
        return Line(left, _running(running, width, now, usual_s))
    columns = columns or columns_for((asset,), width)
    made = asset.materialized_at is not None
    if not made and not columns.word:
        return Line(left, (GAP, Span(mark.word, Tone.FAINT)))
    right = [GAP]
    if columns.word:
        right.append(cell(mark.word, columns.word, mark.tone if mark.tone is not Tone.OK else Tone.FAINT))
    if columns.checks:
        right.append(cell(_checks_of(asset), columns.checks, _checks_tone(asset), end=True))
    if columns.rows:
        right.append(cell(unit.count(asset.rows), columns.rows, Tone.SOFT, end=True))
    right.append(cell(unit.age(asset.materialized_at, now), columns.age, Tone.SOFT, end=True))
    return Line(left, tuple(right))


def _running(running: NodeRun, width: int, now: datetime, usual_s: float | None) -> tuple[Span, ...]:
    spent = max((now - running.started_at).total_seconds(), 0.0) if running.started_at else 0.0
    tone = Tone.WARN if usual_s and spent > usual_s * _SLOW else Tone.RUN
    took = Span(f" {unit.seconds(spent)}", tone)
    if usual_s and width >= _WORDY:
        return (GAP, *progress(spent / usual_s, 10, tone), took, Span(f" of ~{unit.seconds(usual_s)}", Tone.SOFT))
    if usual_s:
        return (GAP, *progress(spent / usual_s, 6, tone), took)
    return (GAP, Span("running", Tone.RUN), took)


def _checks_of(asset: Asset) -> str:
    """Passed of all, with a sign where that is not all there is to say."""
    if not asset.checks_total:
        return ""
    passed = asset.checks_passed == asset.checks_total
    sign = "✗" if asset.checks_failed else "!" if asset.checks_warned else "✓" if passed else ""
    return f"{sign}{asset.checks_passed}/{asset.checks_total}"


def _checks_tone(asset: Asset) -> Tone:
    return Tone.BAD if asset.checks_failed else Tone.WARN if asset.checks_warned else Tone.SOFT


def asset_detail(asset: Asset, width: int, *, failed: str = "", failed_run: str = "") -> Sequence[Line]:
    """State in words, why it is stale, and what was said when it ``failed``."""
    mark = glyph.ASSET[asset.status]
    lines = [BLANK, _head(asset, mark)]
    if failed:
        said = wrap(failed, max(width - 4, 16))
        more = "…" if len(said) > _SAID else ""
        lines += [Line((Span(f"    {each}", Tone.BAD),)) for each in said[: _SAID - 1]]
        lines.append(Line((Span(f"    {said[min(len(said), _SAID) - 1]}{more}", Tone.BAD),)))
        lines.append(
            Line((Span("    run ", Tone.SOFT), Span(unit.short_run(failed_run), Tone.ID), Span("  E ", Tone.LIT),
                  Span("goes there", Tone.FAINT)))
        )  # fmt: skip
    elif asset.checks_failed:
        failed = f"{asset.checks_failed} of {unit.plural(asset.checks_total, 'check')} failed"
        lines.append(Line((Span("    "), Span(failed, Tone.BAD))))
    for reason in asset.why_stale:
        for index, each in enumerate(wrap(reason, max(width - 6, 16))):
            lines.append(Line((Span("  ← " if index == 0 else "    ", Tone.WARN), Span(each, Tone.SOFT))))
    return lines


def _head(asset: Asset, mark: glyph.Mark) -> Line:
    said = {
        AssetStatus.STALE: "why stale",
        AssetStatus.NEVER: "never materialized",
        AssetStatus.UNKNOWN: "not known whether fresh or stale",
    }.get(asset.status, mark.word)
    tone = mark.tone if mark.tone is not Tone.FAINT else Tone.SOFT
    return Line(
        (Span(f"  {said}  ", tone), Span(clean(name_of(asset)), Tone.TEXT), Span(f"  {asset.kind}", Tone.FAINT))
    )
