"""How the bench should behave for one project, and who said so."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from pathlib import Path

from floe_bench.config.document import line_of, place, read_toml
from floe_bench.config.project import SETTINGS_FILE
from floe_bench.dataclass import dataclass
from floe_bench.errors import ConfigInvalid

ENVIRONMENT_PREFIX = "FLOE_BENCH_"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """``origin`` names for each setting where its value came from: default, ``file:line``, a variable or an option."""

    stack: str = "embedded"
    threads: int = 4
    memory_limit: str | None = None
    """DuckDB's spelling (``2GB``); None: a share of the machine's."""
    dagster_module: str | None = None
    theme: str | None = None
    keep: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of the user's own by the name of the action; several with commas between them."""
    notify: tuple[str, ...] = ()
    """How the app says that a long run has ended: bell, osc9, osc777; not at all when empty."""
    notify_after_s: int = 30
    """A run that took this long is a long one."""
    origin: Mapping[str, str] = field(default_factory=dict)


def load_settings(
    root: Path, *, environ: Mapping[str, str] | None = None, flags: Mapping[str, object] | None = None
) -> Settings:
    """Defaults < the user's ``config.toml`` < ``floe-bench.toml`` in ``root`` < ``FLOE_BENCH_*`` < command line.

    A flag that is None was not given. ``[keys]`` of both files are taken together, key by key. The user's file is
    ``$XDG_CONFIG_HOME/floe-bench/config.toml``, or that below ``~/.config``; it may say what is a
    person's and no project's: theme, keys and notifications.

    Raises:
        ConfigInvalid: an unknown key, or a value of the wrong form; with the place it stands.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    origin = dict.fromkeys(_READERS, DEFAULT)
    own = _user_file(environ)
    given = (*_from_file(own, only=_PERSONAL), *_from_file(root / SETTINGS_FILE), *_from_environment(environ))
    for key, value, where in (*given, *_from_flags(flags)):
        read = _READERS[key](key, value, where)
        before = values.get(key)
        values[key] = {**before, **read} if isinstance(before, Mapping) and isinstance(read, Mapping) else read
        origin[key] = where
    return Settings(**values, origin=origin)  # type: ignore[arg-type]  # each reader returns its field's type


_Given = tuple[str, object, str]


def _user_file(environ: Mapping[str, str]) -> Path | None:
    home = environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else "")
    return Path(home) / "floe-bench" / "config.toml" if home else None


def _from_file(path: Path | None, only: Collection[str] | None = None) -> list[_Given]:
    if path is None or not path.is_file():
        return []
    data = read_toml(path)
    known = _READERS if only is None else only
    for key in data:
        if key not in known:
            raise _unknown(key, place(path, line_of(path, key)), file=path.name, known=known)
    return [(key, value, place(path, line_of(path, key))) for key, value in data.items()]


def _from_environment(environ: Mapping[str, str]) -> list[_Given]:
    names = {key: ENVIRONMENT_PREFIX + key.upper() for key in _READERS if key != "keys"}
    return [(key, _typed(key, environ[name]), name) for key, name in names.items() if environ.get(name)]


def _from_flags(flags: Mapping[str, object] | None) -> list[_Given]:
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    return [(key, value, "--" + key.replace("_", "-")) for key, value in given.items()]


def _typed(key: str, text: str) -> object:
    """An environment variable is text; TOML knows numbers and booleans."""
    if key in ("threads", "notify_after_s") and text.strip().isdecimal():
        return int(text)
    if key == "keep":
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower(), text)
    return text


def _unknown(key: str, where: str, *, file: str, known: Collection[str]) -> ConfigInvalid:
    from difflib import get_close_matches

    near = get_close_matches(key, list(known), n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
    return ConfigInvalid(f"unknown key '{key}' in {file}", remedy=remedy, where=where)


def _wrong(key: str, value: object, where: str, *, wanted: str) -> ConfigInvalid:
    return ConfigInvalid(f"{key} must be {wanted}, not {value!r}", remedy=f"change {where}", where=where)


def _word(key: str, value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\w.-]+", value):
        raise _wrong(key, value, where, wanted="a name")
    return value


def _stack(key: str, value: object, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"(\./)?[\w-][\w.-]*(/[\w-][\w.-]*)*", value):
        raise _wrong(key, value, where, wanted="the name of a stack, or a folder such as './stacks/mine'")
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


def _keys(key: str, value: object, where: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) and each.strip() for each in value.values()):
        raise _wrong(key, value, where, wanted='a table such as: materialize = "ctrl+r"')
    return value


def _signals(key: str, value: object, where: str) -> tuple[str, ...]:
    """One name, several with commas between them, or a list."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise _wrong(key, value, where, wanted=f"one or several of {', '.join(_SIGNALS)}")
    names = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if unknown := [name for name in names if name not in _SIGNALS]:
        raise _wrong(key, unknown[0], where, wanted=f"one or several of {', '.join(_SIGNALS)}")
    return names


_SIGNALS = ("bell", "osc9", "osc777")
_READERS: Mapping[str, Callable[[str, object, str], object]] = {
    "stack": _stack,
    "threads": _count,
    "memory_limit": _size,
    "dagster_module": _module,
    "theme": _word,
    "keep": _switch,
    "keys": _keys,
    "notify": _signals,
    "notify_after_s": _count,
}
_PERSONAL = ("theme", "keys", "notify", "notify_after_s")
