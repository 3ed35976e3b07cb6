"""The log that a service writes by itself."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from floe_bench.model.answer import LogLine

_LARGEST_BYTES = 5 * 1024 * 1024
_FARTHEST_BYTES = 2 * 1024 * 1024
"""From the end; farther back nobody looks."""
_LEVELS = {"I": "info", "W": "warn", "E": "error", "F": "error"}
_GLOG = re.compile(r"([IWEF])(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6})\s+(.*)")


def rotate(file: Path) -> None:
    """Keep one older file. The text is copied and the file emptied: its writer may have it open, for appending."""
    with contextlib.suppress(FileNotFoundError):
        if file.stat().st_size > _LARGEST_BYTES:
            shutil.copyfile(file, file.with_name(f"{file.name}.1"))
            os.truncate(file, 0)


def last_lines(file: Path, lines: int, *, since: int = 0, without: tuple[str, ...] = ()) -> list[str]:
    """The last ``lines`` lines that were written after byte ``since`` and hold none of the texts in ``without``."""
    try:
        with file.open("rb") as stream:
            end = stream.seek(0, os.SEEK_END)
            start = max(min(since, end), end - _FARTHEST_BYTES)
            stream.seek(start)
            text = stream.read().decode("utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = text.splitlines()[1 if start > since else 0 :]
    return [line for line in found if not any(noise in line for noise in without)][-lines:] if lines > 0 else []


def parsed(lines: list[str]) -> list[LogLine]:
    """glog lines, oldest first; a line without a time belongs to the one before it, and drawn rules are left out."""
    found: list[LogLine] = []
    matches = [_GLOG.match(line) for line in lines]
    at = next((_moment(match) for match in matches if match), datetime.now(UTC))
    level = "info"
    for line, match in zip(lines, matches, strict=True):
        if match:
            at, level = _moment(match), _LEVELS[match[1]]
        text = match[8] if match else line.strip()
        if any(character.isalnum() for character in text):
            found.append(LogLine(at=at, level=level, source="stack", text=text))
    return sorted(found, key=lambda line: line.at)


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
