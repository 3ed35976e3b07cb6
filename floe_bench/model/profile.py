"""What the rows of a table hold, column by column."""

from __future__ import annotations

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class TopValue:
    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """``distinct`` leaves nulls out, and is about right unless ``exact``; None for nested types, as the bounds are.

    ``lower`` and ``upper`` are text, None where every value is null. ``bins`` count rows in stretches of equal width
    from ``lower`` to ``upper``, for numbers and times; ``top`` are the most frequent values of the others.
    """

    column: str
    type: str
    nulls: int
    distinct: int | None = None
    exact: bool = True
    lower: str | None = None
    upper: str | None = None
    bins: tuple[int, ...] = ()
    top: tuple[TopValue, ...] = ()

    @property
    def unique(self) -> bool:
        """Every value is there once; not known of what has a width."""
        return bool(self.top) and all(each.rows == 1 for each in self.top)


@dataclass(frozen=True, slots=True)
class Profile:
    """``snapshot_id`` None: the table was never written."""

    table: str
    snapshot_id: int | None
    rows: int
    columns: tuple[ColumnProfile, ...] = ()
    duration_s: float = 0.0
