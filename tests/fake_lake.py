"""The tables of a ``FakeBench`` behind the ports that an undo works with: the real undo, on a lakehouse in memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from floe_bench.errors import CommitConflict, NoSuchTable, QueryFailed
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.drift import Figures
from floe_bench.model.export import FileFormat
from floe_bench.model.snapshot import RowChange, SchemaChange, Snapshot
from floe_bench.model.table import Column, Member, Table, TableName
from floe_bench.model.undo import HeadMove, TableHead
from tests.fake_maintenance import FakeAnatomyReader, FakeMaintainer
from tests.fake_picking import FakePicker
from tests.fake_reshape import FakeReshaper
from tests.rows import Scratch, columns_of, schema_change
from tests.shop import Rows

if TYPE_CHECKING:
    from tests.fakes import FakeBench


@dataclass
class FakeLake:
    """Catalog, head mover, compute and orchestrator in one."""

    bench: FakeBench
    moves_together: bool = True
    observed: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    lost: set[tuple[TableName, int]] = field(default_factory=set)
    """Snapshots whose files a test took away."""
    before_move: Callable[[HeadMove], None] = lambda move: None
    """A test's way in between the look and the commit."""

    def catalog(self) -> Any:
        return self

    def compute(self) -> Any:
        return self

    def orchestrator(self, *, parsed: bool = True) -> Any:
        return self

    @property
    def anatomy(self) -> FakeAnatomyReader:
        return FakeAnatomyReader(self.bench)

    @property
    def reshaper(self) -> FakeReshaper:
        return self.bench.reshaper

    @property
    def picker(self) -> FakePicker:
        return FakePicker(self.bench)

    @property
    def maintainer(self) -> FakeMaintainer:
        return self.bench.maintainer

    def names(self) -> tuple[TableName, ...]:
        return tuple(TableName.parse(each.table) for each in self.bench.tables())

    def table(self, name: TableName) -> Table:
        found = [each for each in self.bench.tables() if each.table == str(name)]
        if not found:
            raise NoSuchTable(f"no table '{name}' in the catalog", remedy="floe-bench tables")
        return found[0]

    def export(
        self,
        what: TableName | str,
        snapshot_id: int | None,
        path: Path,
        *,
        form: FileFormat,
        cancelled: Any,
        past: Mapping[TableName, int] | None = None,
    ) -> int:
        """Rows as JSON lines, whatever the format."""
        if isinstance(what, str):
            answer = self.bench.query(what) if past is None else self.query_at(what, past, limit=1000)
            rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        else:
            rows = [dict(row) for row in self.bench.rows_at(str(what), snapshot_id)]
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return len(rows)

    # ── orchestrator ──────────────────────────────────────────────────────────────────────────────────────────────

    def runs(self, limit: int) -> Any:
        return self.bench.runs(limit)

    def run(self, run_id: str) -> Any:
        return self.bench.run(run_id)

    def snapshot_links(self) -> dict[int, tuple[str, str]]:
        return {}

    def observe(self, asset: str, description: str, facts: Mapping[str, str]) -> None:
        self.observed.append((asset, description, facts))

    # ── catalog ───────────────────────────────────────────────────────────────────────────────────────────────────

    def snapshots(self, name: TableName) -> tuple[Snapshot, ...]:
        return self.bench.snapshots(str(name))

    def columns(self, name: TableName, snapshot_id: int | None = None) -> tuple[Column, ...]:
        return tuple(columns_of(self._rows(name, snapshot_id)).values())

    def members(self, name: TableName, snapshot_id: int | None = None) -> tuple[Member, ...]:
        return tuple(Member(each.field_id, (each.name,), each.type) for each in self.columns(name, snapshot_id))

    def ground(self, name: TableName, before: int | None, after: int) -> None:
        return None

    def schema_change(self, name: TableName, before: int | None, after: int) -> SchemaChange:
        return schema_change(self._rows(name, before), self._rows(name, after))

    def head(self, name: TableName) -> TableHead:
        if str(name) not in self.bench.heads:
            raise NoSuchTable(f"no table '{name}' in the catalog")
        snapshot_id = self.bench.heads[str(name)]
        return self._head(name, snapshot_id)

    def head_at(self, name: TableName, snapshot_id: int | None) -> TableHead:
        if snapshot_id is None:
            return replace(self._head(name, self.bench.new_id()), empty=True)
        return self._head(name, snapshot_id)

    def move(self, moves: Sequence[HeadMove]) -> None:
        for move in moves:
            self.before_move(move)
        for move in moves:
            if self.head(TableName.parse(move.table)) != move.before:
                raise CommitConflict(f"somebody else wrote to {move.table} in between")
        for move in moves:
            self.bench.put_head(move.table, move.after.snapshot_id or 0, empty=move.after.empty)

    def _head(self, name: TableName, snapshot_id: int) -> TableHead:
        found = {each.snapshot_id: each for each in self.snapshots(name)}
        empty = snapshot_id in found and found[snapshot_id].empty
        return TableHead(f"uuid of {name}", snapshot_id, 0, 0, 0, empty)

    # ── the past ──────────────────────────────────────────────────────────────────────────────────────────────────

    def names_in(self, sql: str) -> frozenset[str]:
        return frozenset(each.table for each in self.bench.tables() if each.table in sql)

    def query_at(
        self, sql: str, snapshots: Mapping[TableName, int], *, limit: int, cancelled: Any = None
    ) -> QueryAnswer:
        with Scratch({str(name): self._rows(name, at) for name, at in snapshots.items()}) as database:
            return database.answer(sql, limit)

    # ── compute ───────────────────────────────────────────────────────────────────────────────────────────────────

    def count(self, name: TableName, snapshot_id: int | None = None) -> int:
        return len(self._rows(name, snapshot_id))

    def figures(self, name: TableName, snapshot_id: int, path: tuple[str, ...], **_: Any) -> Figures:
        rows, (column,) = self._rows(name, snapshot_id), path
        known = [row[column] for row in rows if row[column] is not None]
        if (name, snapshot_id) in self.lost:
            raise QueryFailed("a file that the table needs is not in the object store")
        told = Figures(len(rows), len(rows) - len(known), len(set(known)))
        if known and not isinstance(known[0], int | float):
            lengths = [len(str(value)) for value in known]
            mean = sum(lengths) / len(lengths)
            return replace(told, shortest=min(lengths), mean_length=mean, longest=max(lengths))
        numbers = sorted(float(str(value)) for value in known)
        if not numbers:
            return told
        mean, median = sum(numbers) / len(numbers), numbers[len(numbers) // 2]
        return replace(told, lower=f"{numbers[0]:g}", upper=f"{numbers[-1]:g}", mean=mean, median=median)

    def row_change(self, name: TableName, before: int, after: int, **_: Any) -> tuple[RowChange, tuple[()]]:
        old, new = (Counter(map(repr, self._rows(name, each))) for each in (before, after))
        return RowChange((new - old).total(), (old - new).total()), ()

    def _rows(self, name: TableName, snapshot_id: int | None) -> Rows:
        return self.bench.rows_at(str(name), snapshot_id)
