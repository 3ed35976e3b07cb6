"""The SQL that compares a table at two snapshots.

Columns are matched by name. One that only one side has belongs to the schema change and is left out here: a rename is
therefore never a change of rows. Columns whose type changed are compared as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from floe_bench.adapters.computes.connection import LAKE, literal, quoted
from floe_bench.errors import UsageError
from floe_bench.model.table import TableName

Types = Mapping[str, str]
"""Column name -> DuckDB type, in table order."""


def source(table: TableName, snapshot_id: int | None) -> str:
    """Something to select from. DuckDB writes a nested namespace as one dotted name."""
    name = f"{LAKE}.{quoted('.'.join(table.namespace))}.{quoted(table.name)}"
    # An alias cannot follow AT, so the whole is wrapped.
    return name if snapshot_id is None else f"(select * from {name} at (version => {int(snapshot_id)}))"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``old`` and ``new`` are sources. Every query gives (count, samples as a list of structs), the smallest first."""

    old: str
    new: str
    old_types: Types
    new_types: Types
    key: tuple[str, ...]
    limit: int

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.new_types if name in self.old_types)

    def check_key(self) -> None:
        """Raises UsageError."""
        for name in self.key:
            if name not in self.columns:
                raise UsageError(
                    f"key column '{name}' is not in both snapshots", remedy=f"choose from: {', '.join(self.columns)}"
                )

    def added(self) -> str:
        return self._without(self.new, self.old)

    def removed(self) -> str:
        return self._without(self.old, self.new)

    def duplicates(self, side: str) -> str:
        """One key that stands for several rows, with their number."""
        names = ", ".join(quoted(name) for name in self.key)
        row = ", ".join(f"{literal(name)}: {quoted(name)}" for name in self.key)
        return f"select {{{row}}}, count(*) from {side} s group by {names} having count(*) > 1 order by all limit 1"

    def paired(self) -> str:
        """Full join on the key, NULL equal to NULL: (change, count, samples with ``old`` and ``new``) per change."""
        on = " and ".join(f"o.k.{quoted(name)} is not distinct from n.k.{quoted(name)}" for name in self.key)
        keys = f"{{{', '.join(f'{literal(name)}: {self._comparable(name)}' for name in self.key)}}}"
        return f"""
            with o as (select {keys} as k, {self._row()} as r, {self._compared()} as c from {self.old} s),
                 n as (select {keys} as k, {self._row()} as r, {self._compared()} as c from {self.new} s)
            select case when o.r is null then 'added' when n.r is null then 'removed' else 'changed' end as change,
                   count(*),
                   arg_min({{'old': o.r, 'new': n.r}}, coalesce(n.k, o.k), {max(self.limit, 1)})
            from o full join n on {on}
            where o.r is null or n.r is null or o.c is distinct from n.c
            group by 1
        """

    def everything(self, side: str, types: Types) -> str:
        """All rows of one side, for when the other has none."""
        row = ", ".join(f"{literal(name)}: {quoted(name)}" for name in types)
        return f"select count(*), min({{{row}}}, {max(self.limit, 1)}) from {side} s"

    def _without(self, side: str, other: str) -> str:
        """As a multiset: a row that is there three times and was there once, was added twice."""
        rows = f"select {self._compared()} as c from {side} s except all select {self._compared()} as c from {other} s"
        return f"select count(*), min(c, {max(self.limit, 1)}) from ({rows})"

    def _row(self) -> str:
        return f"{{{', '.join(f'{literal(name)}: {quoted(name)}' for name in self.columns)}}}"

    def _compared(self) -> str:
        return f"{{{', '.join(f'{literal(name)}: {self._comparable(name)}' for name in self.columns)}}}"

    def _comparable(self, name: str) -> str:
        retyped = self.old_types[name] != self.new_types[name]
        return f"{quoted(name)}::varchar" if retyped else quoted(name)
