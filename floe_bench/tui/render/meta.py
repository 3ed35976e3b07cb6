"""What is known about an asset and a snapshot: labels and values; and its direct relatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from floe_bench.model.asset import Asset
from floe_bench.model.run import NodeRun, NodeStatus
from floe_bench.model.snapshot import Snapshot
from floe_bench.tui.render import glyph, unit
from floe_bench.tui.render.asset import name_of
from floe_bench.tui.render.text import BLANK, GAP, Line, Span, Tone, cell, clean, fit, wrap

_LABEL = 13


def fact(label: str, *spans: Span) -> Line:
    return Line((cell(label, _LABEL, Tone.SOFT), *spans))


def _text(label: str, text: str, width: int, tone: Tone = Tone.TEXT) -> list[Line]:
    parts = wrap(text, max(width - _LABEL, 16))
    return [fact(label if not index else "", Span(part, tone)) for index, part in enumerate(parts)]


def asset_facts(asset: Asset, width: int, now: datetime, zone: tzinfo | None) -> list[Line]:
    mark = glyph.ASSET[asset.status]
    head = (mark.span, GAP, Span(mark.word, mark.tone), Span(f"  {clean(asset.kind)}  ", Tone.SOFT))
    lines = [fact("asset", *head, Span(clean(name_of(asset)), bold=True))]
    if asset.description:
        lines += _text("about", asset.description, width)
    for label, value in (
        ("key", asset.asset),
        ("table", asset.table),
        ("file", asset.path),
        ("node", asset.node_id or ""),
        ("owners", ", ".join(asset.owners)),
        ("tags", ", ".join(asset.tags)),
        ("unique key", ", ".join(asset.unique_key)),
    ):
        if value:
            lines += _text(label, value, width)
    if asset.checks_total:
        lines.append(fact("checks", Span(checks_said(asset), Tone.BAD if asset.checks_failed else Tone.TEXT)))
    if asset.materialized_at is not None:
        at = unit.clock(asset.materialized_at, now, zone, exact=True)
        run = Span(unit.short_run(asset.last_run_id or ""), Tone.ID)
        ago = Span(f"  {unit.age(asset.materialized_at, now)} ago", Tone.SOFT)
        rows = Span(f"  {unit.plural(asset.rows, 'row')}" if asset.rows is not None else "", Tone.SOFT)
        lines.append(fact("last run", run, Span(f"  {at}", Tone.TEXT), ago, rows))
    if asset.checksum:
        lines.append(fact("code", Span(asset.checksum[:12], Tone.FAINT)))
    return lines


def message_facts(node: NodeRun | None, width: int) -> list[Line]:
    """All that dbt says about a node that did not go well."""
    if node is None or not node.message or node.status is NodeStatus.SUCCESS:
        return []
    mark = glyph.NODE[node.status]
    return [BLANK, *_text("dbt says", node.message, width, mark.tone)]


def checks_said(asset: Asset) -> str:
    said = f"{asset.checks_passed} of {unit.plural(asset.checks_total, 'check')} passed"
    for number, word in ((asset.checks_failed, "failed"), (asset.checks_warned, "warned")):
        said += f", {number} {word}" if number else ""
    return said


def snapshot_facts(snapshot: Snapshot, now: datetime, zone: tzinfo | None) -> list[Line]:
    at = unit.clock(snapshot.committed_at, now, zone, exact=True)
    tone = glyph.OPERATION.get(snapshot.operation, Tone.SOFT)
    lines = [
        fact("snapshot", Span(str(snapshot.snapshot_id), Tone.ID)),
        fact("committed", Span(at), Span(f"  {clean(snapshot.operation)}", tone)),
        fact("parent", Span(str(snapshot.parent_id) if snapshot.parent_id else "none: the first", Tone.SOFT)),
    ]
    records = (
        ("added", snapshot.added_records),
        ("deleted", snapshot.deleted_records),
        ("total", snapshot.total_records),
    )
    said = "  ".join(f"{word} {unit.count(number)}" for word, number in records if number is not None)
    if said:
        lines.append(fact("records", Span(said), Span("  rows unchanged" if snapshot.unchanged else "", Tone.SOFT)))
    if snapshot.total_files is not None or snapshot.total_bytes is not None:
        files = unit.plural(snapshot.total_files, "file") if snapshot.total_files is not None else ""
        lines.append(fact("data", Span("  ".join(filter(None, (files, unit.size(snapshot.total_bytes)))))))
    if snapshot.refs:
        lines.append(fact("refs", Span(clean(", ".join(snapshot.refs)), Tone.LIT)))
    if snapshot.run_id is not None:
        lines.append(fact("run", Span(clean(snapshot.run_id), Tone.ID)))
    elif snapshot.empty:
        lines.append(fact("written by", Span("an undo: before the first write", Tone.SOFT)))
    elif snapshot.typed:
        lines.append(fact("written by", Span("a statement of the SQL screen", Tone.SOFT)))
    else:
        by = clean(snapshot.written_by) or "its summary names no writer"
        lines.append(fact("written by", Span("not by us  ", Tone.WARN), Span(by, Tone.SOFT)))
    if snapshot.code_hash:
        lines.append(fact("code", Span(clean(snapshot.code_hash)[:12], Tone.FAINT)))
    return lines


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Two columns where there is room for them, one below the other where there is not."""

    if not right:
        return list(left)
    if width < 110:
        return [*left, BLANK, *right]
    half = width // 2
    pairs = max(len(left), len(right))
    blank = [BLANK] * pairs
    return [
        Line((*fit(one, half - 2), Span("  "), *other.left))
        for one, other in zip([*left, *blank][:pairs], [*right, *blank][:pairs], strict=True)
    ]


def parent_line(parent: Asset | None, key: str, read: int | None, now_at: int | None, width: int) -> Line:
    """A direct parent: the snapshot that was read last, and the one it has now."""
    if parent is None:
        return Line((Span("  ? ", Tone.WARN), Span(clean(key)), Span("  not in this project", Tone.SOFT)))
    mark = glyph.ASSET[parent.status]
    left = [Span("← ", Tone.SOFT), mark.span, GAP, cell(key, min(44, max(width // 3, 20)))]
    if read is not None:
        left += [Span("read ", Tone.SOFT), Span(unit.short_snapshot(read), Tone.ID)]
        same = read == now_at
        left += (
            [Span("  still its newest", Tone.FAINT)]
            if same
            else [Span("  now ", Tone.WARN), Span(unit.short_snapshot(now_at), Tone.ID)]
        )
    elif now_at is not None:
        left += [Span("now ", Tone.SOFT), Span(unit.short_snapshot(now_at), Tone.ID)]
    else:
        left.append(Span("not in the catalog" if parent.kind == "source" else "never written", Tone.FAINT))
    return Line(tuple(left))


def child_line(child: Asset, width: int) -> Line:
    mark = glyph.ASSET[child.status]
    why = child.why_stale[0] if child.why_stale else mark.word
    name = cell(child.asset, min(44, max(width // 3, 20)))
    return Line((Span("→ ", Tone.SOFT), mark.span, GAP, name, Span(clean(why), Tone.SOFT)))


def children_of(assets: Iterable[Asset], key: str) -> list[Asset]:
    return [asset for asset in assets if key in asset.upstream]
