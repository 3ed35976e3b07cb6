"""What a process said before DuckDB ended it.

An exception in one of DuckDB's own threads is nobody's to catch: what C++ prints of it is all there is.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import IO

_WHAT = "what():"
_LOOKED_AT = 64 * 1024


def last_words(errors: IO[bytes], code: int | None) -> str:
    """``errors`` is the process's standard error, a file; the exit ``code`` if that is all that is known."""
    text = _end(errors)
    _, found, what = text.rpartition(_WHAT)
    if found:
        said = what.strip().splitlines()[0]
        with suppress(ValueError):
            said = str(json.loads(said)["exception_message"])
        return said[:400]
    if code is not None and code < 0:
        return f"it was killed by signal {-code}"
    return f"it ended with exit {code}"


def _end(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(size - _LOOKED_AT, 0))
    return errors.read().decode(errors="replace")
