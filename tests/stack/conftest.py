"""The contract tests of catalog, compute, write path and dbt adapter run here again, on stacks of containers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))
pytest.register_assert_rewrite("test_catalog_rest", "test_compute_duckdb", "test_write_path", "test_dbt_adapter")

from tests.stack.on_stacks import endpoints as endpoints  # noqa: E402
