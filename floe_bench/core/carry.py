"""Tables of another stack of the project: copied into the one that is open, or compared with its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

from floe_bench.core.across import Shore, difference_across
from floe_bench.core.boot import Boot
from floe_bench.errors import BenchError, Cancelled, UsageError
from floe_bench.events import CarryProgressed
from floe_bench.model.carry import Carriage, Carried
from floe_bench.model.snapshot import Diff
from floe_bench.model.stack import StackOffer
from floe_bench.model.table import TableName
from floe_bench.ports.carry import Carrier
from floe_bench.ports.site import Site
from floe_bench.ports.stack import Emit

_EVERY_S = 0.2
_never: Callable[[], bool] = lambda: False  # noqa: E731


class LocalCarrying:
    """``ports.carry.CarryVerbs`` over one open project."""

    def __init__(self, boot: Boot, site: Site, *, emit: Emit, changed: Callable[[], None]) -> None:
        self._boot, self._site, self._emit, self._changed = boot, site, emit, changed

    def offers(self) -> tuple[StackOffer, ...]:
        return self._site.offers()

    def compare(
        self,
        source: str,
        table: str,
        key: tuple[str, ...] = (),
        limit: int = 20,
        offset: int = 0,
        cancelled: Callable[[], bool] = _never,
    ) -> Diff:
        name, stack = TableName.parse(table), self._boot.status().stack
        if _is(source, stack):
            raise UsageError(f"{source} is the stack to compare with", remedy="floe-bench stacks")
        here = Shore(stack, self._boot.catalog(), self._boot.compute())
        here.current(name)  # before anything is started for it

        def ended() -> bool:
            return cancelled() or self._boot.stopping

        other = self._site.other_stack(source)
        endpoints = other.up(lambda event: None, ended)
        try:
            with closing(self._site.compute(endpoints)) as compute:
                there = Shore(source, self._site.catalog(endpoints), compute)
                return difference_across(
                    there,
                    here,
                    name,
                    key=key,
                    limit=limit,
                    offset=offset,
                    folder=self._site.project.state_dir,
                    cancelled=ended,
                )
        finally:
            other.down()

    def carry(self, source: str, cancelled: Callable[[], bool] = _never) -> Carriage:
        target, here = self._boot.endpoints(), self._boot.status().stack
        if _is(source, here):
            raise UsageError(f"the tables of {source} are in {source} already", remedy="floe-bench stacks")

        def ended() -> bool:
            return cancelled() or self._boot.stopping

        other = self._site.other_stack(source)
        endpoints = other.up(lambda event: None, ended)
        try:
            with closing(self._site.carrier(endpoints, target, name=source)) as carrier:
                found: list[Carried] = []
                tables = carrier.tables()
                for number, table in enumerate(tables, start=1):
                    told = self._teller(source, table, number, len(tables))
                    told(0, False)
                    try:
                        if ended():
                            raise Cancelled("")
                        found.append(_carried(carrier, table, told, ended))
                    except Cancelled as error:
                        raise Cancelled(
                            f"{len(found)} of {len(tables)} tables were carried from {source}, each whole",
                            remedy="doing it again goes on from there",
                        ) from error
        finally:
            other.down()
            self._changed()
        return Carriage(source, here, tuple(found))

    def _teller(self, source: str, table: TableName, number: int, tables: int) -> Callable[[int, bool], None]:
        """A few times a second."""
        last = [0.0]

        def told(rows: int, comparing: bool) -> None:
            if not rows or time.monotonic() - last[0] > _EVERY_S:
                last[0] = time.monotonic()
                self._emit(CarryProgressed(source, str(table), number, tables, rows, comparing))

        return told


def _carried(
    carrier: Carrier, table: TableName, told: Callable[[int, bool], None], cancelled: Callable[[], bool]
) -> Carried:
    """One that cannot be carried keeps no other back."""
    try:
        return carrier.carry(table, told, cancelled)
    except Cancelled:
        raise
    except BenchError as error:
        return Carried(str(table), fault=error.message)


def _is(source: str, stack: str) -> bool:
    """A stack may be named by its folder."""
    return source.rstrip("/").rpartition("/")[2] == stack
