"""The log that a service writes by itself."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from floe_bench.model.answer import LogLine

_LARGEST_BYTES = 5 * 1024 * 1024
_LINE_BYTES = 400
"""A generous mean, to know how far from the end to read."""
_LEVELS = {"I": "info", "W": "warn", "E": "error", "F": "error"}
_GLOG = re.compile(r"([IWEF])(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6})\s+(.*)")


def rotate(file: Path) -> None:
    """Keep one older file. The text is copied and the file emptied: its writer may have it open, for appending."""
    with contextlib.suppress(FileNotFoundError):
        if file.stat().st_size > _LARGEST_BYTES:
            shutil.copyfile(file, file.with_name(f"{file.name}.1"))
            os.truncate(file, 0)


def last_lines(file: Path, lines: int, *, since: int = 0) -> list[str]:
    """The last ``lines`` lines that were written after byte ``since``."""
    try:
        with file.open("rb") as stream:
            end = stream.seek(0, os.SEEK_END)
            start = max(min(since, end), end - lines * _LINE_BYTES)
            stream.seek(start)
            text = stream.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    found = text.splitlines()
    return (found[1:] if start > since else found)[-lines:] if lines > 0 else []


def parsed(lines: list[str]) -> Iterator[LogLine]:
    """glog lines; a line without a time belongs to the one before it."""
    at, level = datetime.now(UTC), "info"
    for line in lines:
        match = _GLOG.match(line)
        if match:
            level = _LEVELS[match[1]]
            at = _moment(match)
        yield LogLine(at=at, level=level, source="stack", text=match[8] if match else line)


def _moment(match: re.Match[str]) -> datetime:
    """glog writes local time without a year: the latest year that does not lie ahead."""
    now = datetime.now().astimezone()
    month, day, hour, minute, second, micro = (int(match[at]) for at in range(2, 8))
    for year in (now.year, now.year - 1):
        with contextlib.suppress(ValueError):
            found = datetime(year, month, day, hour, minute, second, micro).astimezone(UTC)
            if (found - now).total_seconds() < 86400:
                return found
    return now.astimezone(UTC)
