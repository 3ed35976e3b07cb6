"""How what a column holds moved over the snapshots of a table."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from floe_bench.core.parts import Tables
from floe_bench.errors import NoSuchSnapshot, QueryFailed, StackUnavailable, UsageError
from floe_bench.events import DriftProgressed, Event
from floe_bench.model.command import to_type
from floe_bench.model.drift import NO_MORE, NOT_YET, Drift, Figures, Reading, marked
from floe_bench.model.snapshot import Snapshot, is_half
from floe_bench.model.table import Member, TableName
from floe_bench.ports.catalog import CatalogReader
from floe_bench.ports.profile import CanFigure

_KEPT = 20_000
"""Figures of one column at one snapshot, the least used go first."""
_Path = tuple[str, ...]
_Key = tuple[TableName, int, datetime, int]
"""A snapshot never changes; the time tells it from one of a table that was dropped and made anew under its name."""


class ColumnDrift:
    """Keeps what was read: asking again reads what is new. Thread-safe."""

    def __init__(self, parts: Tables, *, emit: Callable[[Event], object]) -> None:
        self._parts, self._emit = parts, emit
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, Figures] = OrderedDict()

    def of(
        self, table: str, column: str, snapshot_id: int | None, limit: int, *, cancelled: Callable[[], bool]
    ) -> Drift:
        if limit < 1:
            raise UsageError(f"{limit} snapshots show no drift", remedy="--limit 20")
        begun, name, catalog = time.monotonic(), TableName.parse(table), self._parts.catalog()
        line = _line(name, catalog, snapshot_id)
        shown = line[-limit:]
        schemas = [catalog.members(name, each.snapshot_id) for each in shown]
        wanted = _wanted(table, column, [*reversed(schemas), catalog.members(name, snapshot_id)])
        field_id = wanted.field_id
        paths = [next((each.path for each in members if each.field_id == field_id), ()) for members in schemas]
        found = dict(enumerate(_unread(shown, schemas, field_id)))
        for place in [place for place, each in found.items() if each.absent or each.half]:
            self._tell(table, column, found[place], len(found))
        for places in _together(shown, found):
            read = self._read_one(name, [(found[place], paths[place]) for place in places], field_id, cancelled)
            for place in places:
                found[place] = replace(
                    found[place],
                    figures=read.figures,
                    fault=read.fault,
                    remedy=read.remedy,
                    same_rows=place != places[0],
                )
                self._tell(table, column, found[place], len(found))
        readings = marked(tuple(found[place] for place in sorted(found)))
        return Drift(table, column, field_id, readings, len(line) - len(shown), time.monotonic() - begun)

    def _read_one(
        self, name: TableName, alike: Sequence[tuple[Reading, _Path]], field_id: int, cancelled: Callable[[], bool]
    ) -> Reading:
        """The newest that can be read: what was written anew has fewer files."""
        for each, path in reversed(alike):
            read = self._read(name, each, path, field_id, cancelled)
            if read.figures is not None:
                break
        return read

    def _read(
        self, name: TableName, reading: Reading, path: _Path, field_id: int, cancelled: Callable[[], bool]
    ) -> Reading:
        key = (name, reading.snapshot_id, reading.committed_at, field_id)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return replace(reading, figures=known)
        compute = self._parts.compute()
        if not isinstance(compute, CanFigure):
            raise StackUnavailable("this compute does not measure columns")
        try:
            figures = compute.figures(name, reading.snapshot_id, path, cancelled=cancelled)
        except QueryFailed as error:
            return replace(reading, fault=error.message, remedy=error.remedy)
        with self._lock:
            self._kept[key] = figures
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return replace(reading, figures=figures)

    def _tell(self, table: str, column: str, reading: Reading, snapshots: int) -> None:
        self._emit(DriftProgressed(table, column, reading, snapshots))


def _line(name: TableName, catalog: CatalogReader, snapshot_id: int | None) -> tuple[Snapshot, ...]:
    """Oldest first, parent by parent, as far as they are kept."""
    known = {each.snapshot_id: each for each in catalog.snapshots(name)}
    at = catalog.table(name).snapshot_id if snapshot_id is None else snapshot_id
    if snapshot_id is not None and snapshot_id not in known:
        raise NoSuchSnapshot(f"table {name} keeps no snapshot {snapshot_id}", remedy=to_type("snapshots", name))
    line: list[Snapshot] = []
    while at is not None and at in known:
        line.append(known.pop(at))
        at = line[-1].parent_id
    return tuple(reversed(line))


def _wanted(table: str, column: str, schemas: Sequence[Sequence[Member]]) -> Member:
    """What was called so last. A column goes before what lies in another."""
    for spelled in (_is_column, _is_name, _is_path):
        found = next((each for members in schemas for each in members if spelled(each, column)), None)
        if found is None:
            continue
        if found.inside:
            raise UsageError(
                f"{found.name} of {table} lies in a {found.inside}: a row has many values of it, or none",
                remedy=to_type("drift", table, found.path[0]),
            )
        return found
    raise UsageError(f"{table} has no column '{column}'", remedy=to_type("schema", table, "--history"))


def _is_column(member: Member, asked: str) -> bool:
    return member.path == (asked,)


def _is_name(member: Member, asked: str) -> bool:
    return member.name == asked


def _is_path(member: Member, asked: str) -> bool:
    """Without quotes around names that have a dot or a quote in them."""
    return ".".join(member.path) == asked


def _unread(line: Sequence[Snapshot], schemas: Sequence[Sequence[Member]], field_id: int) -> Iterator[Reading]:
    seen = False
    for snapshot, following, members in zip(line, [*line[1:], None], schemas, strict=False):
        then = next((each for each in members if each.field_id == field_id), None)
        seen = seen or then is not None
        yield Reading(
            snapshot_id=snapshot.snapshot_id,
            committed_at=snapshot.committed_at,
            operation=snapshot.operation,
            column=then.name if then is not None else "",
            type=then.type if then is not None else "",
            absent="" if then is not None else NO_MORE if seen else NOT_YET,
            half=following is not None and is_half(snapshot, following),
            run_id=snapshot.run_id,
            asset=snapshot.asset,
        )


def _together(line: Sequence[Snapshot], found: dict[int, Reading]) -> Iterator[list[int]]:
    """Places with the same rows, the first of each that is read; the newest first.

    Source: Iceberg spec, "Snapshots", operation: a replace changes no row.
    """
    groups: list[list[int]] = []
    for place, snapshot in enumerate(line):
        before = found.get(place - 1)
        only_rewritten = snapshot.operation == "replace" or snapshot.unchanged
        if found[place].absent or found[place].half:
            continue
        if only_rewritten and before is not None and not (before.absent or before.half):
            groups[-1].append(place)
        else:
            groups.append([place])
    return reversed(groups)
