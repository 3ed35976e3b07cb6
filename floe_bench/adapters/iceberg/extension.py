"""DuckDB's extensions from their wheels: no download, no copy."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from floe_bench.errors import StackUnavailable

EXTENSIONS = ("avro", "httpfs", "iceberg")
"""In load order: iceberg needs avro and would download it if it were not there."""


def extension_directory(state_dir: Path) -> Path:
    """A folder laid out as DuckDB looks extensions up, holding links into the wheels.

    Give it as ``extension_directory`` together with ``autoinstall_known_extensions: false``.

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
