"""Names the catalog can hold."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_HELD = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LONGEST = 200


def safe_name(text: str) -> str:
    """``text`` in lower case if the catalog takes that as a table or namespace name, else a stable stand-in.

    A stand-in keeps what it can and ends in a short hash, so that two names stay two. Case alone does not tell names
    apart: DuckDB ignores it.
    """
    lowered = text.strip().lower()
    if _HELD.fullmatch(lowered) and len(lowered) <= _LONGEST:
        return lowered
    plain = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^a-z0-9_-]+", "_", plain).strip("_-")[:_LONGEST] or "t"
    return f"{kept}_{hashlib.sha256(lowered.encode()).hexdigest()[:8]}"
