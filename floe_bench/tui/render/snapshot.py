"""Snapshots as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from floe_bench.dataclass import dataclass
from floe_bench.model.snapshot import Snapshot
from floe_bench.tui.memo import same
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.text import BLANK, GAP, Line, Span, Tone, cell, clean

_ROOMY = 54
_NARROW = 44
_SPARK = 12


def is_ours(snapshot: Snapshot) -> bool:
    return snapshot.run_id is not None or snapshot.empty or snapshot.typed


def refs_line(refs: Sequence[str], width: int, growth: Growth | None = None) -> Line:
    """Branches and tags that point at the snapshot below; with ``growth``, the first one, how the table grew."""
    names = " ".join(clean(ref) for ref in refs)
    left = (Span("  ┌ " if growth else "  ├ ", Tone.LIT), Span(names, Tone.LIT))
    bars: list[Span] = []
    room = _SPARK if width >= _ROOMY else _SPARK // 2
    for name, values in (("rows", growth.rows), ("bytes", growth.bytes)) if growth else ():
        if drawn := unit.spark(values, room):
            bars += [Span(f" {name} ", Tone.FAINT), Span(drawn, Tone.LIT), GAP]
    return Line(left, tuple(bars))


@dataclass(frozen=True, slots=True)
class Growth:
    """Of a table over its snapshots, oldest first."""

    rows: Sequence[int]
    bytes: Sequence[int]


def growth_of(snapshots: Sequence[Snapshot]) -> Growth:
    return Growth(
        [each.total_records for each in snapshots if each.total_records is not None],
        [each.total_bytes for each in snapshots if each.total_bytes is not None],
    )


def snapshot_line(snapshot: Snapshot, width: int, now: datetime, zone: tzinfo | None, *, current: bool) -> Line:
    left = (
        _glyph(snapshot, current),
        GAP,
        cell(unit.short_snapshot(snapshot.snapshot_id), 6, Tone.ID, bold=current),
        cell(snapshot.operation, 10, glyph.OPERATION.get(snapshot.operation, Tone.SOFT)),
        *_change(snapshot, width),
    )
    right = [GAP]
    if width >= _ROOMY:
        right.append(
            cell(
                f"{unit.count(snapshot.total_records)} rows" if snapshot.total_records is not None else "",
                13,
                Tone.SOFT,
                end=True,
            )
        )
    right.append(
        cell(
            unit.clock(snapshot.committed_at, now, zone, brief=width < _ROOMY),
            12 if width >= _ROOMY else 5,
            Tone.SOFT,
            end=True,
        )
    )
    return Line(left, (*right, GAP, _maker(snapshot)))


def later_line(snapshot: Snapshot, width: int, now: datetime, zone: tzinfo | None) -> Line:
    """Of one that came after the moment that is shown: what it will be is seen, and that it is not yet."""
    line = snapshot_line(snapshot, width, now, zone, current=False)
    left = (Span(glyph.LATER, Tone.FAINT), *line.left[1:])
    return Line(*(tuple(span._replace(tone=Tone.FAINT, bold=False) for span in side) for side in (left, line.right)))


def here_line(more: int) -> Line:
    """Below what came later, of which so many are not shown."""
    beyond = f"  {unit.count(more)} more after those" if more else ""
    return Line((Span("  ▲ later", Tone.WARN), Span(beyond, Tone.FAINT)))


def foreign_line(snapshot: Snapshot) -> Line:
    return Line((Span("    "), Span(clean(snapshot.written_by), Tone.FAINT)))


def snapshot_detail(snapshot: Snapshot, width: int) -> Sequence[Line]:
    """Who made it, in words."""
    if not is_ours(snapshot):
        said = clean(snapshot.written_by) or "its summary names no run"
        return (BLANK, Line((Span("  not by us  ", Tone.WARN), Span(said, Tone.SOFT))))
    if snapshot.empty:
        return (BLANK, Line((Span("  by an undo: before the first write", Tone.SOFT),)))
    if snapshot.typed:
        return (BLANK, Line((Span("  by a statement of the SQL screen", Tone.SOFT),)))
    made = Span(clean((snapshot.asset or "").rsplit("/", 1)[-1]) or "a run", Tone.TEXT)
    run = Span(unit.short_run(snapshot.run_id or ""), Tone.ID)
    return (BLANK, Line((Span("  made by ", Tone.SOFT), made, Span(" in run ", Tone.SOFT), run)))


@same
def totals_line(snapshots: Sequence[Snapshot]) -> str:
    latest = snapshots[-1]
    refs = sum(len(each.refs) for each in snapshots)
    said = [unit.plural(len(snapshots), "snapshot")]
    if refs:
        said.append(unit.plural(refs, "ref"))
    if latest.total_files is not None:
        said.append(unit.plural(latest.total_files, "file"))
    if latest.total_bytes is not None:
        said.append(unit.size(latest.total_bytes))
    return " · ".join(said)


def _glyph(snapshot: Snapshot, current: bool) -> Span:
    if not is_ours(snapshot):
        return Span(glyph.FOREIGN, Tone.WARN)
    return Span(glyph.CURRENT, Tone.OK) if current else Span(glyph.OLDER, Tone.SOFT)


def _change(snapshot: Snapshot, width: int) -> tuple[Span, ...]:
    if snapshot.unchanged:
        return (
            Span("no rows changed" if width > _ROOMY else "unchanged" if width >= _NARROW else "= same", Tone.FAINT),
        )
    if snapshot.added_records is None and snapshot.deleted_records is None:
        return ()
    added, deleted = snapshot.added_records or 0, snapshot.deleted_records or 0
    first = snapshot.parent_id is None and not deleted
    plus = Span(f"+{unit.compact(added):>4}", Tone.TEXT if added else Tone.FAINT)
    minus = Span(" first" if first else f" −{unit.compact(deleted):>4}", Tone.FAINT if not deleted else Tone.TEXT)
    return plus, minus


def _maker(snapshot: Snapshot) -> Span:
    if snapshot.empty:
        return cell("undo", 9, Tone.SOFT)
    if snapshot.typed:
        return cell("typed SQL", 9, Tone.SOFT)
    if snapshot.run_id is None:
        return cell("not by us", 9, Tone.WARN)
    return cell(unit.short_run(snapshot.run_id), 9, Tone.ID)
