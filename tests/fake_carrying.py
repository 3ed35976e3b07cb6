"""Another stack with two tables, of which one is in the way."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.errors import NoSuchTable, StackUnavailable, UsageError
from floe_bench.model.carry import Carriage, Carried
from floe_bench.model.snapshot import Diff, RowChange, Sample, SchemaChange
from floe_bench.model.stack import StackOffer


class FakeCarrying:
    """Fills ``ports.carry.CarryVerbs``. ``in_the_way``: the target has one of the tables already."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.in_the_way = False

    def offers(self) -> tuple[StackOffer, ...]:
        return ()

    def compare(self, source: str, table: str, key: tuple[str, ...] = (), limit: int = 20, offset: int = 0) -> Diff:
        self.asked.append(source)
        if table != "shop.orders":
            raise NoSuchTable(f"There is no table {table}.", remedy="floe-bench tables")
        samples = (Sample("added", {"id": "C-3"}), Sample("removed", {"id": "C-9"}))[:limit]
        return Diff(table, 11, 21, SchemaChange(), RowChange(1, 1, key=key), samples, from_stack=source)

    def carry(self, source: str, cancelled: Callable[[], bool] | None = None) -> Carriage:
        self.asked.append(source)
        if source == "embedded":
            raise UsageError("the tables of embedded are in embedded already", remedy="floe-bench stacks")
        if source != "seaweedfs":
            raise StackUnavailable(f"there is no stack '{source}'", remedy="floe-bench stacks")
        orders = Carried("shop.orders", 4, 2_000, 11, 21, snapshots_left=3)
        other = Carried("shop.customers", fault="there is a table shop.customers already, and it is left as it is")
        return Carriage(source, "embedded", (orders, other) if self.in_the_way else (orders,))
