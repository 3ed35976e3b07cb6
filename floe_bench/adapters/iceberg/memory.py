"""How much memory DuckDB may take before it spills to the disk."""

from __future__ import annotations

import psutil

_SHARE = 0.4
_LARGEST_BYTES = 4 * 1024**3


def bounded(wanted: str | None) -> str:
    """The limit in DuckDB's spelling. Its own default is most of the machine, for each process that uses it."""
    return wanted or f"{min(int(psutil.virtual_memory().total * _SHARE), _LARGEST_BYTES)}B"
