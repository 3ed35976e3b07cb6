"""A table that has everything: snapshots with a tag, a column that came later, deletes, partitions, small files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event as Flag

import shop
from scripted_client import ScriptedClient
from stage import playing

from floe_bench.errors import BenchError, Cancelled, UsageError
from floe_bench.events import DriftProgressed, Event, TablesChanged, ViewsChanged
from floe_bench.model.anatomy import (
    Anatomy,
    Bounds,
    Content,
    FilePage,
    LakeFile,
    Manifest,
    MetadataFile,
    Partition,
    Ref,
    SchemaVersion,
    Spec,
    Totals,
)
from floe_bench.model.drift import Drift, Figures, Reading, marked
from floe_bench.model.finding import FindingState
from floe_bench.model.health import Health, Symptom
from floe_bench.model.maintenance import (
    Compacted,
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
from floe_bench.model.picking import Picked, PickPlan
from floe_bench.model.profile import ColumnProfile, Profile, TopValue
from floe_bench.model.reshape import (
    ColumnChange,
    DropPlan,
    PartitionChange,
    PartitionField,
    PartitionPlan,
    PromotePlan,
    RenamePlan,
    SchemaPlan,
    SortPlan,
)
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Column, Table
from floe_bench.model.undo import HeadMove, TableHead

MART = "marts.mart_customer_360"
VIEW = "marts.spend_by_customer"
FIRST, SECOND, THIRD = 5_369_000_000_000_005_369, 6_476_000_000_000_006_476, 8_841_000_000_000_008_841
_COLUMNS = (
    Column(1, "customer_id", "string", True, "business key"),
    Column(2, "total_spend", "decimal(12, 2)", False, "net of refunds"),
    Column(3, "address", "struct"),
    Column(4, "address.city", "string"),
)
_LATER = Column(7, "churn_risk", "double", False, "probability, 0 to 1")
OLD = SchemaVersion(0, _COLUMNS, False, FIRST, shop.ago(7200))
NEW = SchemaVersion(1, (*_COLUMNS, _LATER), True, SECOND, shop.ago(1320))


def snapshots() -> tuple[Snapshot, ...]:
    return (
        Snapshot(FIRST, None, shop.ago(7200), "append", 497, 0, 497, "91bc0f3e", "marts/mart_customer_360",
                 refs=("audit",), total_bytes=41_000, total_files=1),
        Snapshot(SECOND, FIRST, shop.ago(1320), "overwrite", 497, 497, 497, "91bc0f3e", "marts/mart_customer_360",
                 total_bytes=52_000, total_files=1),
        Snapshot(THIRD, SECOND, shop.ago(5), "append", 3, 0, 500, None, None, refs=("main",), total_bytes=61_000,
                 total_files=9, written_by="spark 3.5.1"),
    )  # fmt: skip


def anatomy(snapshot_id: int | None) -> Anatomy:
    at = next(each for each in snapshots() if each.snapshot_id == (snapshot_id or THIRD))
    return Anatomy(
        table=MART,
        table_uuid="9c12d441-03fe-4693-9a96-a0705ddf69c1",
        format_version=2,
        location="s3://warehouse/marts/mart_customer_360",
        metadata_location="s3://warehouse/marts/mart_customer_360/metadata/v14.metadata.json",
        snapshot_id=at.snapshot_id,
        committed_at=at.committed_at,
        current=at.snapshot_id == THIRD,
        rows=at.total_records,
        totals=Totals(9, 2, 4, 505, 5, 0, 61_000, 900) if at.snapshot_id == THIRD else Totals(1, 0, 1, 497),
        schema=OLD if at.snapshot_id == FIRST else NEW,
        schemas=2,
        spec=Spec(1, ("day(ordered_at)", "region"), True),
        specs=(Spec(0), Spec(1, ("day(ordered_at)", "region"), True)),
        sort_order=Spec(1, ("customer_id asc nulls first",), True),
        sort_orders=(Spec(0), Spec(1, ("customer_id asc nulls first",), True)),
        refs=(Ref("audit", "tag", FIRST, 864_000), Ref("main", "branch", THIRD)),
        snapshots=3,
        oldest_at=shop.ago(7200),
        metadata_files=14,
        metadata_log=(
            *(
                MetadataFile(f"s3://w/metadata/v{number}.metadata.json", shop.ago(7200 - 500 * number))
                for number in range(1, 14)
            ),
            MetadataFile("s3://w/metadata/v14.metadata.json", at.committed_at),
        ),
        properties={"comment": "One row per customer.", "write.format.default": "parquet"},
    )


def files(snapshot_id: int | None) -> FilePage:
    found = [
        LakeFile(f"s3://w/data/00000-{n}-4545f0d0-aaaa.parquet", Content.DATA, "parquet",
                 f"ordered_at_day=2026-11-2{n % 3}/region=north", 1, 60 - n, 7_000 - 100 * n, THIRD,
                 (Bounds("customer_id", 0, "C-0001", "C-0500"),))
        for n in range(9)
    ]  # fmt: skip
    deletes = replace(found[0], path="s3://w/data/00010-deletes.parquet", content=Content.POSITION_DELETES, records=5)
    found += [deletes, replace(deletes, path="s3://w/data/00011-deletes.parquet", records=2)]
    partitions = tuple(
        Partition(
            f"ordered_at_day=2026-11-2{n}/region=north", 1, 3, 1 if n == 1 else 0, 170 - 40 * n, 30_000 // (n + 1)
        )
        for n in range(3)
    )
    manifests = (Manifest("s3://w/metadata/a-m0.avro", "data", 1, 4_000, 9, 505, THIRD),)
    return FilePage(MART, snapshot_id or THIRD, anatomy(None).totals, manifests, partitions, tuple(found))


def health_then() -> Health:
    """Of an older snapshot."""
    lost = "1 of 6 files gone from the store, 1 data file with 120 rows: 00001-orders.parquet"
    whole = f"the newest before it that is whole is {FIRST}"
    return Health(MART, (Symptom("missing files", FindingState.FAIL, lost, "", whole),))


def health() -> Health:
    ok, warn = FindingState.OK, FindingState.WARN
    return Health(
        MART,
        (
            Symptom("readable", ok, "4 manifest files, all that the current snapshot has"),
            Symptom("small files", warn, "9 of 9 data files under 8 MiB", f"floe-bench compact {MART}",
                    "9 files → about 3, same rows"),
            Symptom("row-level deletes", ok, "2 delete files for 9 data files, 1% of the records"),
            Symptom("orphans", FindingState.SKIP, "which files the table needs is not known"),
        ),
    )  # fmt: skip


@dataclass
class ScriptedAnatomy:
    """``fault`` is what every read raises; with ``held``, a read of the past answers when that is set."""

    fault: BenchError | None = None
    held: Flag | None = None
    asked: list[tuple[str, str, int | None]] = field(default_factory=list)
    branches: tuple[Ref, ...] = ()
    versions: tuple[SchemaVersion, ...] = (OLD, NEW)
    before_eyes: list[tuple[str, ...]] = field(default_factory=list)

    def seen(self, tables: tuple[str, ...]) -> None:
        self.before_eyes.append(tables)

    def table(self, table: str, snapshot_id: int | None = None) -> Anatomy:
        self._ask("table", table, snapshot_id)
        found = anatomy(snapshot_id if table == MART else None)
        return replace(found, table=table, refs=(*found.refs, *self.branches))

    def schemas(self, table: str) -> tuple[SchemaVersion, ...]:
        return self.versions

    def metadata_log(self, table: str) -> tuple[MetadataFile, ...]:
        """Each larger than the one before; the oldest are gone."""
        self._ask("metadata_log", table, None)
        return tuple(
            replace(each, bytes=1_900 * place if place > 2 else None, gone=place <= 2)
            for place, each in enumerate(anatomy(None).metadata_log)
        )

    def files(self, table: str, snapshot_id: int | None = None, offset: int = 0, limit: int = 100) -> FilePage:
        self._ask("files", table, snapshot_id)
        return files(snapshot_id)

    def _ask(self, verb: str, table: str, snapshot_id: int | None) -> None:
        self.asked.append((verb, table, snapshot_id))
        if self.held is not None and snapshot_id is not None:
            self.held.wait(timeout=300)
        if self.fault is not None:
            raise self.fault


def profile(snapshot_id: int | None) -> Profile:
    spend, risk = (1, 9, 80, 190, 120, 60, 20, 12, 5, 3), (120, 80, 40, 20, 9, 0, 0, 30, 60, 141)
    columns = (
        ColumnProfile("customer_id", "string", 0, 500, True, "C-0001", "C-0500", top=(TopValue("C-0001", 1),)),
        ColumnProfile("total_spend", "decimal(12, 2)", 0, 488, True, "0.00", "9120.40", spend),
        ColumnProfile("address", "struct", 12),
        ColumnProfile("churn_risk", "double", 55, 1_200_402, False, "0.01", "0.98", risk),
    )
    return Profile(MART, snapshot_id or THIRD, 500, columns, 0.2)


def readings() -> tuple[Reading, ...]:
    """Of ``total_spend``: not there at first, renamed, written anew, lost, and with a jump at the end."""
    made = []
    for place in range(20):
        figures = Figures(500 + 3 * place, 2 * place, 400 + place, True, "0.50", f"{90 + place}.25",
                          20 + place * 0.7, 18.5 + place * 0.5)  # fmt: skip
        if place > 17:
            figures = replace(figures, rows=1900, mean=61.5 + place, upper="9120.40")
        run = None if place % 7 == 3 else f"{place:04x}bc0f"
        made.append(
            Reading(7_000_000_000_000_000_000 + 173 * place, shop.ago(90_000 - 4_500 * place), "overwrite",
                    "spend" if place < 6 else "total_spend", "decimal(12, 2)", figures, run_id=run)
        )  # fmt: skip
    made[0] = replace(made[0], column="", type="", figures=None, absent="not there yet")
    made[8] = replace(made[8], operation="replace", figures=made[7].figures, same_rows=True)
    lost = "a file that the table needs is not in the object store: s3://w/data/00007.parquet"
    made[15] = replace(made[15], operation="delete", figures=None, half=True)
    made[12] = replace(made[12], figures=None, fault=lost, remedy="floe-bench snapshots")
    return marked(made)


@dataclass
class ScriptedProfiling:
    """The drift tells its readings one by one; with ``held``, it stops after so many until that is set."""

    tell: Callable[[Event], None] = lambda event: None
    held: Flag | None = None
    stops_after: int = 7
    asked: list[tuple[str, str, int | None, int]] = field(default_factory=list)
    gave_up: int = 0
    fault: BenchError | None = None

    def drift(
        self,
        table: str,
        column: str,
        snapshot_id: int | None = None,
        limit: int = 20,
        cancelled: Callable[[], bool] | None = None,
    ) -> Drift:
        self.asked.append((table, column, snapshot_id, limit))
        if self.fault is not None:
            raise self.fault
        found = readings()
        for number, each in enumerate(reversed(found)):
            if number == self.stops_after and self.held is not None:
                while not self.held.wait(timeout=0.02):
                    if cancelled is not None and cancelled():
                        self.gave_up += 1
                        raise Cancelled("cancelled")
            self.tell(DriftProgressed(table, column, replace(each, unusual=()), len(found)))
        return Drift(table, column, 2, found, 0 if limit > 20 else 11, 0.8)

    def table(
        self,
        table: str,
        snapshot_id: int | None = None,
        columns: tuple[str, ...] = (),
        cancelled: Callable[[], bool] | None = None,
    ) -> Profile:
        return profile(snapshot_id)


@dataclass
class ScriptedMaintenance:
    idle: bool = False
    done: list[object] = field(default_factory=list)

    def health(self, table: str, snapshot_id: int | None = None) -> Health:
        return health() if snapshot_id is None else health_then()

    def plan_compact(self, table: str, small_bytes: int | None = None) -> CompactPlan:
        return CompactPlan(table, THIRD, 8 << 20, 9, 0 if self.idle else 9, 61_000, 3)

    def compact(self, plan: CompactPlan) -> Compacted:
        self.done.append(plan)
        return Compacted(plan.table, THIRD, 99, 9, 3, 61_000, 40_000, 500, 1)

    def plan_expire(self, table: str, older_than: datetime | None = None, keep: int | None = None) -> ExpirePlan:
        going = () if self.idle else (SECOND,)
        return ExpirePlan(table, "uuid", datetime(2026, 11, 17, tzinfo=UTC), 1, going, 2, {}, 4, 52_000)

    def plan_orphans(self, table: str, older_than: datetime | None = None) -> OrphanPlan:
        found = () if self.idle else (Orphan("s3://w/data/stray.parquet", 9_000, shop.ago(900_000)),)
        return OrphanPlan(table, "uuid", shop.ago(260_000), found)

    def delete_orphans(self, plan: OrphanPlan) -> Deleted:
        self.done.append(plan)
        return Deleted(plan.table, len(plan.orphans), plan.bytes)

    def plan_ref(
        self, table: str, name: str, kind: str, snapshot_id: int | None = None, max_age_s: int | None = None
    ) -> RefPlan:
        before = FIRST if name == "audit" else None
        return RefPlan(table, "uuid", name, kind, before, snapshot_id)

    def set_ref(self, plan: RefPlan) -> RefPlan:
        self.done.append(plan)
        return plan

    def plan_properties(self, table: str, wanted: Mapping[str, str], unwanted: tuple[str, ...] = ()) -> PropertyPlan:
        now = anatomy(None).properties
        return PropertyPlan(table, "uuid", {key: now[key] for key in (*wanted, *unwanted) if key in now}, dict(wanted))

    def set_properties(self, plan: PropertyPlan) -> PropertyPlan:
        self.done.append(plan)
        return plan

    def plan_manifests(self, table: str, target_bytes: int | None = None) -> ManifestPlan:
        return ManifestPlan(table, "uuid", THIRD, 8 << 20, 40, 0 if self.idle else 40, 1, 40, 280_000)

    def rewrite_manifests(self, plan: ManifestPlan) -> ManifestsRewritten:
        self.done.append(plan)
        return ManifestsRewritten(plan.table, THIRD, 99, 40, 1, 40, 500, 1)

    def expire(self, plan: ExpirePlan) -> Expired:
        self.done.append(plan)
        return Expired(plan.table, 1, 4, 52_000)


@dataclass
class ScriptedReshaping:
    done: list[object] = field(default_factory=list)

    def plan_schema(
        self, table: str, changes: tuple[ColumnChange, ...] = (), schema_id: int | None = None
    ) -> SchemaPlan:
        return SchemaPlan(table, "uuid", 1, (), (), changes, schema_id, ("marts/mart_customer_360 makes this table",))

    def change_schema(self, plan: SchemaPlan) -> SchemaPlan:
        self.done.append(plan)
        return plan

    def plan_partitioning(
        self, table: str, changes: tuple[PartitionChange, ...] = (), spec_id: int | None = None
    ) -> PartitionPlan:
        after = tuple(PartitionField(1000, "by_day", each.field) for each in changes)
        return PartitionPlan(table, "uuid", 0, (), after, changes, spec_id)

    def change_partitioning(self, plan: PartitionPlan) -> PartitionPlan:
        self.done.append(plan)
        return plan

    def plan_sorting(self, table: str, fields: tuple[str, ...] = (), order_id: int | None = None) -> SortPlan:
        return SortPlan(table, "uuid", 1, ("customer_id asc nulls first",), fields, fields, order_id)

    def change_sorting(self, plan: SortPlan) -> SortPlan:
        self.done.append(plan)
        return plan

    def plan_rename(self, table: str, to: str) -> RenamePlan:
        if to == "raw.raw_customers":
            raise UsageError(f"there is a table {to} already", remedy="choose another name")
        return RenamePlan(table, "uuid", to, ("still read under its old name by marts/churn",))

    def rename(self, plan: RenamePlan) -> RenamePlan:
        self.done.append(plan)
        return plan

    def plan_drop(self, table: str, purge: bool = False) -> DropPlan:
        return DropPlan(table, "uuid", purge, 3, 500, 61_000, ("audit",), ("marts/churn",))

    def drop(self, plan: DropPlan) -> DropPlan:
        self.done.append(plan)
        return plan

    def plan_promote(self, table: str, ref: str) -> PromotePlan:
        before = TableHead("uuid", THIRD, 1, 0, 0)
        return PromotePlan(ref, HeadMove(table, before, replace(before, snapshot_id=ASIDE)), 1)

    def promote(self, plan: PromotePlan) -> PromotePlan:
        self.done.append(plan)
        return plan


@dataclass
class ScriptedPicking:
    done: list[object] = field(default_factory=list)

    def plan_pick(self, table: str, snapshot_id: int, onto: str = "main") -> PickPlan:
        return PickPlan(table, "uuid", snapshot_id, onto, THIRD, "append", False, 1, 7, 9_000)

    def pick(self, plan: PickPlan) -> Picked:
        self.done.append(plan)
        return Picked(plan.table, plan.onto, plan.snapshot_id, THIRD, 99, False, 1, 7, 1)


ASIDE = 5_000_000_000_000_004_711
"""A snapshot that is not on the main line, where ``with_one_aside`` puts one."""


def with_one_aside(client: ScriptedClient) -> ScriptedClient:
    first = snapshots()[0]
    more = replace(
        first, snapshot_id=ASIDE, parent_id=FIRST, operation="append", added_records=7, refs=("audit",), run_id=None
    )
    client.tables_read = {**client.tables_read, MART: (*snapshots(), more)}
    return client


def with_a_view(client: ScriptedClient) -> ScriptedClient:
    client.views.add(VIEW)
    client.replay = [*client.replay, ViewsChanged(client.views.all())]
    return client


def looking(tables: tuple[Table, ...] | None = None) -> ScriptedClient:
    """A client that knows the table, and all that can be looked at in it."""
    client = playing()
    client.tables_read = {**client.tables_read, MART: snapshots()}
    listed = tables or (
        *(shop.table(name, 7, rows) for name, rows in (
            ("raw.raw_customers", 500), ("raw.raw_transactions", 4812), ("staging.stg_crm_customers", 500),
            ("intermediate.int_customer_orders", 500), ("finance.archive.ledger", None))),
        replace(shop.table("finance.archive.empty", None), rows=0),
        shop.table(MART, THIRD, 500),
    )  # fmt: skip
    client.anatomy, client.maintenance = ScriptedAnatomy(), ScriptedMaintenance()
    client.profile = ScriptedProfiling(client.tell)
    client.reshaping, client.picking = ScriptedReshaping(), ScriptedPicking()
    client.replay = [*client.replay, TablesChanged(tuple(listed))]
    return client
