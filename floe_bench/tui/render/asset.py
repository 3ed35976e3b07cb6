"""Assets as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.bar import progress
from floe_bench.tui.render.text import BLANK, GAP, Line, Span, Tone, cell, clean, wrap

_WORDY = 50
_CHECKY = 62
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


def asset_line(
    asset: Asset, width: int, now: datetime, *, running: NodeRun | None = None, usual_s: float | None = None
) -> Line:
    mark = glyph.ASSET[AssetStatus.RUNNING if running else asset.status]
    strong = running is not None
    tone = Tone.SOFT if asset.status is AssetStatus.EXTERNAL else Tone.TEXT
    left = (GAP, GAP, mark.span, GAP, Span(clean(name_of(asset)), tone, bold=strong))
    if running is not None:
        return Line(left, _running(running, width, now, usual_s))
    right: list[Span] = [GAP]
    if width >= _WORDY:
        right.append(cell(mark.word, 8, mark.tone if mark.tone is not Tone.OK else Tone.FAINT))
    if width >= _CHECKY:
        right.append(_checks(asset))
    right.append(cell(unit.count(asset.rows), 7, Tone.SOFT, end=True))
    right.append(cell(unit.age(asset.materialized_at, now), 5, Tone.SOFT, end=True))
    if asset.rows is None and asset.materialized_at is None and width < _WORDY:
        right = [GAP, Span(mark.word, Tone.FAINT)]
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


def _checks(asset: Asset) -> Span:
    if not asset.checks_total:
        return cell("", 12)
    tone = Tone.BAD if asset.checks_failed else Tone.WARN if asset.checks_warned else Tone.SOFT
    return cell(f"{asset.checks_passed}/{asset.checks_total} checks", 12, tone)


def asset_detail(asset: Asset, width: int) -> Sequence[Line]:
    """State in words, and why it is stale."""
    mark = glyph.ASSET[asset.status]
    lines = [BLANK, _head(asset, mark)]
    if asset.checks_failed:
        failed = f"{asset.checks_failed} of {unit.plural(asset.checks_total, 'check')} failed"
        lines.append(Line((Span("    "), Span(failed, Tone.BAD))))
    for reason in asset.why_stale:
        for index, each in enumerate(wrap(reason, max(width - 6, 16))):
            lines.append(Line((Span("  ← " if index == 0 else "    ", Tone.WARN), Span(each, Tone.SOFT))))
    return lines


def _head(asset: Asset, mark: glyph.Mark) -> Line:
    said = {AssetStatus.STALE: "why stale", AssetStatus.NEVER: "never materialized"}.get(asset.status, mark.word)
    tone = mark.tone if mark.tone is not Tone.FAINT else Tone.SOFT
    return Line(
        (Span(f"  {said}  ", tone), Span(clean(name_of(asset)), Tone.TEXT), Span(f"  {asset.kind}", Tone.FAINT))
    )
