"""What of dbt's suite the adapter does not pass, and why. The reference page lists the same; a test holds the two together."""

from __future__ import annotations

import pytest

REASONS = {
    "BaseCloneNotPossible": "expects clones to be views: the catalog holds no views, a clone is a table",
    "BaseConstraintsRollback": "also fails on dbt-duckdb: it expects other words; tests/contracts proves that nothing is left",
    "BaseGrants": "the catalog has no grants on tables; a model that configures some gets a warning",
    "BaseMaterializedView": "the catalog holds no views, and neither does dbt-duckdb have materialized ones",
    "BaseFunctions": "functions live in a database, and the catalog holds tables only",
    "BaseSeedConfigFullRefreshOn": "expects a seed's full refresh to drop what was built from it: here history is kept",
    "BaseSeedFullRefreshFlag": "expects a seed's full refresh to drop what was built from it: here history is kept",
}


def excepted(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skip(reason=REASONS[name])
