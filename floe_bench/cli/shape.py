"""JSON shapes: the fields of an answer, each with its meaning, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """``read`` takes the value out of the noun; the attribute of the same name when it is not given."""

    name: str
    meaning: str
    read: Callable[[Any], object] | None = None


class Shape:
    """One JSON object. The documentation is generated from what writes it, so they cannot differ."""

    def __init__(self, title: str, *fields: Field) -> None:
        self.title = title
        self.fields = fields
        self._readers = [(field.name, field.read or attrgetter(field.name)) for field in fields]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def of(self, noun: object) -> dict[str, object]:
        return {name: read(noun) for name, read in self._readers}
