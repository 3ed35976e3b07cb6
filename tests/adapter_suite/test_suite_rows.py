"""Docs, Python models, empty and sampled builds, ephemerals, unit tests, stored failures."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.empty.test_empty import BaseTestEmpty, BaseTestEmptyInlineSourceRef
from dbt.tests.adapter.ephemeral.test_ephemeral import BaseEphemeralErrorHandling
from dbt.tests.adapter.persist_docs.test_persist_docs import (
    BasePersistDocs,
    BasePersistDocsAllColumnsMissing,
    BasePersistDocsColumnMissing,
    BasePersistDocsCommentOnQuotedColumn,
    BasePersistDocsQuotedColumnCaseSensitive,
    BasePersistDocsQuotedDescriptionNotAppliedOnMismatch,
)
from dbt.tests.adapter.python_model.test_python_model import BasePythonModelTests
from dbt.tests.adapter.sample_mode.test_sample_mode import BaseSampleModeTest
from dbt.tests.adapter.store_test_failures_tests.basic import (
    StoreTestFailuresAsExceptions,
    StoreTestFailuresAsGeneric,
    StoreTestFailuresAsInteractions,
    StoreTestFailuresAsProjectLevelEphemeral,
    StoreTestFailuresAsProjectLevelOff,
    StoreTestFailuresAsProjectLevelView,
)
from dbt.tests.adapter.store_test_failures_tests.test_store_test_failures import BaseStoreTestFailures
from dbt.tests.adapter.unit_testing.test_case_insensitivity import BaseUnitTestCaseInsensivity
from dbt.tests.adapter.unit_testing.test_invalid_input import BaseUnitTestInvalidInput
from dbt.tests.adapter.unit_testing.test_quoted_reserved_word_column_names import (
    BaseUnitTestQuotedReservedWordColumnNames,
)
from dbt.tests.adapter.unit_testing.test_types import BaseUnitTestingTypes
from suite_exceptions import excepted


class TestPersistDocs(BasePersistDocs):
    pass


class TestPersistDocsColumnMissing(BasePersistDocsColumnMissing):
    pass


class TestPersistDocsAllColumnsMissing(BasePersistDocsAllColumnsMissing):
    pass


class TestPersistDocsCommentOnQuotedColumn(BasePersistDocsCommentOnQuotedColumn):
    pass


class TestPersistDocsQuotedColumnCaseSensitive(BasePersistDocsQuotedColumnCaseSensitive):
    pass


class TestPersistDocsQuotedMismatch(BasePersistDocsQuotedDescriptionNotAppliedOnMismatch):
    pass


class TestPythonModel(BasePythonModelTests):
    pass


class TestEmptyFlag(BaseTestEmpty):
    pass


class TestEmptyInlineSourceRef(BaseTestEmptyInlineSourceRef):
    pass


class TestEphemeralErrorHandling(BaseEphemeralErrorHandling):
    pass


class TestCaseInsensitivity(BaseUnitTestCaseInsensivity):
    pass


class TestInvalidInput(BaseUnitTestInvalidInput):
    pass


class TestQuotedReservedWords(BaseUnitTestQuotedReservedWordColumnNames):
    pass


class TestUnitTestTypes(BaseUnitTestingTypes):
    @pytest.fixture
    def data_types(self) -> list[list[str]]:
        """Zones as DuckDB takes them: here a view is built at once, so its literals are read."""
        return [
            ["1", "1"],
            ["'1'", "1"],
            ["true", "true"],
            ["DATE '2020-01-02'", "2020-01-02"],
            ["TIMESTAMP '2013-11-03 00:00:00'", "2013-11-03 00:00:00"],
            ["TIMESTAMPTZ '2013-11-03 00:00:00+00'", "2013-11-03 00:00:00+00"],
            ["'1'::numeric", "1"],
        ]


@excepted("BaseSampleModeTest")
class TestSampleMode(BaseSampleModeTest):
    pass


class TestStoreTestFailures(BaseStoreTestFailures):
    pass


class AuditTables:
    """Stored failures are tables, also where a view was asked for."""

    @pytest.fixture(autouse=True)
    def views_are_tables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from dbt.tests.adapter.store_test_failures_tests import basic

        named, checked = basic.TestResult, basic.check_relation_types

        def as_table(kind: str) -> str:
            return "table" if kind == "view" else kind

        monkeypatch.setattr(basic, "TestResult", lambda name, status, type: named(name, status, as_table(type)))
        monkeypatch.setattr(
            basic,
            "check_relation_types",
            lambda adapter, types: checked(adapter, {name: as_table(kind) for name, kind in types.items()}),
        )


class TestAsInteractions(AuditTables, StoreTestFailuresAsInteractions):
    pass


class TestAsProjectLevelOff(AuditTables, StoreTestFailuresAsProjectLevelOff):
    pass


class TestAsProjectLevelView(AuditTables, StoreTestFailuresAsProjectLevelView):
    pass


class TestAsProjectLevelEphemeral(AuditTables, StoreTestFailuresAsProjectLevelEphemeral):
    pass


class TestAsGeneric(AuditTables, StoreTestFailuresAsGeneric):
    pass


class TestAsExceptions(AuditTables, StoreTestFailuresAsExceptions):
    pass
