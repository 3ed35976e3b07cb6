"""What the columns of a ``FakeBench``'s tables hold, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from floe_bench.core.profile import LocalProfiling
from floe_bench.errors import UsageError
from floe_bench.events import Event
from floe_bench.model.drift import Drift
from floe_bench.model.profile import ColumnProfile, Profile, TopValue
from tests.rows import columns_of

if TYPE_CHECKING:
    from tests.fakes import FakeBench


class FakeProfiling:
    """Fills ``ports.profile.Profiling``; a histogram has two halves."""

    def __init__(self, bench: FakeBench, emit: Callable[[Event], object]) -> None:
        self._bench = bench
        self._real = LocalProfiling(bench.lake, emit=emit)

    def table(
        self,
        table: str,
        snapshot_id: int | None = None,
        columns: tuple[str, ...] = (),
        cancelled: Callable[[], bool] | None = None,
    ) -> Profile:
        rows = self._bench.rows_at(table, snapshot_id)
        kinds = {name: column.type for name, column in columns_of(rows).items()}
        missing = [name for name in columns if name not in kinds]
        if missing:
            raise UsageError(f"{table} has no column '{missing[0]}'")
        told = tuple(_told(name, kind, [row[name] for row in rows]) for name, kind in kinds.items())
        wanted = tuple(each for each in told if not columns or each.column in columns)
        return Profile(table, snapshot_id or self._bench.heads[table], len(rows), wanted, 0.02)

    def drift(
        self,
        table: str,
        column: str,
        snapshot_id: int | None = None,
        limit: int = 20,
        cancelled: Callable[[], bool] | None = None,
    ) -> Drift:
        return self._real.drift(table, column, snapshot_id, limit)


def _told(name: str, kind: str, values: list[object]) -> ColumnProfile:
    known = [value for value in values if value is not None]
    nulls, distinct = len(values) - len(known), len(set(known))
    if kind == "string":
        top = tuple(TopValue(str(value), many) for value, many in Counter(known).most_common(5))
        texts = sorted(map(str, known))
        return ColumnProfile(name, kind, nulls, distinct, True, texts[0], texts[-1], top=top)
    numbers = [float(str(value)) for value in known]
    low, high = min(numbers), max(numbers)
    upper = sum(number > (low + high) / 2 for number in numbers)
    return ColumnProfile(name, kind, nulls, distinct, True, f"{low:g}", f"{high:g}", (len(numbers) - upper, upper))
