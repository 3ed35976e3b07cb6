"""Tables in memory that keep the rows of each snapshot, so that what is asked of them is worked out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from floe_bench.errors import CatalogUnreachable, IsAView, NoSuchSnapshot, NoSuchTable
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.snapshot import Diff, FileChange, RowChange, Snapshot
from floe_bench.model.table import Table
from tests.fake_views import FakeViews
from tests.rows import Scratch, samples_between, schema_change
from tests.shop import Clock, Rows


@dataclass
class Commit:
    snapshot: Snapshot
    rows: Rows


class FakeTables:
    """The half of a ``FakeBench`` that a catalog is of a real one."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.unreachable = False
        self.heads: dict[str, int] = {}
        """The current snapshot of each table."""
        self.tags: dict[str, dict[str, int]] = {}
        """By table and name."""
        self.views = FakeViews()
        self._commits: dict[str, list[Commit]] = {}

    def _commit(
        self, table: str, rows: Rows, *, run_id: str | None, asset: str | None, node_id: str | None, written_by: str
    ) -> int:
        before = self._commits.setdefault(table, [])
        parent = self._head(table) if before else None
        snapshot = Snapshot(
            snapshot_id=self.new_id(),
            parent_id=parent.snapshot.snapshot_id if parent else None,
            committed_at=self.clock.pass_(0.1),
            operation="overwrite" if parent else "append",
            added_records=len(rows),
            deleted_records=len(parent.rows) if parent else 0,
            total_records=len(rows),
            run_id=run_id,
            asset=asset,
            node_id=node_id,
            total_bytes=100 * len(rows),
            total_files=1,
            live_records=len(rows),
            unchanged=parent is not None and parent.rows == rows,
            written_by=written_by,
        )
        before.append(Commit(snapshot, rows))
        self.put_head(table, snapshot.snapshot_id)
        return snapshot.snapshot_id

    def new_id(self) -> int:
        number = sum(len(each) for each in self._commits.values())
        return 8_841_000_000_000_000_000 - number * 977_000_000_000_000_003

    def put_head(self, table: str, snapshot_id: int, *, empty: bool = False) -> None:
        commits = self._commits[table]
        if empty and all(each.snapshot.snapshot_id != snapshot_id for each in commits):
            commits.append(Commit(Snapshot(snapshot_id, None, self.clock(), "delete", empty=True), []))
        for each in commits:
            here = each.snapshot.snapshot_id == snapshot_id
            each.snapshot = replace(
                each.snapshot,
                refs=("main",) if here else (),
                current_at=(*each.snapshot.current_at, self.clock()) if here else each.snapshot.current_at,
            )
        self.heads[table] = snapshot_id

    def rows_at(self, table: str, snapshot_id: int | None) -> Rows:
        return (self._head(table) if snapshot_id is None else self._by_id(table)[snapshot_id]).rows

    def _head(self, table: str) -> Commit:
        return self._by_id(table)[self.heads[table]]

    def _by_id(self, table: str) -> dict[int, Commit]:
        return {each.snapshot.snapshot_id: each for each in self._of(table)}

    def tables(self) -> tuple[Table, ...]:
        self._reach()
        return tuple(
            Table(
                table=name,
                namespace=name.rpartition(".")[0],
                snapshot_id=head.snapshot.snapshot_id,
                rows=len(head.rows),
                files=1,
                bytes=100 * len(head.rows),
                updated_at=head.snapshot.committed_at,
            )
            for name, head in ((name, self._head(name)) for name in sorted(self._commits))
        )

    def _reach(self) -> None:
        if self.unreachable:
            raise CatalogUnreachable("no answer from http://127.0.0.1:8181", remedy="floe-bench doctor")

    def _of(self, table: str) -> list[Commit]:
        self._reach()
        if table in self.views.known:
            raise IsAView(f"{table} is a view: it has no rows, snapshots or files of its own")
        if table not in self._commits:
            raise NoSuchTable(f"no table '{table}' in the catalog", remedy="floe-bench tables")
        return self._commits[table]

    def snapshots(self, table: str) -> tuple[Snapshot, ...]:
        named = self.tags.get(table, {})
        found = (commit.snapshot for commit in self._of(table))
        return tuple(
            replace(each, refs=(*each.refs, *(name for name, at in named.items() if at == each.snapshot_id)))
            for each in found
        )

    def forget(self, table: str, going: Sequence[int]) -> None:
        self._commits[table] = [each for each in self._of(table) if each.snapshot.snapshot_id not in going]

    def copy_beside(self, table: str) -> int:
        """A snapshot with the rows of the current one, which nothing points to."""
        head = self._head(table)
        parent, snapshot_id = head.snapshot.snapshot_id, self.new_id()
        copy = replace(
            head.snapshot, snapshot_id=snapshot_id, parent_id=parent, operation="replace", run_id=None, refs=()
        )
        self._of(table).append(Commit(copy, head.rows))
        return snapshot_id

    def diff(
        self,
        table: str,
        from_snapshot: int | None = None,
        to_snapshot: int | None = None,
        key: tuple[str, ...] = (),
        limit: int = 20,
        offset: int = 0,
        cancelled: Callable[[], bool] | None = None,
    ) -> Diff:
        commits = {commit.snapshot.snapshot_id: commit for commit in self._of(table)}
        newer = list(commits.values())[-1] if to_snapshot is None else self._at(commits, to_snapshot)
        older_id = newer.snapshot.parent_id if from_snapshot is None else from_snapshot
        old = [] if older_id is None else self._at(commits, older_id).rows
        samples = samples_between(old, newer.rows, key)
        counted = {change: sum(each.change == change for each in samples) for change in ("added", "removed", "changed")}
        return Diff(
            table=table,
            from_snapshot=older_id,
            to_snapshot=newer.snapshot.snapshot_id,
            schema=schema_change(old, newer.rows),
            rows=RowChange(**counted, key=key),
            samples=tuple(samples[offset : offset + limit]),
            files=FileChange(added=1, removed=1 if old else 0),
        )

    def _at(self, commits: dict[int, Commit], snapshot_id: int) -> Commit:
        if snapshot_id not in commits:
            raise NoSuchSnapshot(f"no snapshot {snapshot_id}")
        return commits[snapshot_id]

    def query(self, sql: str, limit: int = 1000) -> QueryAnswer:
        self._reach()
        with Scratch({name: history[-1].rows for name, history in self._commits.items()}) as database:
            return database.answer(sql, limit)

    def rows(
        self,
        table: str,
        snapshot_id: int | None = None,
        offset: int = 0,
        limit: int = 100,
        cancelled: Callable[[], bool] | None = None,
    ) -> QueryAnswer:
        commits = {commit.snapshot.snapshot_id: commit for commit in self._of(table)}
        rows = (list(commits.values())[-1] if snapshot_id is None else self._at(commits, snapshot_id)).rows
        return answer(rows[offset:], limit)


def answer(rows: Rows, limit: int) -> QueryAnswer:
    columns = tuple(rows[0]) if rows else ()
    values = tuple(tuple(row.values()) for row in rows[:limit])
    return QueryAnswer(columns, ("string",) * len(columns), values, truncated=len(rows) > limit, duration_s=0.01)
