"""Metadata files of a table as lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from floe_bench.model.anatomy import MetadataFile
from floe_bench.tui.render import unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, wrap


def metadata_line(file: MetadataFile, width: int, now: datetime, zone: tzinfo | None, *, current: bool) -> Line:
    """Its name; the folder is the same for all."""
    tone = Tone.TEXT if current else Tone.SOFT
    size = cell("gone" if file.gone else unit.size(file.bytes), 9, Tone.WARN if file.gone else Tone.SOFT, end=True)
    return Line(
        (
            cell(f"since {unit.clock(file.since, now, zone, exact=True)}", 20, Tone.FAINT),
            size,
            Span("  "),
            Span(clean(file.path.rpartition("/")[2]), tone, bold=current),
        ),
        (Span(" current", Tone.LIT),) if current else (),
    )


def location_lines(file: MetadataFile, width: int) -> Sequence[Line]:
    return (BLANK, *(Line((Span(each, Tone.SOFT),)) for each in wrap(file.path, width)))
