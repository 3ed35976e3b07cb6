"""Looking after the tables of a ``FakeBench``: the real verbs over a maintainer that works on its commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from floe_bench.core.undo.extent import main_line
from floe_bench.errors import CommitConflict
from floe_bench.model.anatomy import Anatomy, FilePage
from floe_bench.model.health import Loss, Survey
from floe_bench.model.maintenance import (
    CompactPlan,
    Deleted,
    Expired,
    ExpirePlan,
    ManifestPlan,
    ManifestsRewritten,
    Orphan,
    OrphanPlan,
    PropertyPlan,
    RefPlan,
)
from floe_bench.model.table import TableName
from floe_bench.model.undo import HeadMove
from tests.fake_anatomy import UUID

if TYPE_CHECKING:
    from tests.fakes import FakeBench


class FakeAnatomyReader:
    def __init__(self, bench: FakeBench) -> None:
        self._bench = bench

    def table(self, name: TableName, snapshot_id: int | None) -> Anatomy:
        return self._bench.anatomy.table(str(name), snapshot_id)

    def files(self, name: TableName, snapshot_id: int | None, *, offset: int, limit: int) -> FilePage:
        return self._bench.anatomy.files(str(name), snapshot_id, offset, limit)


@dataclass
class FakeMaintainer:
    """A snapshot has one file, except in ``small``: so many small files does the table have until it is compacted."""

    bench: FakeBench
    small: dict[str, int] = field(default_factory=dict)
    manifests: dict[str, int] = field(default_factory=dict)
    """Of a table that has more than one."""
    strays: dict[str, tuple[Orphan, ...]] = field(default_factory=dict)
    lost: dict[str, set[int]] = field(default_factory=dict)
    """Of a table, snapshots whose file is not in the store."""

    def ref(self, name: TableName, ref: str) -> tuple[str, str, int | None]:
        found = self.bench.tags.get(str(name), {}).get(ref)
        return UUID, "tag" if found else "", found

    def set_ref(self, name: TableName, plan: RefPlan) -> None:
        tags = self.bench.tags.setdefault(str(name), {})
        if tags.get(plan.name) != plan.before:
            raise CommitConflict(f"somebody moved {plan.kind} {plan.name}")
        if plan.after is None:
            del tags[plan.name]
        else:
            tags[plan.name] = plan.after

    def properties(self, name: TableName) -> tuple[str, Mapping[str, str]]:
        return UUID, self.bench.anatomy.properties.setdefault(str(name), {"write.format.default": "parquet"})

    def set_properties(self, name: TableName, plan: PropertyPlan) -> None:
        now = dict(self.properties(name)[1])
        if any(now.get(key) != value for key, value in plan.before.items()):
            raise CommitConflict(f"somebody changed a property of {name}")
        kept = {key: value for key, value in now.items() if key not in plan.before}
        self.bench.anatomy.properties[str(name)] = {**kept, **plan.after}

    def freed(self, name: TableName, going: Sequence[int]) -> tuple[int, int]:
        return len(going), sum(100 * len(self.bench.rows_at(str(name), each)) for each in going)

    def expire(self, name: TableName, plan: ExpirePlan) -> Expired:
        files, size = self.freed(name, plan.going)
        self.bench.forget(str(name), plan.going)
        return Expired(str(name), len(plan.going), files, size)

    def plan_compact(self, name: TableName, small_bytes: int) -> CompactPlan:
        files = self.small.get(str(name), 0)
        return CompactPlan(
            str(name), self.bench.heads[str(name)], small_bytes, files or 1, files, 100 * files, 1 if files else 0
        )

    @contextmanager
    def rewriting(self, name: TableName, small_bytes: int) -> Iterator[FakeMaintainer]:
        self._of = name
        yield self

    def stage(self) -> HeadMove:
        before = self.bench.lake.head(self._of)
        return HeadMove(str(self._of), before, replace(before, snapshot_id=self.bench.copy_beside(str(self._of))))

    def landed(self, move: HeadMove) -> None:
        self.small.pop(str(self._of), None)

    def plan_manifests(self, name: TableName, target_bytes: int | None) -> ManifestPlan:
        found, head = self.manifests.get(str(name), 1), self.bench.heads[str(name)]
        many, target = found > 1, target_bytes or 8 * 1024 * 1024
        return ManifestPlan(str(name), UUID, head, target, found, found if many else 0, 1, found, 7000 * found)

    def rewrite_manifests(self, name: TableName, plan: ManifestPlan) -> ManifestsRewritten:
        found, head = self.manifests.pop(str(name)), self.bench.heads[str(name)]
        after, rows = self.bench.copy_beside(str(name)), len(self.bench.rows_at(str(name), head))
        self.bench.put_head(str(name), after)
        return ManifestsRewritten(str(name), head, after, found, 1, found, rows, 1)

    def files_of(self, name: TableName, snapshot_id: int) -> tuple[int, int]:
        current = snapshot_id == self.bench.heads[str(name)]
        return (1 if current else 3), 100 * len(self.bench.rows_at(str(name), snapshot_id))

    def orphans(self, name: TableName, older_than: datetime) -> OrphanPlan:
        found = self.strays.get(str(name), ())
        old = tuple(each for each in found if each.modified_at < older_than)
        return OrphanPlan(str(name), UUID, older_than, old, len(found) - len(old))

    def survey(self, name: TableName, older_than: datetime) -> Survey:
        return Survey(self.orphans(name, older_than), self.loss(name, self.bench.heads[str(name)]))

    def loss(self, name: TableName, snapshot_id: int) -> Loss:
        lost = self.lost.get(str(name), set())
        loss = Loss(snapshot_id, files=1, looked_for=(1, 0, 1))
        if snapshot_id not in lost:
            return loss
        line = [each.snapshot_id for each in main_line(self.bench.snapshots(str(name)))]
        line = line[line.index(snapshot_id) :]
        whole = tuple(each for each in line if each not in lost)
        gone = (f"s3://warehouse/data/00000-{snapshot_id}.parquet",)
        rows = len(self.bench.rows_at(str(name), snapshot_id))
        return replace(loss, gone=gone, rows=rows, line=len(line), whole=whole)

    def delete_orphans(self, name: TableName, plan: OrphanPlan) -> Deleted:
        self.strays[str(name)] = tuple(each for each in self.strays[str(name)] if each not in plan.orphans)
        return Deleted(str(name), len(plan.orphans), plan.bytes)
