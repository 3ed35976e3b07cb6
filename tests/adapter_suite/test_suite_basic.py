from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.basic.expected_catalog import base_expected_catalog, expected_references_catalog, no_stats
from dbt.tests.adapter.basic.test_adapter_methods import BaseAdapterMethod
from dbt.tests.adapter.basic.test_base import BaseSimpleMaterializations
from dbt.tests.adapter.basic.test_docs_generate import BaseDocsGenerate, BaseDocsGenReferences
from dbt.tests.adapter.basic.test_empty import BaseEmpty
from dbt.tests.adapter.basic.test_ephemeral import BaseEphemeral
from dbt.tests.adapter.basic.test_generic_tests import BaseGenericTests
from dbt.tests.adapter.basic.test_incremental import BaseIncremental, BaseIncrementalNotSchemaChange
from dbt.tests.adapter.basic.test_singular_tests import BaseSingularTests
from dbt.tests.adapter.basic.test_singular_tests_ephemeral import BaseSingularTestsEphemeral
from dbt.tests.adapter.basic.test_snapshot_check_cols import BaseSnapshotCheckCols
from dbt.tests.adapter.basic.test_snapshot_timestamp import BaseSnapshotTimestamp
from dbt.tests.adapter.basic.test_table_materialization import BaseTableMaterialization
from dbt.tests.adapter.basic.test_validate_connection import BaseValidateConnection

TYPES = {"id_type": "INTEGER", "text_type": "VARCHAR", "time_type": "TIMESTAMP"}
KINDS = {"view_type": "BASE TABLE", "table_type": "BASE TABLE"}


class TestSimpleMaterializations(BaseSimpleMaterializations):
    @pytest.fixture(autouse=True)
    def views_are_tables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The suite asks for relation types: a view is a table in this catalog."""
        from dbt.tests.adapter.basic import test_base

        def as_tables(adapter: Any, expected: dict[str, str]) -> None:
            checked(adapter, dict.fromkeys(expected, "table"))

        checked = test_base.check_relation_types
        monkeypatch.setattr(test_base, "check_relation_types", as_tables)


class TestSingularTests(BaseSingularTests):
    pass


class TestSingularTestsEphemeral(BaseSingularTestsEphemeral):
    pass


class TestEmpty(BaseEmpty):
    pass


class TestEphemeral(BaseEphemeral):
    pass


class TestIncremental(BaseIncremental):
    pass


class TestIncrementalNotSchemaChange(BaseIncrementalNotSchemaChange):
    pass


class TestGenericTests(BaseGenericTests):
    pass


class TestSnapshotCheckCols(BaseSnapshotCheckCols):
    pass


class TestSnapshotTimestamp(BaseSnapshotTimestamp):
    pass


class TestTableMaterialization(BaseTableMaterialization):
    pass


class TestValidateConnection(BaseValidateConnection):
    pass


class TestAdapterMethod(BaseAdapterMethod):
    pass


class DbtSchemaNames:
    @pytest.fixture(scope="class")
    def macros(self, own_schema_name: dict[str, str]) -> dict[str, str]:
        described = BaseDocsGenerate.__mro__[1].__dict__["macros"].__wrapped__(self)
        return {**described, **own_schema_name}


class TestDocsGenerate(DbtSchemaNames, BaseDocsGenerate):
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> dict[str, Any]:
        return base_expected_catalog(project, role=None, **TYPES, **KINDS, model_stats=no_stats())


class TestDocsGenReferences(DbtSchemaNames, BaseDocsGenReferences):
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> dict[str, Any]:
        return expected_references_catalog(
            project, role=None, **TYPES, bigint_type="BIGINT", **KINDS, model_stats=no_stats()
        )
