"""A shop that can be looked into: rows, code, failing rows, relatives, logs."""

from __future__ import annotations

from dataclasses import replace

import shop
from scripted_client import ScriptedClient

from floe_bench.events import AssetsChanged, Event
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import Asset
from floe_bench.model.code import Code

TICKETS, MART, SUPPORT = "staging/stg_support_tickets", "marts/mart_customer_360", "intermediate/int_customer_support"
FAILED_CHECK = "test.shop.unique_mart_customer_360_customer_id"
NEW, OLD = 7_000_000_000_000_008_841, 7_000_000_000_000_006_476
EVIL = "[bold red]<b>\x1b[31mred\x1b]0;title\x07\u202ertl\u200b {{ x }} 表"

_SQL = """\
with tickets as (
    -- one row a ticket
    select * from "lake"."raw"."raw_support_tickets"
)

select
    ticket_id,
    lower(status) as status,
    coalesce(severity, 'low') as severity,
    opened_at
from tickets
where opened_at >= date '2026-01-01' and length(ticket_id) = 7
"""
_SOURCE = _SQL.replace('"lake"."raw"."raw_support_tickets"', "{{ ref('raw_support_tickets') }}")
_TEST = """\
select customer_id as unique_field, count(*) as n_records
from "lake"."marts"."mart_customer_360"
where customer_id is not null
group by customer_id
having count(*) > 1
"""


def tickets(number: int = 250) -> QueryAnswer:
    rows = [
        (
            f"T-{index:05d}",
            index,
            "open" if index % 3 else "closed",
            None if index % 5 == 0 else "low",
            f"2026-11-22T13:{index % 60:02d}:00",
            {"agent": f"a{index % 7}", "tags": ["x", "y"]},
        )
        for index in range(number)
    ]
    return QueryAnswer(
        ("ticket_id", "customer_id", "status", "severity", "opened_at", "handling"),
        ("string", "int", "string", "string", "timestamp", "struct<agent: string, tags: list<string>>"),
        tuple(rows),
    )


def failing(number: int = 120) -> QueryAnswer:
    rows = tuple((f"C-{index:04d}", 2) for index in range(number))
    return QueryAnswer(("unique_field", "n_records"), ("VARCHAR", "BIGINT"), rows)


def codes() -> dict[str, Code]:
    node_id = "model.shop.stg_support_tickets"
    before = _SQL.replace("    coalesce(severity, 'low') as severity,\n", "")
    return {
        node_id: Code(
            node_id, "model", _SOURCE, "models/staging/stg_support_tickets.sql", shop.RUN_7F3A, _SQL, "/x/y.sql",
            before, shop.RUN_91BC,
        ),
        FAILED_CHECK: Code(FAILED_CHECK, "test", "", "models/marts.yml", shop.RUN_91BC, _TEST, "/x/test.sql"),
        "source.shop.raw_clicks": Code(
            "source.shop.raw_clicks", "source", "sources:\n  - name: raw\n    tables: [{name: raw_clicks}]\n",
            "models/sources.yml",
        ),
        "python.python/churn_scores": Code(
            "python.python/churn_scores", "python", "@dg.asset\ndef churn_scores():\n    ...\n",
            "assets.py",
        ),
    }  # fmt: skip


def log() -> tuple[LogLine, ...]:
    node = "model.shop.mart_customer_360"
    return (
        LogLine(shop.ago(1334), "info", "dbt", "START sql table model marts.mart_customer_360", shop.RUN_91BC, node),
        LogLine(shop.ago(1333), "info", "dbt", "OK created marts.mart_customer_360", shop.RUN_91BC, node),
        LogLine(shop.ago(1332), "error", "dbt", "FAIL 3 unique_mart_customer_360", shop.RUN_91BC, FAILED_CHECK),
    )


def _more(asset: Asset) -> Asset:
    if asset.asset == TICKETS:
        return replace(
            asset,
            upstream=("raw/raw_support_tickets", "raw/raw_clicks"),
            description="One row a support ticket, newest state. " + EVIL,
            owners=("team:support", "finance"),
            tags=("nightly", "pii"),
            path="models/staging/stg_support_tickets.sql",
            unique_key=("ticket_id",),
            checksum="9f3a0c4f6b1d77aa",
            inputs={"raw.raw_support_tickets": 9_000_000_000_000_006_100},
        )
    if asset.asset == SUPPORT:
        return replace(asset, upstream=(TICKETS,), inputs={TICKETS.replace("/", "."): OLD})
    if asset.asset in ("raw/raw_clicks", "python/churn_scores"):
        key = asset.asset if asset.kind == "python" else "shop.raw_clicks"
        return replace(asset, node_id=f"{asset.kind}.{key}")
    return asset


def events() -> list[Event]:
    return [
        AssetsChanged(tuple(_more(asset) for asset in event.assets)) if isinstance(event, AssetsChanged) else event
        for event in shop.filled()
    ]


def looked_into(**more: object) -> ScriptedClient:
    """A client with the whole shop and everything that can be looked into."""
    table = TICKETS.replace("/", ".")
    others = {each.table: shop.snapshots_of(each) for each in shop.assets() if each.table != table}
    client = ScriptedClient(
        events(),
        {table: shop.snapshots(), **others},
        {each.snapshot_id: shop.diff() for each in shop.snapshots()},
        contents={table: tickets()},
        codes=codes(),
        failing_now={FAILED_CHECK: failing()},
        kept_log=log(),
    )
    for name, value in more.items():
        setattr(client, name, value)
    return client
