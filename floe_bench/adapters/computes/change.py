"""The SQL that compares a table at two snapshots.

A column that only one side has belongs to the schema change and is left out here: a rename is therefore never a change
of rows. Columns whose type was widened are compared in the wider type, others whose type changed as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from floe_bench.adapters.computes.connection import LAKE, literal, quoted
from floe_bench.errors import UsageError
from floe_bench.model.table import TableName

Types = Mapping[str, str]
"""Column name -> DuckDB type, in table order."""
FILE = "filename"
"""DuckDB's virtual column: where a row was read from. A filter on it keeps other files from being opened."""
_WIDENED = {("INTEGER", "BIGINT"), ("FLOAT", "DOUBLE")}
"""Type promotions of the Iceberg spec under which an old file reads as the wider type's own value."""


def source(table: TableName, snapshot_id: int | None) -> str:
    """Something to select from. DuckDB writes a nested namespace as one dotted name."""
    name = f"{LAKE}.{quoted('.'.join(table.namespace))}.{quoted(table.name)}"
    # An alias cannot follow AT, so the whole is wrapped.
    return name if snapshot_id is None else f"(select * from {name} at (version => {int(snapshot_id)}))"


def in_files(table: TableName, snapshot_id: int, columns: Iterable[str], files: Sequence[str]) -> str:
    """The rows of a snapshot that lie in these files, row-level deletes and schema changes applied."""
    names = ", ".join(quoted(name) for name in columns)
    whole = source(table, snapshot_id).replace("select *", f"select *, {FILE}", 1)
    where = f"{FILE} in ({', '.join(literal(file) for file in files)})" if files else "false"
    return f"(select {names} from {whole} f where {where})"


def parquet(files: Sequence[str], types: Types, ids: Mapping[str, int]) -> str:
    """The rows of these files, columns by field id, so that a file of before a rename is read right."""
    fields = ", ".join(
        f"{ids[name]}: {{name: {literal(name)}, type: {literal(kind)}, default_value: null}}"
        for name, kind in types.items()
    )
    listed = ", ".join(literal(file) for file in files)
    return f"(select * from read_parquet([{listed}], schema = map {{{fields}}}))"


def renamed(side: str, names: Mapping[str, str]) -> str:
    """Columns of an older snapshot by their names of now; others are left out."""
    return f"(select {', '.join(f'{quoted(old)} as {quoted(new)}' for new, old in names.items())} from {side} s)"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``old`` and ``new`` are sources whose columns are matched by name."""

    old: str
    new: str
    old_types: Types
    new_types: Types
    key: tuple[str, ...]
    limit: int
    offset: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.new_types if name in self.old_types)

    @property
    def values(self) -> tuple[str, ...]:
        """Columns outside of the key."""
        return tuple(name for name in self.columns if name not in self.key)

    def check_key(self) -> None:
        """Raises UsageError."""
        for name in self.key:
            if name not in self.columns:
                raise UsageError(
                    f"key column '{name}' is not in both snapshots", remedy=f"choose from: {', '.join(self.columns)}"
                )

    def duplicates(self, side: str) -> str:
        """One key that stands for several rows, with their number."""
        names = ", ".join(quoted(name) for name in self.key)
        row = ", ".join(f"{literal(name)}: {quoted(name)}" for name in self.key)
        return f"select {{{row}}}, count(*) from {side} s group by {names} having count(*) > 1 order by all limit 1"

    def paired(self) -> str:
        """Full join on the key, NULL equal to NULL.

        One row per change: what it is, how many, samples with ``old`` and ``new``, and per value column in how many
        changed rows it differs.
        """
        on = " and ".join(f"{self._old(name)} is not distinct from {self._new(name)}" for name in self.key)
        differ = {name: f"{self._old(name)} is distinct from {self._new(name)}" for name in self.values}
        both = "o_here is not null and n_here is not null"
        per_column = ", ".join(f"count(*) filter (where {both} and {test})" for test in differ.values())
        order = ", ".join(f"coalesce({self._new(name)}, {self._old(name)})" for name in self.key)
        pair = f"{{'old': {self._row('o')}, 'new': {self._row('n')}}}"
        return f"""
            with o as (select {self._named("o")}, true as o_here from {self.old} s),
                 n as (select {self._named("n")}, true as n_here from {self.new} s)
            select case when o_here is null then 'added' when n_here is null then 'removed' else 'changed' end,
                   count(*),
                   arg_min({pair}, row({order}), {self._most}){self._page},
                   [{per_column}]
            from o full join n on {on}
            where o_here is null or n_here is null {"".join(f" or {test}" for test in differ.values())}
            group by 1
        """

    def multiset(self) -> str:
        """In one pass: (added, removed, samples of each). A row that was there once and is there thrice: two added."""
        columns = [quoted(f"c{place}") for place in range(len(self.columns))]
        new, old = (
            f"select {', '.join(f'{self._cast(name, side)} as c{place}' for place, name in enumerate(self.columns))}, "
            f"{sign} as d from {rows} s"
            for side, sign, rows in (("n", 1, self.new), ("o", -1, self.old))
        )
        row = ", ".join(f"{literal(name)}: {column}" for name, column in zip(self.columns, columns, strict=True))
        samples = (
            f"(select min(r, {self._most}){self._page} from "
            f"(select {{{row}}} as r, unnest(range(least({sign}, {self._most})::bigint)) from t where {sign} > 0))"
            for sign in ("d", "-d")
        )
        return f"""
            with t as materialized (
                select {", ".join(columns)}, sum(d) as d from ({new} union all {old})
                group by {", ".join(columns)} having sum(d) <> 0
            )
            select coalesce(sum(greatest(d, 0)), 0), coalesce(sum(greatest(-d, 0)), 0), {", ".join(samples)} from t
        """

    def everything(self, side: str, types: Types) -> str:
        """All rows of one side, for when the other has none: how many, and samples."""
        row = ", ".join(f"{literal(name)}: {quoted(name)}" for name in types)
        return f"select count(*), min({{{row}}}, {self._most}){self._page} from {side} s"

    @property
    def _most(self) -> int:
        """The last sample that is wanted."""
        return max(self.offset + self.limit, 1)

    @property
    def _page(self) -> str:
        return f"[{self.offset + 1}:{self.offset + self.limit}]"

    def _named(self, side: str) -> str:
        return ", ".join(f"{quoted(name)} as {side}{place}" for place, name in enumerate(self.columns))

    def _row(self, side: str) -> str:
        return f"{{{', '.join(f'{literal(name)}: {side}{place}' for place, name in enumerate(self.columns))}}}"

    def _old(self, name: str) -> str:
        return self._compared(f"o{self.columns.index(name)}", name, old=True)

    def _new(self, name: str) -> str:
        return self._compared(f"n{self.columns.index(name)}", name, old=False)

    def _cast(self, name: str, side: str) -> str:
        return self._compared(quoted(name), name, old=side == "o")

    def _compared(self, value: str, name: str, *, old: bool) -> str:
        before, after = self.old_types[name], self.new_types[name]
        if before == after:
            return value
        if (before, after) in _WIDENED or (before.startswith("DECIMAL") and after.startswith("DECIMAL")):
            return f"{value}::{after}" if old else value
        return f"{value}::varchar"
