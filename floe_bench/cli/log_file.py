"""Log files that an engine left behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from floe_bench.model.answer import LogLine


def last_lines(folder: Path, source: str, *, limit: int) -> Iterator[LogLine]:
    """The last ``limit`` lines of each file whose name starts with ``source``, files oldest first.

    The lines carry the time at which their file was written last: what a line says about its own time stays in it.
    """
    files = [file for file in folder.rglob("*.log") if file.is_file() and file.stem.startswith(source)]
    for file in sorted(files, key=lambda each: each.stat().st_mtime):
        written_at = datetime.fromtimestamp(file.stat().st_mtime, tz=UTC)
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in deque(lines, maxlen=limit):
                yield LogLine(at=written_at, level="info", source=file.stem, text=line.rstrip("\n"))
