"""Which tables are looked at when, so that a change is noticed soon and an idle catalog is left alone."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from itertools import islice

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
_MANY = 300
"""So many tables that came at once take more than a blink to read: they are told by name before."""
_AT_ONCE = 64
"""So many of those are given to the pool together: who else needs it waits for no more."""
_PATIENCE_S = 1.0
"""So long an answer waits for more of them."""
_SHARE_UNKNOWN, _SHARE_STIRRED, _SHARE_STILL = 0.02, 0.2, 0.002
"""Of the time, spent on tables that nobody asked for: where no watermark tells, where one says that something was
written, and where it says that nothing was.
"""


class Lookout:
    """Every table there is, as it was last looked at. ``watermark``: see ``ports.stack.CanWatermark``.

    ``names`` asks the catalog for all names, ``alive`` asks it for anything. ``read`` answers the very value that it
    answered before for a table that did not change, and None for one that is gone. One look at a time.

    Many tables that are new are told by name, and read a few at a time: first what somebody asked for, then what
    somebody has before the eyes.
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
        self._seen: deque[TableName] = deque()
        self._unread: dict[TableName, None] = {}
        self._is_first = True
        """The present turn is the first one: it is over when nothing is unread any more."""
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

    def seen(self, names: Collection[TableName]) -> None:
        """Somebody has them before the eyes, now rather than those of before."""
        self._seen.extendleft(reversed(tuple(names)))

    @property
    def unread(self) -> Collection[TableName]:
        """Told by name as yet: more is known if one asks again at once."""
        return self._unread.keys()

    def all(self) -> tuple[Table, ...]:
        """As they are now."""
        with self._one:
            level = self._watermark()
            if self._answer is not None and self._is_covered(level):
                self._alive()
                return self._answer
            self._list()
            return self._whole(level)

    def some(self, first: Collection[TableName] = ()) -> tuple[Table, ...]:
        """As they are now where something may have happened, as they were elsewhere; the same value if all are.

        ``first``: those that were just written. To be asked several times a second.
        """
        with self._one:
            now, level = self._clock(), self._watermark()
            if self._answer is None:
                self._begin_turn(level)
                if not self._unread:
                    return self._whole(level)
            still = self._is_covered(level)
            if still and now - self._alive_at >= _ALIVE_S:
                self._alive()
                self._alive_at = now
            closely = not still and now - self._closely_at >= _SOON_S
            if closely and level is not None and len(self._tables) <= _FEW:
                self._list()
                return self._whole(level)
            self._closely_at = now if closely else self._closely_at
            watched = (name for name in self._asked if closely and name not in self._unread)
            self._look_at({*first, *watched})
            if self._unread:
                self._read_on(level)
            elif level is None or still or len(self._tables) > _FEW:
                share = _SHARE_STILL if still else _SHARE_UNKNOWN if level is None else _SHARE_STIRRED
                self._slice(now, level, share)
            return self._answered()

    def _is_covered(self, level: Watermark | None) -> bool:
        return level is not None and self._covered is not None and level.value == self._covered.value

    def _whole(self, level: Watermark | None) -> tuple[Table, ...]:
        """Its names were listed just now."""
        self._look_at(self._ring)
        self._seen.clear()
        self._is_first = False
        self._covered = level if level is not None and level.age_s >= SETTLED_S else None
        self._left, self._credit_s = 0, 0.0
        self._at = self._closely_at = self._alive_at = self._clock()
        return self._answered()

    def _read_on(self, level: Watermark | None) -> None:
        """The names are answered at once, and so is what somebody looks at, when all of that is read."""
        until = self._clock() + (_PATIENCE_S if self._answer is not None else 0.0)
        front: tuple[TableName, ...] = ()
        while self._unread and self._clock() < until:
            before, front = front, self._front()
            if before and not front:
                return
            self._look_at(front or islice(tuple(self._unread), _AT_ONCE))
        if not self._unread:
            self._seen.clear()
            if self._is_first:
                self._end_turn(level)
            self._is_first = False
            self._credit_s, self._at = 0.0, self._clock()

    def _front(self) -> tuple[TableName, ...]:
        """What somebody looks at and nobody read, or some of it."""
        found = {name: None for name in self._asked if name in self._unread}
        while self._seen and len(found) < _AT_ONCE:
            name = self._seen.popleft()
            if name in self._unread:
                found[name] = None
        return tuple(found)

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
            if self._left <= 0:
                self._end_turn(level)
            self._credit_s -= self._clock() - began
            if self._left <= 0:
                return

    def _begin_turn(self, level: Watermark | None) -> None:
        self._list()
        self._turn, self._left = level, len(self._ring)

    def _end_turn(self, level: Watermark | None) -> None:
        self._left = 0
        if self._turn is not None and level is not None and self._turn.value == level.value:
            self._covered = self._turn if self._turn.age_s >= SETTLED_S else self._covered

    def _list(self) -> None:
        """Tables that came are looked at next, those that went are forgotten."""
        began = self._clock()
        names, known = self._names(), set(self._ring)
        gone = known.difference(names)
        came = [name for name in names if name not in known]
        for name in gone:
            self._put(name, None)
            self._unread.pop(name, None)
        if len(came) >= _MANY:
            for name in came:
                self._unread[name] = None
                self._put(name, Table.unread(name))
        self._ring = deque([*came, *(name for name in self._ring if name not in gone)])
        self._left += len(came)
        self._names_at = self._alive_at = self._clock()
        self._names_took_s = self._names_at - began

    def _look_at(self, names: Iterable[TableName]) -> None:
        rest = iter(names)
        while some := tuple(islice(rest, _AT_ONCE)):
            for name, table in zip(some, self._pool.map(self._read, some), strict=True):
                self._put(name, table)
                self._unread.pop(name, None)

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
