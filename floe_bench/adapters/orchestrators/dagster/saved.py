"""The project's files as they are on disk, and which of them were saved since a look at them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.config.project import DBT_FILE

_WATCHED = (".sql", ".yml", ".yaml", ".csv", ".py", ".md", ".json", ".toml")

Seen = Mapping[Path, str]
"""What tells one state of a file from another."""


def look(place: Place) -> Seen:
    """Every file that dbt or the Python assets may read: size and time of each. A thousand files take some 20 ms."""
    seen: dict[Path, str] = {}
    for file in files(place):
        # Editors and git replace files while they are looked at.
        with suppress(FileNotFoundError):
            at = file.stat()
            seen[file] = f"{at.st_size} {at.st_mtime_ns}"
    return seen | _profile(place)


def has_profile(seen: Seen, place: Place) -> bool:
    """The profile is as it was then: it is written anew at each start, mostly with the same content."""
    return _profile(place).items() <= seen.items()


def _profile(place: Place) -> dict[Path, str]:
    file = place.profiles / "profiles.yml"
    return {file: hashlib.sha256(file.read_bytes()).hexdigest()} if file.exists() else {}


def fingerprint(place: Place) -> str:
    """Changes with every file that changes."""
    return stamp(look(place))


def stamp(seen: Seen) -> str:
    digest = hashlib.sha256()
    for file in sorted(seen):
        digest.update(f"{file}\0{seen[file]}\n".encode())
    return digest.hexdigest()


def changed(before: Seen, now: Seen, *, root: Path) -> tuple[str, ...]:
    """Files that were saved, are new or are gone; as paths from ``root``."""
    found = (file for file in before.keys() | now.keys() if before.get(file) != now.get(file))
    return tuple(sorted(os.path.relpath(file, root) for file in found))


def files(place: Place) -> Iterator[Path]:
    # Macros and models may lie beside the dbt folder (a floe product does that), so everything in the root counts.
    for folder in {place.project.root, place.project.dbt_dir, *_outside(place.project.dbt_dir / DBT_FILE)}:
        for at, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in ("target", "logs")]
            if "pyvenv.cfg" in names:
                folders.clear()
                continue
            yield from (Path(at) / name for name in names if name.endswith(_WATCHED))


def _outside(config: Path) -> tuple[Path, ...]:
    try:
        at = config.stat()
    except OSError:
        return ()
    return _named_outside(config, at.st_mtime_ns, at.st_size)


@lru_cache(maxsize=8)
def _named_outside(config: Path, _saved_ns: int, _size: int) -> tuple[Path, ...]:
    """Folders outside of the dbt folder that its configuration names; read again when that was saved."""
    import yaml

    try:
        said = yaml.safe_load(config.read_text())
    except (OSError, ValueError, yaml.YAMLError):
        return ()  # dbt says it better, when it is asked to parse
    found = []
    for kind in ("macro-paths", "model-paths", "seed-paths"):
        paths = said.get(kind) if isinstance(said, dict) else None
        for path in paths if isinstance(paths, list) else ():
            folder = (config.parent / str(path)).resolve()
            if not folder.is_relative_to(config.parent) and folder.is_dir():
                found.append(folder)
    return tuple(found)
