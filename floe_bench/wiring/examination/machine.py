"""What the machine and its Python bring along; works without a lakehouse."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from floe_bench.wiring.examination.check import Check, Seen, failed, warned, well

_PACKAGE = "floe-bench"
_REINSTALL = f"pip install --force-reinstall {_PACKAGE}"
_SHOWN = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "pyiceberg", "textual")
_TOO_LITTLE_BYTES, _LITTLE_BYTES = 256 * 1000**2, 2 * 1000**3
"""An empty lakehouse takes 100 MB; one that was worked with, close to 1 GB."""


def machine_checks(state_dir: Path) -> Iterator[Check]:
    yield Check("python", python, _REINSTALL)
    yield Check("versions", lambda: versions(requires(_PACKAGE) or (), installed), _REINSTALL)
    yield Check("extensions", extensions, _REINSTALL, limit_s=30)
    yield Check("disk", partial(disk, state_dir), f"look at {state_dir}")


def python() -> Seen:
    from packaging.specifiers import SpecifierSet

    wanted = metadata(_PACKAGE)["Requires-Python"]
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if SpecifierSet(wanted).contains(platform.python_version(), prereleases=True):
        return well(detail)
    return failed(f"{detail}; {_PACKAGE} was made for {wanted}", fix="uv venv --python 3.11, and install into that")


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def versions(known_good: Iterable[str], installed: Callable[[str], str | None]) -> Seen:
    """``known_good`` as requirement lines; those of extras and of other platforms do not count."""
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in known_good]
    here = [each for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    there = {each.name: installed(each.name) for each in here}
    missing = [each for each in here if there[each.name] is None]
    other = [each for each in here if not each.specifier.contains(there[each.name] or "0", prereleases=True)]
    if not missing and not other:
        shown = ", ".join(f"{name} {there[name]}" for name in _SHOWN if there.get(name))
        return well(f"all {len(here)} packages as tested" + (f": {shown}" if shown else ""))
    lacks = [f"{each.name} is missing" for each in missing]
    differs = [f"{each.name} is {there[each.name]}, tested {each.specifier}" for each in other if each not in missing]
    fix = "pip install " + " ".join(shlex.quote(_line(each)) for each in here if each in missing or each in other)
    return (failed if missing else warned)("; ".join((*lacks, *differs)), fix=fix)


def _line(requirement: object) -> str:
    return str(requirement).partition(";")[0].strip()


def extensions() -> Seen:
    """In a folder that is thrown away: the project's own is made when it is needed."""
    import duckdb

    from floe_bench.adapters.iceberg.extension import EXTENSIONS, extension_directory

    with tempfile.TemporaryDirectory(prefix="floe-bench-") as folder:
        laid_out = str(extension_directory(Path(folder)))
        with duckdb.connect(
            config={"extension_directory": laid_out, "autoinstall_known_extensions": False}
        ) as connection:
            for name in EXTENSIONS:
                connection.execute(f"load {name}")
    return well(f"{', '.join(EXTENSIONS)} load into DuckDB {duckdb.__version__}, nothing is downloaded")


def disk(folder: Path, *, free_bytes: Callable[[Path], int] = lambda at: shutil.disk_usage(at).free) -> Seen:
    there = next(at for at in (folder, *folder.parents) if at.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        return failed(f"{there} cannot be written", fix=f"chmod u+wx {shlex.quote(str(there))}")
    free = free_bytes(there)
    detail = f"{free / 1000**3:.1f} GB free for {folder}"
    if free >= _LITTLE_BYTES:
        return well(detail)
    fix = f"free some space on the disk of {there}; floe-bench reset deletes this project's lakehouse"
    return (failed if free < _TOO_LITTLE_BYTES else warned)(detail, fix=fix)
