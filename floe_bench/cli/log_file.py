"""Log files that an engine left behind, and logs that are read again while they grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
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


def fresh(before: Sequence[LogLine], now: Sequence[LogLine]) -> Sequence[LogLine]:
    """What ``now`` has after the longest end of ``before`` that it begins with, or holds."""
    if not before:
        return now
    last = before[-1]
    for at in range(len(now) - 1, -1, -1):
        same = min(at + 1, len(before))
        if now[at] == last and tuple(now[at + 1 - same : at + 1]) == tuple(before[-same:]):
            return now[at + 1 :]
    return now
