"""Which tables are looked at when, so that a change is noticed soon and an idle catalog is left alone."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Executor

from floe_bench.adapters.catalogs.metadata import SETTLED_S
from floe_bench.model.stack import Watermark
from floe_bench.model.table import Table, TableName

_SOON_S = 0.8
"""How often what is watched closely is looked at: a commit shows within a second."""
_FEW = 50
"""So many tables are looked at together."""
_CLOSELY = 4
"""So many tables that somebody asked for of late are watched closely."""
_ALIVE_S = 2.0
"""How often a catalog in which nothing happens is asked whether it still answers."""
_NAMES_S, _NAMES_SHARE = 5.0, 0.1
"""How often all names are asked for while something is written, and how much of the time that may take."""
_SLICE = 16
_SHARE_UNKNOWN, _SHARE_STIRRED, _SHARE_STILL = 0.02, 0.2, 0.002
"""Of the time, spent on tables that nobody asked for: where no watermark tells, where one says that something was
written, and where it says that nothing was.
"""


class Lookout:
    """Every table there is, as it was last looked at. ``watermark``: see ``ports.stack.CanWatermark``.

    ``names`` asks the catalog for all names, ``alive`` asks it for anything. ``read`` answers the very value that it
    answered before for a table that did not change, and None for one that is gone. One look at a time.
    """

    def __init__(
        self,
        *,
        names: Callable[[], tuple[TableName, ...]],
        read: Callable[[TableName], Table | None],
        alive: Callable[[], None],
        watermark: Callable[[], Watermark | None],
        pool: Executor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names, self._read, self._alive, self._watermark = names, read, alive, watermark
        self._pool, self._clock = pool, clock
        self._one = threading.Lock()
        self._tables: dict[TableName, Table] = {}
        self._answer: tuple[Table, ...] | None = None
        self._is_answered = False
        self._asked: tuple[TableName, ...] = ()
        self._ring: deque[TableName] = deque()
        self._covered: Watermark | None = None
        """Nothing was written since all tables were looked at, as long as the watermark is this one."""
        self._turn: Watermark | None = None
        """The watermark when the present turn through the ring began."""
        self._left = 0
        """Of the ring, in this turn."""
        self._credit_s = self._names_took_s = 0.0
        self._at = self._closely_at = self._names_at = self._alive_at = float("-inf")

    def asked(self, name: TableName) -> None:
        """Somebody wants to know about it: it is watched closely for a while."""
        self._asked = (name, *(each for each in self._asked if each != name))[:_CLOSELY]

    def all(self) -> tuple[Table, ...]:
        """As they are now."""
        with self._one:
            level = self._watermark()
            if self._answer is not None and self._is_covered(level):
                self._alive()
                return self._answer
            return self._whole(level)

    def some(self, first: Collection[TableName] = ()) -> tuple[Table, ...]:
        """As they are now where something may have happened, as they were elsewhere; the same value if all are.

        ``first``: those that were just written. To be asked several times a second.
        """
        with self._one:
            now, level = self._clock(), self._watermark()
            if self._answer is None:
                return self._whole(level)
            still = self._is_covered(level)
            if still and now - self._alive_at >= _ALIVE_S:
                self._alive()
                self._alive_at = now
            closely = not still and now - self._closely_at >= _SOON_S
            if closely and level is not None and len(self._tables) <= _FEW:
                return self._whole(level)
            self._closely_at = now if closely else self._closely_at
            self._look_at({*first, *(self._asked if closely else ())})
            if level is None or still or len(self._tables) > _FEW:
                share = _SHARE_STILL if still else _SHARE_UNKNOWN if level is None else _SHARE_STIRRED
                self._slice(now, level, share)
            return self._answered()

    def _is_covered(self, level: Watermark | None) -> bool:
        return level is not None and self._covered is not None and level.value == self._covered.value

    def _whole(self, level: Watermark | None) -> tuple[Table, ...]:
        self._list()
        self._look_at(self._ring)
        self._covered = level if level is not None and level.age_s >= SETTLED_S else None
        self._left, self._credit_s = 0, 0.0
        self._at = self._closely_at = self._alive_at = self._clock()
        return self._answered()

    def _slice(self, now: float, level: Watermark | None, share: float) -> None:
        """Look at as many of the ring as there is time for: what was not used counts, up to half a second of work."""
        self._credit_s = min(self._credit_s + (now - self._at) * share, 0.5)
        self._at = now
        while self._credit_s > 0:
            began = self._clock()
            if self._left <= 0:
                self._begin_turn(level)
                if not self._ring:
                    self._credit_s -= self._clock() - began
                    return
            elif now - self._names_at >= max(_NAMES_S, self._names_took_s / _NAMES_SHARE) and share != _SHARE_STILL:
                self._list()
            names = [self._ring[index] for index in range(min(_SLICE, self._left, len(self._ring)))]
            self._ring.rotate(-len(names))
            self._left -= len(names)
            self._look_at(names)
            if self._left <= 0 and self._turn is not None and level is not None and self._turn.value == level.value:
                self._covered = self._turn if self._turn.age_s >= SETTLED_S else self._covered
            self._credit_s -= self._clock() - began
            if self._left <= 0:
                return

    def _begin_turn(self, level: Watermark | None) -> None:
        self._list()
        self._turn, self._left = level, len(self._ring)

    def _list(self) -> None:
        """Tables that came are looked at next, those that went are forgotten."""
        began = self._clock()
        names, known = self._names(), set(self._ring)
        gone = known.difference(names)
        came = [name for name in names if name not in known]
        for name in gone:
            self._put(name, None)
        self._ring = deque([*came, *(name for name in self._ring if name not in gone)])
        self._left += len(came)
        self._names_at = self._alive_at = self._clock()
        self._names_took_s = self._names_at - began

    def _look_at(self, names: Collection[TableName]) -> None:
        for name, table in zip(names, self._pool.map(self._read, names), strict=True):
            self._put(name, table)

    def _put(self, name: TableName, table: Table | None) -> None:
        if table is self._tables.get(name):
            return
        self._is_answered = False
        if table is None:
            del self._tables[name]
        else:
            self._tables[name] = table

    def _answered(self) -> tuple[Table, ...]:
        if self._answer is None or not self._is_answered:
            self._answer = tuple(self._tables[name] for name in sorted(self._tables))
            self._is_answered = True
        return self._answer
