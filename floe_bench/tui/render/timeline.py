"""The snapshots of a table on a line of time, and where on it somebody is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from floe_bench.model.snapshot import Snapshot
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.snapshot import Growth, growth_of
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean

_STEP, _NAME = 7, 9
_SPARK = 12
_REFS_SHOWN = 2
OPERATION = {"append": "+", "overwrite": "~", "delete": "−", "replace": "◇"}
HEIGHT = _REFS_SHOWN + 3


def timeline_lines(
    snapshots: Sequence[Snapshot], here: int | None, width: int, now: datetime, zone: tzinfo | None
) -> Sequence[Line]:
    """Refs above, then times, operations, and a mark under the one that is looked at; what came later is dim."""
    if not snapshots:
        return (Line((Span("never written: it has no snapshot", Tone.SOFT),)),)
    shown = _window(snapshots, here, max((width - _NAME) // _STEP, 1))
    at = next((place for place, each in enumerate(shown) if each.snapshot_id == here), len(shown) - 1)
    cut = Span("… " if shown[0] is not snapshots[0] else "  ", Tone.FAINT)
    times = (cell("", _NAME - 2), cut, *(_time(each, now, zone) for each in shown))
    marks = (cell("", _NAME), *(_operation(each, later=place > at) for place, each in enumerate(shown)))
    mark = " " * (_NAME + at * _STEP + 2)
    return (
        *_refs(snapshots, shown, growth_of(_until(snapshots, here)), width),
        Line(times),
        Line(marks),
        Line((Span(mark), Span("▲ now", Tone.LIT) if here is None else Span("▲ here", Tone.WARN))),
    )


def _window(snapshots: Sequence[Snapshot], here: int | None, most: int) -> Sequence[Snapshot]:
    at = next((place for place, each in enumerate(snapshots) if each.snapshot_id == here), len(snapshots) - 1)
    end = min(max(at + most // 2 + 1, most), len(snapshots))
    return snapshots[max(0, end - most) : end]


def _until(snapshots: Sequence[Snapshot], here: int | None) -> Sequence[Snapshot]:
    at = next((place for place, each in enumerate(snapshots) if each.snapshot_id == here), len(snapshots) - 1)
    return snapshots[: at + 1]


def _refs(snapshots: Sequence[Snapshot], shown: Sequence[Snapshot], growth: Growth, width: int) -> Sequence[Line]:
    """main first; a ref outside of what is shown ends in an arrow."""
    heads = {ref: each.snapshot_id for each in snapshots for ref in each.refs}
    names = sorted(heads, key=lambda ref: (ref != "main", ref))[:_REFS_SHOWN]
    places = {each.snapshot_id: place for place, each in enumerate(shown)}
    bars = (("rows", growth.rows), ("bytes", growth.bytes))
    lines = []
    for number in range(_REFS_SHOWN):
        name = names[number] if number < len(names) else ""
        label, values = bars[number]
        right = _bar(label, values) if width >= 60 else ()
        if not name:
            lines.append(Line((), right) if right else BLANK)
            continue
        tone = Tone.OK if name == "main" else Tone.RUN
        place = places.get(heads[name])
        line = Span("─" * ((place if place is not None else len(shown) - 1) * _STEP + 2), tone)
        end = Span("●" if place is not None else "→", tone)
        lines.append(Line((cell(name, _NAME - 1, tone), Span(" "), line, end), right))
    return lines


def _bar(label: str, values: Sequence[int]) -> tuple[Span, ...]:
    drawn = unit.spark(values, _SPARK)
    last = "" if not values else unit.size(values[-1]) if label == "bytes" else unit.count(values[-1])
    return Span(f"{label:>6} ", Tone.FAINT), Span(drawn, Tone.LIT), cell(last, 9, Tone.TEXT, end=True)


def _time(snapshot: Snapshot, now: datetime, zone: tzinfo | None) -> Span:
    return cell(unit.clock(snapshot.committed_at, now, zone, brief=True), _STEP, Tone.FAINT)


def _operation(snapshot: Snapshot, *, later: bool) -> Span:
    mark = "=" if snapshot.unchanged else OPERATION.get(snapshot.operation, "?")
    tone = Tone.FAINT if later else glyph.OPERATION.get(snapshot.operation, Tone.SOFT)
    return cell(f"  {clean(mark)}", _STEP, tone)
