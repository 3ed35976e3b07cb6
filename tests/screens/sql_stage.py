"""A lakehouse that is asked: answers by how a statement begins, and a note of everything that was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event as Flag

import shop
from scripted_client import ScriptedClient
from table_stage import FIRST, MART, THIRD, looking, snapshots

from floe_bench.errors import Cancelled, QueryFailed
from floe_bench.model.answer import QueryAnswer
from floe_bench.model.export import Exported, FileFormat
from floe_bench.model.query import AskedQuery, QueryPage, StatementPlan, Words, Written
from tests.fake_saving import FakeSaving

COLUMNS, TYPES = ("customer_id", "total_spend", "note"), ("VARCHAR", "DECIMAL(12,2)", "VARCHAR")
MANY = 1_250
Cancel = Callable[[], bool] | None


def row(number: int) -> tuple[object, ...]:
    return f"C-{number:04d}", f"{number * 7 % 9120}.40", None if number % 3 else f"note {number}"


PLAN = """\
     29.6 ms  in all
      1.5 ms  HASH_GROUP_BY  3 rows  #0  count_star()
      0.2 ms    ICEBERG_SCAN  240 rows  filters total_spend>10  files 1"""


STEPS = ("ICEBERG_DELETE  mart_customers", *(f"{'  ' * (at % 5)}HASH_JOIN  step {at}" for at in range(1, 40)))


@dataclass
class ScriptedQuerying:
    """``held``: a statement answers when that is set, or is cancelled."""

    held: Flag | None = None
    opened: list[tuple[str, str, bool]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    paged: list[str] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)
    history: tuple[AskedQuery, ...] = ()

    def open(
        self, sql: str, at: str = "", write: bool = False, limit: int = 500, cancelled: Cancel = None
    ) -> QueryPage:
        self.opened.append((sql, at, write))
        while self.held is not None and not self.held.wait(0.01):
            if cancelled is not None and cancelled():
                self.gave_up.append(sql)
                raise Cancelled("the query was cancelled")
        query_id = f"q{len(self.opened)}"
        if sql.startswith("selekt"):
            raise QueryFailed('Parser Error: syntax error at or near "selekt"', remedy="floe-bench tables")
        if sql.startswith("explain"):
            return QueryPage(query_id, QueryAnswer(("explain_key", "explain_value"), ("VARCHAR",) * 2, (("p", PLAN),)))
        if write:
            answer = QueryAnswer(("Count",), ("BIGINT",), ((3,),), duration_s=0.2)
            return QueryPage(query_id, answer, (Written(MART, FIRST, THIRD),))
        return QueryPage(query_id, self._page(0, limit))

    def plan(self, sql: str, cancelled: Cancel = None) -> StatementPlan:
        if self.held is not None:
            self.held.wait(10)
        if "nowhere" in sql:
            raise QueryFailed("Catalog Error: there is no table nowhere")
        return StatementPlan(sql, sql.startswith("delete"), STEPS)

    def more(self, query_id: str, limit: int = 1000, cancelled: Cancel = None) -> QueryPage:
        self.paged.append(query_id)
        return QueryPage(query_id, self._page(500, limit))

    def close(self, query_id: str) -> None:
        self.closed.append(query_id)

    def asked(self, limit: int = 200) -> tuple[AskedQuery, ...]:
        return self.history

    def words(self, tables: tuple[str, ...] = ()) -> Words:
        if tables:
            return Words(columns=dict.fromkeys(tables, COLUMNS))
        return Words((MART, "raw.raw_customers"), ("count", "date_trunc"), ("select", "where"))

    def _page(self, offset: int, limit: int) -> QueryAnswer:
        rows = tuple(row(number) for number in range(offset, min(offset + limit, MANY)))
        return QueryAnswer(COLUMNS, TYPES, rows, truncated=offset + limit < MANY, duration_s=0.12)


@dataclass
class ScriptedExporting:
    written: list[tuple[str, str, str]] = field(default_factory=list)

    def query(self, sql: str, path: str, overwrite: bool = False, at: str = "") -> Exported:
        self.written.append((sql, path, at))
        return Exported(path, FileFormat.of(path), MANY, 48_000)


def asking() -> ScriptedClient:
    client = looking()
    client.querying = ScriptedQuerying(
        history=(
            AskedQuery(shop.ago(60), f"select count(*)\nfrom {MART}", duration_s=0.2),
            AskedQuery(shop.ago(9000), "selekt 1", at_of_old(), error="Parser Error"),
        )
    )
    client.export = ScriptedExporting()
    client.saving = FakeSaving({MART: f"ref('{MART.rpartition('.')[2]}')", "raw.raw_customers": ""})
    return client


def at_of_old() -> str:
    return str(snapshots()[0].snapshot_id)
