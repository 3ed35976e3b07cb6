"""Which snapshots a statement about the past is to read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from floe_bench.core.parts import Tables
from floe_bench.errors import NoSuchTable, QueryFailed, StackUnavailable
from floe_bench.model.past import lake_at
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import TableName
from floe_bench.ports.compute import CanReadThePast


def reader_of_the_past(parts: Tables) -> CanReadThePast:
    compute = parts.compute()
    if not isinstance(compute, CanReadThePast):
        raise StackUnavailable("this stack's compute cannot read tables as they were", remedy="floe-bench doctor")
    return compute


@contextmanager
def pinned(parts: Tables, sql: str, at: str) -> Iterator[Mapping[TableName, int]]:
    """The tables that the statement may read, each at its snapshot; a statement that fails for want of one says so."""
    lines = _lines(parts, reader_of_the_past(parts).names_in(sql))
    found = lake_at(lines, at)
    missing = sorted(lines.keys() - found.keys())
    try:
        yield {TableName.parse(table): snapshot_id for table, snapshot_id in found.items()}
    except QueryFailed as error:
        if not missing:
            raise
        said = f"{error.message}\nnot written then: {', '.join(missing)}"
        raise QueryFailed(said, remedy="a later --at, or: floe-bench snapshots TABLE") from error


def _lines(parts: Tables, names: Collection[str]) -> dict[str, tuple[Snapshot, ...]]:
    """Of every table that is called like one of the names, with or without its namespace."""
    catalog, found = parts.catalog(), dict[str, tuple[Snapshot, ...]]()
    wanted = {name.casefold() for name in names}
    for name in catalog.names():
        if not wanted.isdisjoint({name.name.casefold(), ".".join(name.parts).casefold()}):
            try:
                found[str(name)] = catalog.snapshots(name)
            except NoSuchTable:
                continue  # dropped since it was listed
    return found
