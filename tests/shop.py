"""What a fake bench materializes: a small shop, and a clock that only work moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.builders import NOON

Row = dict[str, object]
Rows = list[Row]


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass
class Recipe:
    """How one asset is made from the rows of those before it. ``check`` returns the rows that fail."""

    asset: str
    kind: str
    make: Callable[[dict[str, Rows]], Rows]
    upstream: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    check: Callable[[Rows], Rows] | None = None
    takes_s: float = 0.5

    @property
    def name(self) -> str:
        return self.asset.rpartition("/")[2]

    @property
    def group(self) -> str:
        return self.asset.partition("/")[0]

    @property
    def table(self) -> str:
        return self.asset.replace("/", ".")

    @property
    def node_kind(self) -> str:
        return "seed" if self.kind == "seed" else "model"


def shop() -> tuple[Recipe, ...]:
    """Seeds, staging, one mart; one check each on keys."""
    customers: Rows = [{"customer_id": n, "name": name} for n, name in enumerate(("Ada", "Bo", "Cy"), start=1)]
    orders: Rows = [
        {"order_id": n, "customer_id": 1 + n % 3, "amount": 10.0 * n, "status": "void" if n == 4 else "paid"}
        for n in range(1, 7)
    ]

    def stg_orders(rows: dict[str, Rows]) -> Rows:
        return [row for row in rows["raw/raw_orders"] if row["status"] != "void"]

    def customer_totals(rows: dict[str, Rows]) -> Rows:
        made: Rows = []
        for customer in rows["raw/raw_customers"]:
            paid = [row for row in rows["staging/stg_orders"] if row["customer_id"] == customer["customer_id"]]
            total = sum(float(str(row["amount"])) for row in paid)
            made.append({"customer_id": customer["customer_id"], "orders": len(paid), "total": total})
        return made

    def no_key(column: str) -> Callable[[Rows], Rows]:
        return lambda rows: [row for row in rows if row[column] is None]

    return (
        Recipe("raw/raw_customers", "seed", lambda _: [dict(row) for row in customers]),
        Recipe("raw/raw_orders", "seed", lambda _: [dict(row) for row in orders]),
        Recipe("staging/stg_orders", "view", stg_orders, ("raw/raw_orders",), check=no_key("order_id")),
        Recipe(
            "marts/customer_totals",
            "table",
            customer_totals,
            ("raw/raw_customers", "staging/stg_orders"),
            tags=("nightly",),
            check=no_key("customer_id"),
        ),
    )
