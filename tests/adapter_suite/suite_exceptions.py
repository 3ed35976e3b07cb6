"""What of dbt's suite the adapter does not pass, and why. The reference page lists the same, and a test compares."""

from __future__ import annotations

import pytest

REASONS = {
    "BaseCloneNotPossible": "expects clones to be views: the catalog holds no views, a clone is a table",
    "BaseMaterializedView": "the catalog holds no views, and neither does dbt-duckdb have materialized ones",
    "BasePrePostModelHooks": "its hooks call VACUUM, which DuckDB has for its own tables only",
    "BaseSampleModeTest": "sets the clock back, and a catalog refuses a snapshot that is older than its table",
    "BaseSeedConfigFullRefreshOn": "expects a seed's full refresh to drop what was built from it: here history is kept",
    "BaseSeedFullRefreshFlag": "expects a seed's full refresh to drop what was built from it: here history is kept",
}


def excepted(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skip(reason=REASONS[name])
