"""DuckDB's extensions from their wheels: no download, no copy."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from floe_bench.errors import StackUnavailable

EXTENSIONS = ("avro", "httpfs", "iceberg")
"""In load order: iceberg needs avro and would download it if it were not there."""


def extension_directory(state_dir: Path) -> Path:
    """A folder laid out as DuckDB looks extensions up, holding links into the wheels.

    Raises:
        StackUnavailable: an extension wheel is not installed for this DuckDB version.

    Source: DuckDB docs, "Extension directory".
    """
    import duckdb

    version = f"v{duckdb.__version__}"
    with duckdb.connect() as connection:
        row = connection.execute("PRAGMA platform").fetchone()
    platform = row[0] if row else "unknown"
    root = state_dir / "duckdb"
    folder = root / version / platform
    folder.mkdir(parents=True, exist_ok=True)
    for name in EXTENSIONS:
        link, file = folder / f"{name}.duckdb_extension", _in_wheel(name, version)
        if link.is_symlink() and link.readlink() == file:
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(file)
    return root


def extension_options(state_dir: Path) -> dict[str, str]:
    """What a connection is configured with to load the extensions at once.

    DuckDB hashes each file, 113 MB, at every load to check its signature: 0.4 s of a dbt invocation. Here it does so
    once for each set of files, and every other connection takes its word.

    Raises:
        StackUnavailable: an extension wheel is not installed, or DuckDB refuses one of its files.
    """
    root = extension_directory(state_dir)
    options = {"extension_directory": str(root), "autoinstall_known_extensions": "false"}
    note, seen = root / "checked.json", json.dumps(_identities(root))
    if not (note.exists() and note.read_text() == seen):
        _check_signatures(options)
        note.write_text(seen)
    return options | {"allow_unsigned_extensions": "true"}


def _identities(root: Path) -> list[tuple[str, int, int, int]]:
    """Changes when a file is another one."""
    files = sorted(file.resolve() for file in root.rglob("*.duckdb_extension"))
    found = ((file, file.stat()) for file in files)
    return [(str(file), at.st_ino, at.st_size, at.st_mtime_ns) for file, at in found]


def _check_signatures(options: dict[str, str]) -> None:
    import duckdb

    with duckdb.connect(config=dict(options)) as connection:
        for name in EXTENSIONS:
            try:
                connection.load_extension(name)
            except duckdb.Error as error:
                raise StackUnavailable(
                    f"DuckDB does not load its extension '{name}': {error}",
                    remedy=f"pip install --force-reinstall duckdb-extension-{name}=={duckdb.__version__}",
                ) from error


def _in_wheel(name: str, version: str) -> Path:
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is not None and spec.origin is not None:
        file = Path(spec.origin).parent / "extensions" / version / f"{name}.duckdb_extension"
        if file.exists():
            return file
    raise StackUnavailable(
        f"the DuckDB extension '{name}' is not installed for DuckDB {version}",
        remedy=f"pip install duckdb-extension-{name}=={version[1:]}",
    )
