"""The secrets of one project's stack, on disk for their owner alone."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from floe_bench.adapters.stacks.private_file import write_private

_BYTES = 24
"""As hexadecimal digits they are 48 characters, which every service takes, also where it wants base64."""


class Vault:
    """Made once and kept: others would lock out whoever is attached, and a database that knows the old ones."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def made(self, names: Iterable[str]) -> Mapping[str, str]:
        """A value for each of ``names``, and those that were put in."""
        found = self._read()
        fresh = {name: secrets.token_hex(_BYTES) for name in names if not found.get(name)}
        if fresh:
            found |= fresh
            self._write(found)
        return found

    def put(self, **values: str) -> None:
        self._write({**self._read(), **values})

    def _read(self) -> dict[str, str]:
        """A file that is missing or damaged is made anew."""
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): str(value) for name, value in found.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def _write(self, values: Mapping[str, str]) -> None:
        write_private(self._file, json.dumps(values, indent=2) + "\n")


def fingerprint(values: Mapping[str, str], names: Iterable[str]) -> str:
    """Tells two sets of secrets apart, and nothing of what they are."""
    text = "\0".join(f"{name}={values.get(name, '')}" for name in sorted(names))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
