"""What of dbt's suite the adapter does not pass, and why. The reference page lists the same, and a test compares."""

from __future__ import annotations

import pytest

REASONS = {
    "BaseCloneNotPossible": "expects clones to be views: DuckDB makes none in the catalog, a clone is a table",
    "BaseMaterializedView": "DuckDB makes no views in the catalog, and dbt-duckdb has no materialized ones",
    "BasePrePostModelHooks": "its hooks call VACUUM, which DuckDB has for its own tables only",
    "BaseSampleModeTest": "sets the clock back, and a catalog refuses a snapshot that is older than its table",
    "BaseSeedConfigFullRefreshOn": "expects a seed's full refresh to drop what was built from it: here history is kept",
    "BaseSeedFullRefreshFlag": "expects a seed's full refresh to drop what was built from it: here history is kept",
}


def excepted(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skip(reason=REASONS[name])
