"""TOML tables read with the name of the file and the key at hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from floe_bench.errors import ConfigInvalid


class Toml:
    """One table. Every reader raises ConfigInvalid that names file and key."""

    def __init__(self, values: Mapping[str, object], *, file: Path, prefix: str = "") -> None:
        self.values = values
        self._file = file
        self._prefix = prefix

    def wrong(self, key: str, why: str) -> ConfigInvalid:
        at = f"{self._file}: {self._prefix}{key}: " if key else f"{self._file}: "
        return ConfigInvalid(at + why, remedy=f"edit {self._file}", where=str(self._file))

    def text(self, key: str) -> str:
        found = self._get(key)
        if not isinstance(found, str) or not found:
            raise self.wrong(key, f"must be text, is {found!r}")
        return found

    def number(self, key: str) -> float:
        found = self._get(key)
        if isinstance(found, bool) or not isinstance(found, int | float) or found <= 0:
            raise self.wrong(key, f"must be a number above 0, is {found!r}")
        return float(found)

    def flag(self, key: str, *, missing: bool) -> bool:
        found = self.values.get(key, missing)
        if not isinstance(found, bool):
            raise self.wrong(key, f"must be true or false, is {found!r}")
        return found

    def texts(self, key: str, *, missing: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """``missing`` stands for a key that is not there; without it the key must be."""
        if missing is not None and key not in self.values:
            return missing
        found = self._get(key)
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self.wrong(key, f"must be a list of texts, is {found!r}")
        return tuple(found)

    def template(self, key: str, text: str, known: Collection[str]) -> str:
        """``text``, if every placeholder in it is one of ``known``."""
        try:
            text.format_map(dict.fromkeys(known, ""))
        except (KeyError, ValueError, IndexError) as error:
            names = ", ".join(f"{{{name}}}" for name in sorted(known))
            raise self.wrong(key, f"'{text}': {error} is not a placeholder; known are {names}") from error
        return text

    def table(self, key: str, *, missing: Mapping[str, object] | None = None) -> Toml:
        found = missing if missing is not None and key not in self.values else self._get(key)
        if not isinstance(found, Mapping):
            raise self.wrong(key, f"must be a table, is {found!r}")
        return Toml(found, file=self._file, prefix=f"{self._prefix}{key}.")

    def tables(self, key: str, *, missing: tuple[Toml, ...] | None = None) -> tuple[Toml, ...]:
        if missing is not None and key not in self.values:
            return missing
        found = self._get(key)
        if not isinstance(found, list) or not found or not all(isinstance(item, dict) for item in found):
            raise self.wrong(key, "must be one or more tables")
        return tuple(Toml(item, file=self._file, prefix=f"{self._prefix}{key}[{at}].") for at, item in enumerate(found))

    def flags(self, key: str) -> dict[str, bool]:
        table = self.table(key)
        for name, found in table.values.items():
            if not isinstance(found, bool):
                raise table.wrong(name, f"must be true or false, is {found!r}")
        return {name: found is True for name, found in table.values.items()}

    def only(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"is not a key; known are {', '.join(known)}")

    def _get(self, key: str) -> object:
        if key not in self.values:
            raise self.wrong(key, "is missing")
        return self.values[key]
