"""A value that must never be shown."""

from __future__ import annotations


class Secret:
    """Holds a secret so that printing, logging or dumping its holder shows ``*****``. ``reveal`` is the one way out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "*****"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled: hand it over in the environment of the one process that needs it")
