"""A diff as text."""

from __future__ import annotations

from floe_bench.cli.output import Cell, Column, Output, Style
from floe_bench.cli.text import count, size
from floe_bench.model.snapshot import Diff, FileChange, Sample, SchemaChange

_MARKS = {"added": ("+", Style.GOOD), "removed": ("−", Style.BAD), "changed": ("~", Style.WARN)}


def show_diff(out: Output, diff: Diff) -> None:
    short = out.ids([diff.from_snapshot, diff.to_snapshot])
    out.line(
        Cell(diff.table, Style.BOLD),
        "  ",
        Cell(f"{diff.from_stack} " if diff.from_stack else "", Style.DIM),
        Cell(short(diff.from_snapshot) or "nothing", Style.ID),
        " → ",
        Cell(short(diff.to_snapshot), Style.ID),
    )
    rows = diff.rows
    keyed = f"by {', '.join(rows.key)}" if rows.key else "whole rows; pair them with --key"
    if rows.not_unique:
        keyed = f"whole rows: {', '.join(rows.not_unique)} is not unique"
    out.line(
        "rows    ",
        Cell(f"+{count(rows.added)}", Style.GOOD if rows.added else Style.DIM),
        Cell(f"  −{count(rows.removed)}", Style.BAD if rows.removed else Style.DIM),
        Cell(f"  ~{count(rows.changed)}", Style.WARN if rows.changed else Style.DIM),
        Cell(f"  {keyed}", Style.DIM),
    )
    if rows.columns:
        differ = sorted(rows.columns.items(), key=lambda found: -found[1])
        out.line("columns ", Cell("  ".join(f"{name} {count(many)}" for name, many in differ), Style.WARN))
    read = "only these were read" if rows.partial else "both snapshots were read whole"
    out.line("files   ", files_said(diff.files), Cell(f"  {read}", Style.DIM))
    _show_schema(out, diff.schema)
    if diff.samples:
        _show_samples(out, diff.samples, diff.sample_columns)
    if diff.samples and diff.left > 0:
        out.line(Cell(f"… {count(diff.left)} more: --offset, --limit", Style.DIM))


def files_said(files: FileChange) -> str:
    """Counts and bytes that came and went, then the whole where both writers said it."""
    said = f"+{count(files.added)} ({size(files.added_bytes)})  −{count(files.removed)} ({size(files.removed_bytes)})"
    if files.before_bytes is not None and files.after_bytes is not None:
        said += f"  {size(files.before_bytes)} → {size(files.after_bytes)}"
    return said + ("  with row-level deletes" if files.deletes else "")


def _show_schema(out: Output, schema: SchemaChange) -> None:
    if schema == SchemaChange():
        out.line("schema  ", Cell("the same", Style.DIM))
    for column in schema.added:
        out.line("schema  ", Cell(f"+ {column.name} {column.type}", Style.GOOD))
    for column in schema.removed:
        out.line("schema  ", Cell(f"− {column.name} {column.type}", Style.BAD))
    for old, new in schema.changed:
        out.line("schema  ", Cell(f"~ {old.name} {old.type} → {new.name} {new.type}", Style.WARN))
    for column in schema.moved:
        out.line("schema  ", Cell(f"↕ {column.name}", Style.WARN))


def _show_samples(out: Output, samples: tuple[Sample, ...], names: tuple[str, ...]) -> None:
    out.line()
    out.table(
        (Column(" "), *(Column(name, elastic=True) for name in names)),
        [(Cell(*_MARKS[sample.change]), *(_value(sample, name) for name in names)) for sample in samples],
    )


def _value(sample: Sample, name: str) -> Cell:
    new = _told(sample.row.get(name))
    old = new if sample.before is None else _told(sample.before.get(name))
    return Cell(new) if old == new else Cell(f"{old} → {new}", Style.WARN)


def _told(value: object) -> str:
    return "null" if value is None else str(value)
