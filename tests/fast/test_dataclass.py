"""Our frozen data classes behave as Python's own do."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from dataclasses import dataclass as pythons
from pathlib import Path
from typing import Any, ClassVar

import pytest

import floe_bench
from floe_bench.dataclass import dataclass as ours

Decorator = Callable[..., Any]


def made(dataclass: Decorator) -> tuple[Any, Any]:
    @dataclass(frozen=True, slots=True)
    class Leaf:
        """What hangs on a tree."""

        name: str
        rows: int = 0
        inputs: dict[str, int] = field(default_factory=dict)
        kind: ClassVar[str] = "leaf"

        @property
        def long(self) -> bool:
            return len(self.name) > 3

    @dataclass(frozen=True, slots=True)
    class Tea(Leaf):
        sorts: tuple[str, ...] = ()

        def __repr__(self) -> str:
            return f"tea of {self.name}"

    return Leaf, Tea


Leaf, Tea = made(ours)
Leaf.__qualname__, Tea.__qualname__ = "Leaf", "Tea"


@pytest.mark.parametrize(
    "look",
    [
        lambda leaf, tea: repr(leaf("oak", 3)).rpartition(".")[2],
        lambda leaf, tea: repr(tea("mint")),
        lambda leaf, tea: leaf("oak") == leaf("oak", 0, {}),
        lambda leaf, tea: leaf("oak") == leaf("oak", 1),
        lambda leaf, tea: leaf("oak") == tea("oak"),
        lambda leaf, tea: leaf("oak") == "oak",
        lambda leaf, tea: len({tea("oak", sorts=("a",), inputs=()), tea("oak", sorts=("a",), inputs=())}),
        lambda leaf, tea: hash(tea("oak", 1, (), ("a",))),
        lambda leaf, tea: asdict(replace(tea("oak", 1), rows=2)),
        lambda leaf, tea: [(each.name, each.type, each.default_factory is dict) for each in fields(tea)],
        lambda leaf, tea: (is_dataclass(leaf), leaf.kind, tea("mint").long, leaf.__doc__, tea.__match_args__),
        lambda leaf, tea: leaf("oak").inputs is leaf("oak").inputs,
        lambda leaf, tea: hasattr(tea("oak"), "__dict__"),
        lambda leaf, tea: copy.deepcopy(leaf("oak", 1, {"a": 1})) == leaf("oak", 1, {"a": 1}),
    ],
)
def test_what_python_answers_is_what_ours_answer(look: Callable[[Any, Any], object]) -> None:
    assert look(*made(ours)) == look(*made(pythons))


@pytest.mark.parametrize("wrong", [lambda leaf: leaf(), lambda leaf: leaf("a", tea=1), lambda leaf: leaf(*"abcd")])
def test_a_wrong_call_is_refused_with_the_same_words(wrong: Callable[[Any], object]) -> None:
    said = []
    for decorator in (ours, pythons):
        with pytest.raises(TypeError) as error:
            wrong(made(decorator)[0])
        said.append(str(error.value))
    assert said[0] == said[1]


def test_nothing_can_be_changed() -> None:
    leaf = Leaf("oak")
    for change in (
        lambda: setattr(leaf, "name", "ash"),
        lambda: setattr(leaf, "other", 1),
        lambda: delattr(leaf, "name"),
    ):
        with pytest.raises(FrozenInstanceError):
            change()
    assert leaf == Leaf("oak")


def test_they_travel_between_processes() -> None:
    tea = Tea("mint", 2, {"a": 1}, ("b",))
    assert pickle.loads(pickle.dumps(tea)) == tea


def test_what_is_done_after_init_is_done() -> None:
    @ours(frozen=True, slots=True)
    class Loud:
        name: str

        def __post_init__(self) -> None:
            object.__setattr__(self, "name", self.name.upper())

    assert Loud("oak").name == "OAK"


def test_a_field_that_wants_to_be_hidden_is_refused_rather_than_shown() -> None:
    with pytest.raises(TypeError, match="asks for more"):

        @ours(frozen=True, slots=True)
        class Key:
            secret: str = field(repr=False)


def test_other_kinds_are_pythons_own() -> None:
    @ours(slots=True)
    class Open:
        n: int = 0

    @ours(frozen=True, slots=True, order=True)
    class Ordered:
        n: int = 0

    found = Open()
    found.n = 1
    assert (found.n, Ordered(1) < Ordered(2)) == (1, True)


def test_what_the_first_frame_loads_uses_it() -> None:
    """Each class that does not costs every start half a millisecond."""
    root = Path(floe_bench.__file__).parent
    rooms = [root / name for name in ("model", "ports", "core", "tui", "cli")]
    files = [*root.glob("*.py"), *(file for room in rooms for file in room.rglob("*.py"))]
    python_made = [
        str(file.relative_to(root))
        for file in files
        if "@dataclass(frozen=True, slots=True)" in (text := file.read_text())
        and re.search(r"^from dataclasses import .*\bdataclass\b", text, re.MULTILINE)
    ]
    assert python_made == []
