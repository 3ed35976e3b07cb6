"""What lies between two schemas, by field id."""

from __future__ import annotations

from itertools import permutations

import pytest

from floe_bench.model.snapshot import said_of, schema_change
from floe_bench.model.table import Column


def columns(*names: str) -> tuple[Column, ...]:
    """``1a`` is column a with field id 1."""
    return tuple(Column(int(name[0]), name[1:], "long") for name in names)


def moved(old: tuple[Column, ...], new: tuple[Column, ...]) -> set[str]:
    return {column.name for column in schema_change(old, new).moved}


@pytest.mark.parametrize(
    ("new", "names"),
    [
        (("1a", "2b", "3c", "4d"), set()),
        (("4d", "1a", "2b", "3c"), {"d"}),
        (("2b", "3c", "4d", "1a"), {"a"}),
        (("1a", "3c", "2b", "4d"), {"c"}),
        (("9x", "1a", "2b", "4d"), set()),
        (("1a", "3renamed", "2b"), {"renamed"}),
    ],
)
def test_columns_that_moved_are_the_fewest_that_explain_the_order(new: tuple[str, ...], names: set[str]) -> None:
    assert moved(columns("1a", "2b", "3c", "4d"), columns(*new)) == names


def test_whatever_the_order_those_that_stayed_are_in_their_order_of_before() -> None:
    old = columns("1a", "2b", "3c", "4d", "5e")
    for order in permutations(old):
        gone = moved(old, order)
        stayed = [column.field_id for column in order if column.name not in gone]
        assert stayed == sorted(stayed) and len(gone) < len(old)
        assert (gone == set()) == (order == old)


def test_what_lies_in_a_column_does_not_move_with_it() -> None:
    old = columns("1a", "2s", "3s.x", "4s.y", "5b")
    assert moved(old, columns("2s", "3s.x", "4s.y", "5b", "1a")) == {"a"}
    assert moved(old, columns("1a", "2s", "4s.y", "3s.x", "5b")) == {"s.y"}


def test_a_change_of_a_column_is_said_in_words() -> None:
    before, after = Column(1, "n", "int", True), Column(1, "m", "long", False, "count")
    assert said_of(before, after) == ("renamed from n", "int → long", "made optional", "described")
    assert said_of(after, before)[1:] == ("long → int", "made required", "no longer described")
