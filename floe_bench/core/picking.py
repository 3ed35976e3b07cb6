"""Cherry-picking a snapshot, as the bench offers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from floe_bench.core.maker import refuse_while_made
from floe_bench.core.parts import Tables
from floe_bench.errors import StackUnavailable
from floe_bench.model.asset import Asset
from floe_bench.model.picking import Picked, PickPlan
from floe_bench.model.table import TableName
from floe_bench.ports.picking import HasPicker, Picker


class LocalPicking:
    """Fulfils ``ports.picking.Picking``. ``changed`` is called after a table changed."""

    def __init__(self, parts: Tables, *, assets: Callable[[], Sequence[Asset]], changed: Callable[[], None]) -> None:
        self._parts, self._assets, self._changed = parts, assets, changed

    def plan_pick(self, table: str, snapshot_id: int, onto: str = "main") -> PickPlan:
        return self._picker().plan(TableName.parse(table), snapshot_id, onto)

    def pick(self, plan: PickPlan) -> Picked:
        refuse_while_made(self._assets(), plan.table)
        try:
            return self._picker().pick(TableName.parse(plan.table), plan)
        finally:
            self._changed()

    def _picker(self) -> Picker:
        catalog = self._parts.catalog()
        if not isinstance(catalog, HasPicker):
            raise StackUnavailable("this stack's catalog cannot be asked to pick a snapshot")
        return catalog.picker
