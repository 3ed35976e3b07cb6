"""Telling from files that grow with every write whether anything was written."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from floe_bench.model.stack import Watermark


def watermark(folder: Path, pattern: str) -> Watermark | None:
    """None without such files. One that is replaced while we look counts as a change."""
    sizes, newest = list[tuple[str, int]](), 0.0
    for file in sorted(folder.glob(pattern)):
        with suppress(FileNotFoundError):
            found = file.stat()
            sizes.append((str(file), found.st_size))
            newest = max(newest, found.st_mtime)
    return Watermark(tuple(sizes), max(0.0, time.time() - newest)) if sizes else None
