"""A small project with every odd state: never made, stale, a failing check, a foreign snapshot, an empty rewrite."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from floe_bench.events import (
    AssetsChanged,
    Booted,
    Event,
    Logged,
    PhaseEnded,
    PhaseStarted,
    ProjectOpened,
    RunsListed,
    StackChanged,
    TablesChanged,
)
from floe_bench.model.answer import LogLine
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus
from floe_bench.model.snapshot import Diff, FileChange, RowChange, Sample, SchemaChange, Snapshot
from floe_bench.model.stack import Service, StackState, StackStatus
from floe_bench.model.table import Column, Table

NOW = datetime(2026, 11, 22, 14, 2, 16, tzinfo=UTC)
RUN_7F3A = "7f3a52c0-1111-4aaa-8888-000000000001"
RUN_91BC = "91bc0f3e-2222-4bbb-8888-000000000002"
RUN_5D02 = "5d02aa10-3333-4ccc-8888-000000000003"
RUN_2AB9 = "2ab9cc77-4444-4ddd-8888-000000000004"


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def asset(key: str, status: AssetStatus = AssetStatus.FRESH, *, rows: int | None = 500, old_s: float = 120) -> Asset:
    group, name = key.split("/")
    kind = "seed" if group == "raw" else "python" if group == "python" else "table"
    node_id = None if kind == "python" else f"{'seed' if kind == 'seed' else 'model'}.shop.{name}"
    made = status not in (AssetStatus.NEVER, AssetStatus.EXTERNAL)
    return Asset(
        asset=key,
        kind=kind if status is not AssetStatus.EXTERNAL else "source",
        group=group,
        table=f"{group}.{name}",
        status=status,
        rows=rows if made else None,
        materialized_at=ago(old_s) if made else None,
        node_id=node_id,
        last_run_id=RUN_7F3A if made else None,
    )


_READS = {
    "staging/stg_crm_customers": ("raw/raw_customers",),
    "staging/stg_transactions": ("raw/raw_transactions", "raw/raw_clicks"),
    "staging/stg_support_tickets": ("raw/raw_support_tickets",),
    "intermediate/int_customer_orders": ("staging/stg_crm_customers", "staging/stg_transactions"),
    "intermediate/int_customer_support": ("staging/stg_crm_customers", "staging/stg_support_tickets"),
    "marts/mart_customer_360": ("intermediate/int_customer_orders", "intermediate/int_customer_support"),
    "python/churn_scores": ("marts/mart_customer_360",),
}


def assets() -> tuple[Asset, ...]:
    return tuple(replace(each, upstream=_READS.get(each.asset, ())) for each in _assets())


def _assets() -> tuple[Asset, ...]:
    return (
        asset("raw/raw_customers"),
        asset("raw/raw_transactions", rows=4812),
        asset("raw/raw_support_tickets", rows=901),
        asset("raw/raw_clicks", AssetStatus.EXTERNAL),
        replace(asset("staging/stg_crm_customers"), checks_passed=9, checks_total=9),
        replace(asset("staging/stg_transactions", rows=4812), checks_passed=6, checks_total=6),
        replace(asset("staging/stg_support_tickets", rows=901, old_s=840), checks_passed=5, checks_total=5),
        asset("intermediate/int_customer_orders", rows=500, old_s=840),
        replace(
            asset("intermediate/int_customer_support", AssetStatus.STALE, old_s=840),
            why_stale=("stg_support_tickets has snapshot …8841 (14:02); it last read …6476",),
        ),
        replace(
            asset("marts/mart_customer_360", AssetStatus.FAILED, old_s=840),
            checks_passed=7,
            checks_failed=1,
            checks_total=8,
        ),
        asset("python/churn_scores", AssetStatus.NEVER),
    )


def node(name: str, start_s: float, took_s: float | None, *, key: str | None = None, **more: object) -> NodeRun:
    made = NodeRun(
        node_id=f"model.shop.{name}",
        name=name,
        kind="model",
        status=NodeStatus.SUCCESS if took_s is not None else NodeStatus.RUNNING,
        asset=key,
        started_at=ago(start_s),
        duration_s=took_s,
        rows=500 if took_s is not None else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def check(name: str, start_s: float, *, key: str, status: NodeStatus = NodeStatus.SUCCESS, **more: object) -> NodeRun:
    made = NodeRun(f"test.shop.{name}", name, "test", status, key, ago(start_s), 0.02)
    return replace(made, **more)  # type: ignore[arg-type]


_TICKETS, _ORDERS, _MART = "staging/stg_support_tickets", "intermediate/int_customer_orders", "marts/mart_customer_360"


def nodes_7f3a(*, over: bool) -> tuple[NodeRun, ...]:
    checks = tuple(check(f"not_null_ticket_{index}", 3.6 - index * 0.02, key=_TICKETS) for index in range(5))
    first = node("stg_support_tickets", 4.0, 0.3, key=_TICKETS, rows=901, snapshot_id=7_000_000_000_000_008_841)
    last = node("int_customer_orders", 3.4, 1.4 if over else None, key=_ORDERS)
    return (first, *checks, last)


def run_7f3a(*, over: bool) -> Run:
    return Run(
        RUN_7F3A,
        RunStatus.SUCCESS if over else RunStatus.RUNNING,
        "app",
        "stg_support_tickets+",
        queued_at=ago(4.3),
        started_at=ago(4.1),
        ended_at=ago(2.0) if over else None,
        nodes=nodes_7f3a(over=over),
    )


def run_91bc() -> Run:
    failed = check(
        "unique_mart_customer_360_customer_id",
        1333.2,
        key=_MART,
        status=NodeStatus.FAILED,
        rows=3,
        message="Got 3 results, configured to fail if != 0",
    )
    return Run(
        RUN_91BC,
        RunStatus.FAILED,
        "app",
        queued_at=ago(1336.2),
        started_at=ago(1336),
        ended_at=ago(1332.6),
        error="1 of 31 checks failed",
        nodes=(
            node("stg_support_tickets", 1335.5, 0.4, key=_TICKETS, rows=898),
            node("int_customer_orders", 1335.0, 0.9, key=_ORDERS),
            node("mart_customer_360", 1334.0, 0.6, key=_MART),
            *(check(f"not_null_mart_{index}", 1333.3, key=_MART) for index in range(7)),
            failed,
        ),
    )


def runs(*, over: bool = True) -> tuple[Run, ...]:
    return (
        run_7f3a(over=over),
        run_91bc(),
        Run(RUN_5D02, RunStatus.SUCCESS, "dagster", queued_at=ago(2950), started_at=ago(2949), ended_at=ago(2945.8)),
        Run(RUN_2AB9, RunStatus.CANCELLED, "cli", "mart_customer_360", queued_at=ago(3900), started_at=ago(3899),
            ended_at=ago(3898.2)),
    )  # fmt: skip


def snapshots() -> tuple[Snapshot, ...]:
    """Of ``staging.stg_support_tickets``, oldest first."""
    ids = [7_000_000_000_000_000_000 + each for each in (93, 2210, 4417, 5369, 6476, 8841)]
    ours = {"asset": _TICKETS, "node_id": "model.shop.stg_support_tickets"}
    made = (
        Snapshot(ids[0], None, ago(7090), "append", 509, 0, 509, "1e77aa00-x", **ours),
        Snapshot(ids[1], ids[0], ago(5475), "delete", 0, 12, 497, written_by="spark.app.id local-1763812"),
        Snapshot(ids[2], ids[1], ago(3850), "overwrite", 497, 497, 497, RUN_2AB9, unchanged=True, **ours),
        Snapshot(ids[3], ids[2], ago(3010), "append", 401, 0, 898, RUN_5D02, refs=("audit",), **ours),
        Snapshot(ids[4], ids[3], ago(1335), "overwrite", 898, 898, 898, RUN_91BC, **ours),
        Snapshot(ids[5], ids[4], ago(4), "overwrite", 901, 898, 901, RUN_7F3A, refs=("main",), total_bytes=61_204,
                 total_files=4, **ours),
    )  # fmt: skip
    return tuple(replace(each, live_records=each.total_records) for each in made)


def snapshots_of(made: Asset) -> tuple[Snapshot, ...]:
    """Of any other table: one, by the first run."""
    number = 8_000_000_000_000_000_000 + sum(map(ord, made.table))
    only = Snapshot(number, None, ago(120), "append", made.rows, 0, made.rows, RUN_7F3A, made.asset, ("main",))
    return (replace(only, live_records=made.rows),)


def diff() -> Diff:
    column = Column(7, "severity", "string")
    opened = "2026-11-22 13:58"
    return Diff(
        "staging.stg_support_tickets",
        7_000_000_000_000_006_476,
        7_000_000_000_000_008_841,
        SchemaChange(added=(column,)),
        RowChange(3, 0, 12, ("ticket_id",)),
        (
            Sample("added", {"ticket_id": "T-00902", "status": "open", "severity": "high", "opened_at": opened}),
            Sample("added", {"ticket_id": "T-00903", "status": "open", "severity": "low", "opened_at": opened}),
            Sample(
                "changed",
                {"ticket_id": "T-00417", "status": "closed", "severity": "low", "opened_at": "2026-11-19 08:12"},
                {"ticket_id": "T-00417", "status": "open", "severity": None, "opened_at": "2026-11-19 08:12"},
            ),
        ),
        FileChange(1, 1, 3, 18_200, 18_100, 96_000, 96_100),
    )


def table(name: str, snapshot_id: int | None = 1, rows: int | None = 500) -> Table:
    return Table(name, name.rsplit(".", 1)[0], snapshot_id, rows, 1, 1000, ago(100))


def tables() -> tuple[Table, ...]:
    made = [each for each in assets() if each.status not in (AssetStatus.NEVER, AssetStatus.EXTERNAL)]
    return tuple(table(each.table) for each in made)


def log(*texts: str, level: str = "info", source: str = "dbt") -> Logged:
    return Logged(tuple(LogLine(ago(len(texts) - index), level, source, text) for index, text in enumerate(texts)))


def booting() -> list[Event]:
    return [
        ProjectOpened("customer-360", "/somewhere/customer-360", "main"),
        PhaseStarted("store", "object store", ago(3.1)),
        PhaseEnded("store", 0.9, "127.0.0.1:22406"),
        PhaseStarted("catalog", "catalog", ago(1.4)),
        PhaseStarted("dbt", "dbt project", ago(1.1)),
    ]


def ready() -> list[Event]:
    services = tuple(Service(name, StackState.READY) for name in ("catalog", "s3"))
    return [
        ProjectOpened("customer-360", "/somewhere/customer-360", "main"),
        PhaseStarted("store", "object store", ago(9)),
        PhaseEnded("store", 0.9, "127.0.0.1:22406"),
        StackChanged(StackStatus("embedded", StackState.READY, services, "http://127.0.0.1:22407")),
    ]


def filled(*, over: bool = True) -> list[Event]:
    return [
        *ready(),
        AssetsChanged(assets()),
        RunsListed(runs(over=over)),
        TablesChanged(tables()),
        log(
            "Running with dbt=1.11.16",
            "1 of 2 OK created sql table model staging.stg_support_tickets",
            "5 of 5 PASS not_null_ticket_4",
            "2 of 2 START sql table model intermediate.int_customer_orders",
        ),
        log("usually 0.9 s, took 1.4 s", level="warn"),
        Booted(True, 1.2),
    ]


def empty() -> list[Event]:
    return [*ready(), AssetsChanged(()), RunsListed(()), TablesChanged(()), Booted(True, 1.2)]
