"""How the bench should behave for one project, and who said so."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from floe_bench.config.document import line_of, place, read_toml
from floe_bench.config.project import SETTINGS_FILE
from floe_bench.errors import ConfigInvalid

ENVIRONMENT_PREFIX = "FLOE_BENCH_"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """``origin`` names for each setting where its value came from: default, ``file:line``, a variable or an option."""

    stack: str = "embedded"
    threads: int = 4
    memory_limit: str | None = None
    """DuckDB's spelling (``2GB``); None leaves it to DuckDB."""
    dagster_module: str | None = None
    theme: str | None = None
    keep: bool = False
    origin: Mapping[str, str] = field(default_factory=dict)


def load_settings(
    root: Path, *, environ: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
) -> Settings:
    """Defaults < ``floe-bench.toml`` in ``root`` < ``FLOE_BENCH_*`` < command line. A flag that is None was not given.

    Raises:
        ConfigInvalid: an unknown key, or a value of the wrong form; with the place it stands.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    origin = dict.fromkeys(_READERS, DEFAULT)
    for key, value, where in (*_from_file(root / SETTINGS_FILE), *_from_environment(environ), *_from_flags(flags)):
        values[key] = _READERS[key](key, value, where)
        origin[key] = where
    return Settings(**values, origin=origin)  # type: ignore[arg-type]  # each reader returns its field's type


_Given = tuple[str, object, str]


def _from_file(path: Path) -> list[_Given]:
    if not path.is_file():
        return []
    data = read_toml(path)
    for key in data:
        if key not in _READERS:
            raise _unknown(key, place(path, line_of(path, key)))
    return [(key, value, place(path, line_of(path, key))) for key, value in data.items()]


def _from_environment(environ: Mapping[str, str]) -> list[_Given]:
    names = {key: ENVIRONMENT_PREFIX + key.upper() for key in _READERS}
    return [(key, _typed(key, environ[name]), name) for key, name in names.items() if environ.get(name)]


def _from_flags(flags: Mapping[str, object] | None) -> list[_Given]:
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    return [(key, value, "--" + key.replace("_", "-")) for key, value in given.items()]


def _typed(key: str, text: str) -> object:
    """An environment variable is text; TOML knows numbers and booleans."""
    if key == "threads" and text.strip().isdecimal():
        return int(text)
    if key == "keep":
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower(), text)
    return text


def _unknown(key: str, where: str) -> ConfigInvalid:
    from difflib import get_close_matches

    near = get_close_matches(key, _READERS, n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(_READERS)}"
    return ConfigInvalid(f"unknown key '{key}' in {SETTINGS_FILE}", remedy=remedy, where=where)


def _wrong(key: str, value: object, where: str, *, wanted: str) -> ConfigInvalid:
    return ConfigInvalid(f"{key} must be {wanted}, not {value!r}", remedy=f"change {where}", where=where)


def _word(key: str, value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.-]+", value):
        raise _wrong(key, value, where, wanted="a name")
    return value


def _count(key: str, value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(key, value, where, wanted="a whole number above 0")
    return value


def _size(key: str, value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", value, re.IGNORECASE):
        raise _wrong(key, value, where, wanted="a size such as '2GB'")
    return value


def _module(key: str, value: object, where: str) -> str:
    if not isinstance(value, str) or not all(part.isidentifier() for part in value.split(".")):
        raise _wrong(key, value, where, wanted="an importable module such as 'shop.assets'")
    return value


def _switch(key: str, value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(key, value, where, wanted="true or false")
    return value


_READERS: Mapping[str, Callable[[str, object, str], object]] = {
    "stack": _word,
    "threads": _count,
    "memory_limit": _size,
    "dagster_module": _module,
    "theme": _word,
    "keep": _switch,
}
