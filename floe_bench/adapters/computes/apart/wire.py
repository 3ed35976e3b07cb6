"""What the engine and its processes say to each other. With a query process: JSON lines over standard input and output.

First comes one ``Hello``. An ``Order`` with a statement is answered by ``Told`` with its first rows, one without by the
next rows; ``stop`` gets no answer of its own, it makes that of the order before it come soon.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

import msgspec

from floe_bench.model.answer import QueryAnswer
from floe_bench.model.query import StatementPlan
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints


class Hello(msgspec.Struct):
    """``endpoints`` has secrets in clear."""

    endpoints: dict[str, Any]
    state_dir: str
    memory_limit: str | None = None
    writable: bool = False


class Order(msgspec.Struct, omit_defaults=True):
    """``past`` are pairs of a table and its snapshot; None is now. ``plan``: the statement is not run, but planned."""

    sql: str = ""
    past: list[tuple[str, int]] | None = None
    limit: int = 0
    plan: bool = False
    stop: bool = False


class Fault(msgspec.Struct):
    kind: str
    message: str
    remedy: str


class Told(msgspec.Struct):
    answer: QueryAnswer | None = None
    plan: StatementPlan | None = None
    fault: Fault | None = None


def revealed(endpoints: Endpoints) -> dict[str, Any]:
    found = {each.name: getattr(endpoints, each.name) for each in fields(endpoints)}
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in found.items()}


def hidden(found: dict[str, Any]) -> Endpoints:
    secret = {each.name for each in fields(Endpoints) if "Secret" in str(each.type)}
    known: dict[str, Any] = {name: Secret(value) for name, value in found.items() if name in secret and value}
    return Endpoints(**{**found, **known})


# With a reading process: pickled, since both ends are of one program and of one user.


class Call(NamedTuple):
    """Of a method of ``DuckDBReader``; many go on at once, and ``number`` tells them apart."""

    number: int
    method: str
    given: tuple[Any, ...]
    named: dict[str, Any]
    paced: bool
    """Whether somebody wants to be told how far it is."""


class Stop(NamedTuple):
    """That call, soon."""

    number: int


class Said(NamedTuple):
    """Of a call: how far it is in percent, or, as the last of it, its value or what is wrong."""

    number: int
    percent: float | None = None
    value: Any = None
    fault: Fault | None = None
