"""Tables that were copied from one stack to another."""

from __future__ import annotations

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Carried:
    """One table. ``from_snapshot`` is what was current in the source: of its history only that is carried.

    ``fault`` says why it was left out, and ``there`` that an earlier time had carried the same snapshot.
    """

    table: str
    rows: int | None = None
    bytes: int | None = None
    from_snapshot: int | None = None
    snapshot_id: int | None = None
    snapshots_left: int = 0
    there: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Carriage:
    source: str
    target: str
    tables: tuple[Carried, ...]

    @property
    def whole(self) -> bool:
        return not any(each.fault for each in self.tables)
