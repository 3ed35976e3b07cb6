"""The drift of a column as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.cli.diagnostics import Diagnostics
from floe_bench.cli.noun import each, time
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import clock, plural
from floe_bench.events import DriftProgressed
from floe_bench.model import drift
from floe_bench.model.drift import Drift, Figures, Reading, measures_of, value_of


def _figure(name: str) -> Callable[[Reading], object]:
    return lambda reading: getattr(reading.figures, name, None)


READING = Shape(
    "reading",
    Field("snapshot_id", "snapshot"),
    Field("committed_at", "when it was committed", time("committed_at")),
    Field("operation", "append, overwrite, delete or replace"),
    Field("run_id", "run that made it; null for a commit that is not by us"),
    Field("column", "name of the column then; empty where the table had none"),
    Field("type", "Iceberg type then"),
    Field("absent", "'not there yet' or 'not there any more'; empty where it is there"),
    Field("same_rows", "it only wrote the rows of the one before anew, and has its figures"),
    Field("half", "it only took away what the one after it replaced, and was not read"),
    Field("rows", "live rows; null where it was not read", _figure("rows")),
    Field("nulls", "rows without a value", _figure("nulls")),
    Field("distinct", "different values; null for nested types", _figure("distinct")),
    Field("exact", "distinct was counted; else it is about right", _figure("exact")),
    Field("lower", "least value as text; null without one", _figure("lower")),
    Field("upper", "greatest value as text; null without one", _figure("upper")),
    Field("mean", "of numbers; of booleans the share that is true", _figure("mean")),
    Field("median", "of numbers", _figure("median")),
    Field("shortest", "of text, in characters", _figure("shortest")),
    Field("mean_length", "of text, in characters", _figure("mean_length")),
    Field("longest", "of text, in characters", _figure("longest")),
    Field("unusual", "list of measures that changed more than they do as a rule", lambda found: list(found.unusual)),
    Field("fault", "why it could not be read; empty where it was"),
)
DRIFT = Shape(
    "drift",
    Field("table", "full name, as namespace.name"),
    Field("column", "name that was asked for"),
    Field("field_id", "Iceberg's id of the column; it stays over renames"),
    Field("readings", "list of readings, oldest first", each("readings", READING)),
    Field("older", "snapshots of the same line that are kept and were not asked for"),
)
_TITLES = {drift.NULLS: "null", drift.MEAN_LENGTH: "length"}
_SPARE = frozenset({drift.MEDIAN, drift.SHORTEST, drift.LONGEST})


def progress(diagnostics: Diagnostics, event: DriftProgressed) -> None:
    diagnostics.changing(f"reading {event.column} at {plural(event.snapshots, 'snapshot')}")


def show_drift(session: Session, found: Drift) -> None:
    short = session.out.ids([reading.snapshot_id for reading in found.readings])
    measures = measures_of(found.readings)
    session.out.table(
        (
            Column("committed"),
            Column("snapshot"),
            Column("operation", spare=True),
            Column("column", elastic=True),
            *(Column(_TITLES.get(measure, measure), right=True, spare=measure in _SPARE) for measure in measures),
            Column("", elastic=True),
        ),
        [
            (
                Cell(clock(reading.committed_at, session.now()), Style.DIM),
                Cell(short(reading.snapshot_id), Style.ID),
                reading.operation,
                reading.column if reading.column != found.column else "",
                *(_cell(reading, measure) for measure in measures),
                _note(reading),
            )
            for reading in found.readings
        ],
    )
    older = f", {plural(found.older, 'older one')} not looked at" if found.older else ""
    session.say(f"{plural(len(found.readings), 'snapshot')}{older}, in {found.duration_s:.2f} s")
    if any(reading.unusual for reading in found.readings):
        session.say("! changed more than three times what three quarters of the other changes stay within")


def _cell(reading: Reading, measure: str) -> Cell:
    figures = reading.figures
    if figures is None:
        return Cell("")
    mark = " !" if measure in reading.unusual else ""
    return Cell(f"{_told(reading, figures, measure)}{mark}", Style.WARN if mark else Style.PLAIN)


def _told(reading: Reading, figures: Figures, measure: str) -> str:
    """Bounds as they are, others as numbers that can be compared."""
    if measure in (drift.LEAST, drift.EARLIEST):
        return figures.lower or ""
    if measure in (drift.GREATEST, drift.LATEST):
        return figures.upper or ""
    value = value_of(reading, measure)
    if value is None:
        return ""
    if measure == drift.NULLS:
        return f"{value:.0f}%" if value in (0, 100) or value >= 10 else f"{value:.2g}%"
    about = "~" if measure == drift.DISTINCT and not figures.exact else ""
    return f"{about}{value:,.0f}" if value == int(value) else f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3g}"


def _note(reading: Reading) -> Cell:
    if reading.fault:
        return Cell(f"cannot be read: {reading.fault}", Style.BAD)
    if reading.absent:
        return Cell(reading.absent, Style.DIM)
    return Cell("half of a write" if reading.half else "the same rows" if reading.same_rows else "", Style.DIM)
