"""Committing something that holds whatever others wrote: prepared anew each time somebody was faster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from floe_bench.adapters.iceberg.catalog import came_second, commit_unknown, translated
from floe_bench.adapters.iceberg.producer import discard
from floe_bench.errors import CatalogUnreachable, CommitConflict
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table import Transaction
    from pyiceberg.table.update.snapshot import _SnapshotProducer

Made = TypeVar("Made")
_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Made]):
    """``made`` is what it would make of the table. ``landed`` looks at a table whether it has happened; asked where the
    answer to the commit was lost. ``producer``: what it wrote, which goes if it is refused."""

    made: Made
    transaction: Transaction
    landed: Callable[[IcebergTable], bool]
    producer: _SnapshotProducer[Any] | None = None

    def refused(self) -> None:
        if self.producer is not None:
            discard(self.producer)


def land(
    name: TableName,
    load: Callable[[TableName], IcebergTable],
    prepare: Callable[[IcebergTable], Attempt[Made]],
    *,
    attempts: int = _ATTEMPTS,
) -> tuple[Made, int]:
    """What the attempt that landed made, and how many there were. Raises what ``prepare`` raises, CommitConflict,
    CommitUnknown."""
    lost: list[Attempt[Made]] = []  # without an answer
    unsure = False
    for number in range(1, attempts + 1):
        try:
            table = load(name)
        except CatalogUnreachable:
            if not lost:
                raise
            pause(number)
            continue
        found = next((each for each in lost if each.landed(table)), None)
        if found is not None:
            return found.made, number - 1
        with translated(f"table {name}"):
            attempt = prepare(table)
            sent = _send(attempt)
        if sent:
            return attempt.made, number
        unsure = sent is None
        if unsure:
            # It may still land. Both require the same of the table, so that of it and the next at most one can.
            lost.append(attempt)
        pause(number)
    if unsure:
        raise commit_unknown(f"table {name}")
    raise CommitConflict(f"others wrote to {name} in between, {attempts} times in a row", remedy="try again")


def _send(attempt: Attempt[Any]) -> bool | None:
    """None: nobody answered."""
    import requests
    from pyiceberg import exceptions as theirs

    try:
        attempt.transaction.commit_transaction()
    except (theirs.CommitFailedException, theirs.ValidationException):
        attempt.refused()
        return False
    except theirs.BadRequestError as error:
        attempt.refused()
        if not came_second(error):
            raise
        return False
    except (theirs.CommitStateUnknownException, theirs.ServerError, requests.RequestException):
        return None
    return True


def pause(number: int) -> None:
    """Before the next attempt: longer each time, and never as long as whoever else was refused."""
    time.sleep(min(2.0, 0.05 * 2**number) * random.uniform(0.5, 1))
