"""Configuration files as mappings, with the place of every complaint."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from floe_bench.errors import ConfigInvalid


def read_yaml(path: Path) -> Mapping[str, object]:
    """Raises ConfigInvalid with file and line."""
    import yaml

    try:
        data = yaml.safe_load(_text(path))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _invalid(path, error.problem or "it is not YAML", line=line) from error
    except yaml.YAMLError as error:
        raise _invalid(path, "it is not YAML") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise _invalid(path, "it must be a mapping of keys to values", line=1)
    return data


def read_toml(path: Path) -> Mapping[str, object]:
    """Raises ConfigInvalid with file and line."""
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        reason = re.sub(r" \(at .*\)$", "", str(error))
        raise _invalid(path, reason, line=int(found.group(1)) if found else None) from error


def line_of(path: Path, key: str) -> int | None:
    """The first line of the file that sets ``key`` or opens a table of that name."""
    setting = re.compile(rf"\s*(\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=:\].]")
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if setting.match(line):
            return number
    return None


def place(path: Path, line: int | None = None) -> str:
    """``file:line``, relative to the working folder when the file is below it."""
    try:
        shown = path.relative_to(Path.cwd())
    except ValueError:
        shown = path
    return f"{shown}:{line}" if line else str(shown)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _invalid(path, "it is not UTF-8 text") from error
    except OSError as error:
        raise _invalid(path, error.strerror or "the file cannot be read") from error


def _invalid(path: Path, reason: str, *, line: int | None = None) -> ConfigInvalid:
    where = place(path, line)
    return ConfigInvalid(f"{path.name} cannot be read: {reason}", remedy=f"edit {where}", where=where)
