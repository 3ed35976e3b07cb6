"""The contract tests of whatever reads and writes tables run here again, on containers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))
pytest.register_assert_rewrite(
    "test_catalog_rest",
    "test_compute_duckdb",
    "test_write_path",
    "test_dbt_adapter",
    "test_catalog_heads",
    "test_undo_properties",
    "test_branch_write",
    "test_rehearsal_properties",
    "test_anatomy",
    "test_maintenance",
    "test_picking",
    "test_rewrite_manifests",
    "test_diff",
    "test_export",
    "test_profile",
    "test_carry",
    "test_catalog_notice",
    "test_connect",
    "test_connect_spark",
    "test_views",
)

NEEDS = {
    "test_a_nested_namespace_is_one_quoted_name": "nested_namespaces",
    "test_wrong_keys_are_refused_without_showing_them": "login",
}
"""Contract tests that hold for stacks with a capability only."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from floe_bench.adapters.stacks.spec import load_spec

    for item in items:
        stack = getattr(item, "callspec", None) and item.callspec.params.get("endpoints")  # type: ignore[attr-defined]
        needed = NEEDS.get(getattr(item, "originalname", ""))
        given = getattr(item, "callspec", None) and item.callspec.params  # type: ignore[attr-defined]
        needed = needed or ("multi_table_commit" if given and given.get("together") else None)
        if stack and needed and needed not in load_spec(stack).capabilities:
            item.add_marker(pytest.mark.skip(reason=f"{stack} has no capability {needed}"))


from tests.stack.on_stacks import endpoints as endpoints  # noqa: E402
