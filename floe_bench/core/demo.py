"""The bundled demo project: copy it, and move its data a day on."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from floe_bench.config.bundled import bundled
from floe_bench.core import demo_data
from floe_bench.errors import UsageError
from floe_bench.model.command import to_type

DAY_FILE = ".demo-day"
"""Which day the data of a copy is at; it also marks the copy as ours."""

_NOT_COPIED = shutil.ignore_patterns("target", "logs", ".floe-bench", "__pycache__", ".user.yml")


def copy(target: Path) -> Path:
    """Copy the demo into ``target``, a folder that does not exist yet or is empty; its absolute path.

    Raises:
        UsageError: there is something at ``target``; nothing was written.
    """
    target = target.absolute()
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    elif os.path.lexists(target):
        raise UsageError(
            f"{target} already exists, and the demo is never copied over anything",
            remedy=to_type("demo", target.with_name(target.name + "-2")),
        )
    shutil.copytree(bundled("demo"), target, ignore=_NOT_COPIED)
    return target


def advance(target: Path) -> tuple[str, ...]:
    """Move the data of the copy in ``target`` one day on; what changed, in words.

    Raises:
        UsageError: ``target`` is not a copy of the demo, or its data was edited by hand; nothing was written.
    """
    day = _day(target)
    _refuse_edited(target, day)
    for path, text in demo_data.files(day + 1).items():
        _write(target / path, text)
    # Last: after a crash in between, the next call writes the same day again.
    _write(target / DAY_FILE, f"{day + 1}\n")
    return demo_data.changes(day + 1)


def _day(target: Path) -> int:
    project, day_file = target / "dbt_project.yml", target / DAY_FILE
    ours = project.is_file() and re.search(r"^name: *floe_demo *$", project.read_text("utf-8"), re.MULTILINE)
    if not ours or not day_file.is_file():
        raise UsageError(f"{target} is not a copy of the demo project", remedy="floe-bench demo")
    if target.resolve() == bundled("demo").resolve():
        raise UsageError(f"{target} is the original of the demo, not a copy", remedy="floe-bench demo")
    day = day_file.read_text("utf-8").strip()
    if not (day.isascii() and day.isdigit()):
        raise UsageError(f"{day_file} should hold a number and holds {day[:40]!r}", remedy="floe-bench demo NEW_FOLDER")
    return int(day)


def _refuse_edited(target: Path, day: int) -> None:
    """Data of tomorrow is fine too: a call that was interrupted leaves some."""
    today, tomorrow = demo_data.files(day), demo_data.files(day + 1)
    for path in today:
        file = target / path
        if file.is_file() and file.read_text("utf-8") not in (today[path], tomorrow[path]):
            raise UsageError(
                f"{file} was edited, and the next day would overwrite it", remedy="floe-bench demo NEW_FOLDER"
            )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, "utf-8", newline="\n")
    partial.replace(path)
