"""Stacks are data: a folder with a ``stack.toml`` each."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from floe_bench.adapters.stacks.toml_table import Toml
from floe_bench.errors import StackUnavailable
from floe_bench.model.stack import StackSpec

FILE = "stack.toml"


def load_spec(name_or_folder: str | Path) -> StackSpec:
    """A stack of ours by name, or one of the user's by its folder (anything with a separator, or a ``Path``).

    ``settings`` holds the driver's table and, under ``file``, where it came from, for error messages.

    Raises:
        StackUnavailable: there is no such stack; lists those there are.
        ConfigInvalid: names the file and the key.
    """
    folder = Path(name_or_folder)
    if isinstance(name_or_folder, str) and len(folder.parts) == 1:
        folder = _root() / name_or_folder
    if not (folder / FILE).is_file():
        names = ", ".join(spec.name for spec in specs())
        raise StackUnavailable(f"there is no stack '{name_or_folder}'", remedy=f"set stack to one of: {names}")
    return _read(folder)


def specs() -> tuple[StackSpec, ...]:
    """Every stack of ours, by name."""
    return tuple(_read(file.parent) for file in sorted(_root().glob(f"*/{FILE}")))


def _root() -> Path:
    """Inside the wheel, or beside the package in a source tree."""
    package = Path(str(resources.files("floe_bench")))
    packed = package / "_data" / "stacks"
    return packed if packed.is_dir() else package.parent / "stacks"


def _read(folder: Path) -> StackSpec:
    file = folder / FILE
    table = Toml(_parsed(file), file=file)
    driver = table.text("driver")
    settings = {**table.table(driver).values, "file": str(file)}
    able = frozenset(key for key, yes in table.flags("capabilities").items() if yes)
    table.only("title", "driver", "capabilities", driver)
    return StackSpec(
        name=folder.resolve().name, driver=driver, title=table.text("title"), capabilities=able, settings=settings
    )


def _parsed(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Toml({}, file=file).wrong("", str(error)) from error
