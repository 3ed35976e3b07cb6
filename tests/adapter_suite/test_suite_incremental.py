from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.incremental.test_incremental_merge_exclude_columns import BaseMergeExcludeColumns
from dbt.tests.adapter.incremental.test_incremental_microbatch import BaseMicrobatch
from dbt.tests.adapter.incremental.test_incremental_on_schema_change import BaseIncrementalOnSchemaChange
from dbt.tests.adapter.incremental.test_incremental_predicates import BaseIncrementalPredicates
from dbt.tests.adapter.incremental.test_incremental_unique_id import BaseIncrementalUniqueKey


class TestMergeExcludeColumns(BaseMergeExcludeColumns):
    pass


class TestOnSchemaChange(BaseIncrementalOnSchemaChange):
    pass


class TestUniqueKey(BaseIncrementalUniqueKey):
    pass


class TestPredicatesDeleteInsert(BaseIncrementalPredicates):
    pass


class TestPredicatesMerge(BaseIncrementalPredicates):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {
            "models": {
                "+incremental_predicates": ["dbt_internal_dest.id != 2"],
                "+incremental_strategy": "merge",
            }
        }


class TestMicrobatch(BaseMicrobatch):
    @pytest.fixture(scope="class")
    def microbatch_model_sql(self) -> str:
        """The suite's has a unique_key, which dbt-duckdb refuses for this strategy."""
        return """
        {{ config(
            materialized='incremental', incremental_strategy='microbatch', event_time='event_time', batch_size='day',
            begin=modules.datetime.datetime(2020, 1, 1, 0, 0, 0)
        ) }}
        select * from {{ ref('input_model') }}
        """

    @pytest.fixture(scope="class")
    def input_model_sql(self) -> str:
        """The suite's literals carry a zone that DuckDB does not take in a plain timestamp."""
        return """
        {{ config(materialized='table', event_time='event_time') }}
        select 1 as id, timestamp '2020-01-01 00:00:00' as event_time
        union all
        select 2 as id, timestamp '2020-01-02 00:00:00' as event_time
        union all
        select 3 as id, timestamp '2020-01-03 00:00:00' as event_time
        """

    @pytest.fixture(scope="class")
    def insert_two_rows_sql(self, project: Any) -> str:
        table = project.adapter.Relation.create(database=project.database, schema=project.test_schema)
        return (
            f"insert into {table.without_identifier()}.input_model (id, event_time) values"
            " (4, timestamp '2020-01-04 00:00:00'), (5, timestamp '2020-01-05 00:00:00')"
        )
