"""What the rows of a table hold, as the bench offers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from floe_bench.core.drift import ColumnDrift
from floe_bench.core.parts import Tables
from floe_bench.errors import StackUnavailable, UsageError
from floe_bench.events import Event
from floe_bench.model.command import to_type
from floe_bench.model.drift import Drift
from floe_bench.model.profile import Profile
from floe_bench.model.table import TableName
from floe_bench.ports.profile import CanProfile

_never: Callable[[], bool] = lambda: False  # noqa: E731


class LocalProfiling:
    """Fulfils ``ports.profile.Profiling``."""

    def __init__(self, parts: Tables, *, emit: Callable[[Event], object] = lambda event: None) -> None:
        self._parts = parts
        self._drift = ColumnDrift(parts, emit=emit)

    def table(
        self,
        table: str,
        snapshot_id: int | None = None,
        columns: tuple[str, ...] = (),
        cancelled: Callable[[], bool] = _never,
    ) -> Profile:
        name, catalog, compute = TableName.parse(table), self._parts.catalog(), self._parts.compute()
        if not isinstance(compute, CanProfile):
            raise StackUnavailable("this compute does not profile tables")
        at = catalog.table(name).snapshot_id if snapshot_id is None else snapshot_id
        known = {column.name: column.type for column in catalog.columns(name, at)}
        for wanted in columns:
            if wanted not in known:
                raise UsageError(f"{table} has no column '{wanted}'", remedy=to_type("schema", table))
        if at is None:
            return Profile(table, None, 0)
        found = compute.profile(name, at, columns or tuple(known), cancelled=cancelled)
        return replace(found, columns=tuple(replace(each, type=known[each.column]) for each in found.columns))

    def drift(
        self,
        table: str,
        column: str,
        snapshot_id: int | None = None,
        limit: int = 20,
        cancelled: Callable[[], bool] = _never,
    ) -> Drift:
        return self._drift.of(table, column, snapshot_id, limit, cancelled=cancelled)
