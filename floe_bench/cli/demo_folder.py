"""The folder that holds a copy of the demo."""

from __future__ import annotations

from pathlib import Path

from floe_bench.config.bundled import bundled
from floe_bench.config.project import DBT_FILE, find_project
from floe_bench.errors import ProjectError, UsageError


def prepare(folder: Path) -> Path:
    """The demo in that folder: copied there, or as it already is.

    Raises:
        UsageError: the folder holds something else.
    """
    from floe_bench.core.demo import copy

    if is_demo(folder):
        return folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} holds something else, and nothing is overwritten", remedy="floe-bench demo NEW_FOLDER"
        )
    return copy(folder)


def is_demo(folder: Path) -> bool:
    if not (folder / DBT_FILE).is_file():
        return False
    try:
        return find_project(folder).name == find_project(bundled("demo")).name
    except ProjectError:
        return False
