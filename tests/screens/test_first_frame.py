"""What the screen may import."""

from __future__ import annotations

import subprocess
import sys

ENGINE = {
    "dagster",
    "dbt",
    "duckdb",
    "pyarrow",
    "pyiceberg",
    "testcontainers",
    "pydantic",
    "requests",
    "msgspec",
    "yaml",
}


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_the_screen_loads_no_engine_library() -> None:
    loaded = loaded_by("floe_bench.tui.app")
    assert "textual" in loaded
    assert loaded & ENGINE == set()
