from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.adapter.simple_seed import seeds as expected_rows
from dbt.tests.adapter.simple_seed.test_seed import (
    BaseBasicSeedTests,
    BaseSeedConfigFullRefreshOff,
    BaseSeedConfigFullRefreshOn,
    BaseSeedCustomSchema,
    BaseSeedParsing,
    BaseSeedSpecificFormats,
    BaseSeedWithEmptyDelimiter,
    BaseSeedWithUniqueDelimiter,
    BaseSeedWithWrongDelimiter,
    BaseSimpleSeedEnabledViaConfig,
    BaseSimpleSeedWithBOM,
    BaseTestEmptySeed,
)
from dbt.tests.util import get_connection
from suite_exceptions import excepted


class TestBasicSeeds(BaseBasicSeedTests):
    test_simple_seed_full_refresh_flag = excepted("BaseSeedFullRefreshFlag")(
        BaseBasicSeedTests.test_simple_seed_full_refresh_flag
    )


@excepted("BaseSeedConfigFullRefreshOn")
class TestFullRefreshOn(BaseSeedConfigFullRefreshOn):
    pass


class TestFullRefreshOff(BaseSeedConfigFullRefreshOff):
    pass


class TestCustomSchema(BaseSeedCustomSchema):
    pass


class TestUniqueDelimiter(BaseSeedWithUniqueDelimiter):
    pass


class TestWrongDelimiter(BaseSeedWithWrongDelimiter):
    pass


class TestEmptyDelimiter(BaseSeedWithEmptyDelimiter):
    pass


class TestEnabledViaConfig(BaseSimpleSeedEnabledViaConfig):
    @pytest.fixture
    def clear_test_schema(self, project: Any) -> Any:
        """Through the adapter: DuckDB cannot drop a schema of the lake with what is in it."""
        yield
        with get_connection(project.adapter):
            project.adapter.drop_schema(
                project.adapter.Relation.create(database=project.database, schema=project.test_schema)
            )


class TestParsing(BaseSeedParsing):
    pass


class TestWithBOM(BaseSimpleSeedWithBOM):
    @pytest.fixture(scope="class", autouse=True)
    def setUp(self, project: Any) -> None:
        """With the file from where the suite is installed."""
        project.run_sql(expected_rows.seeds__expected_sql)
        shutil.copy(Path(expected_rows.__file__).with_name("seed_bom.csv"), Path(project.project_root) / "seeds")


class TestSpecificFormats(BaseSeedSpecificFormats):
    pass


class TestEmptySeed(BaseTestEmptySeed):
    pass
