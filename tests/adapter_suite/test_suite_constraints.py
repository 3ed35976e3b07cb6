from __future__ import annotations

import re

import pytest
from dbt.tests.adapter.constraints.test_constraints import (
    BaseConstraintQuotedColumn,
    BaseConstraintsRollback,
    BaseConstraintsRuntimeDdlEnforcement,
    BaseIncrementalConstraintsColumnsEqual,
    BaseIncrementalConstraintsRollback,
    BaseIncrementalConstraintsRuntimeDdlEnforcement,
    BaseIncrementalContractSqlHeader,
    BaseIncrementalForeignKeyConstraint,
    BaseModelConstraintsRuntimeEnforcement,
    BaseTableConstraintsColumnsEqual,
    BaseTableContractSqlHeader,
    BaseViewConstraintsColumnsEqual,
)

REFERENCES = r"references <foreign_key_model_identifier> \(id\)"
REFERENCE = re.compile(rf",?\s*foreign key \(id\) {REFERENCES}|{REFERENCES}")


class DuckDBTypes:
    @pytest.fixture
    def string_type(self) -> str:
        return "VARCHAR"

    @pytest.fixture
    def int_type(self) -> str:
        return "INTEGER"

    @pytest.fixture
    def data_types(self, schema_int_type: str, int_type: str, string_type: str) -> list[list[str]]:
        return [
            ["1", schema_int_type, int_type],
            ["'1'", string_type, string_type],
            ["cast('2019-01-01' as date)", "date", "DATE"],
            ["true", "boolean", "BOOLEAN"],
            ["cast('2013-11-03 00:00:00' as timestamp)", "timestamp", "TIMESTAMP"],
            ["cast('1' as decimal(18, 3))", "decimal(18, 3)", "DECIMAL(18,3)"],
        ]


class TestTableColumnsEqual(DuckDBTypes, BaseTableConstraintsColumnsEqual):
    pass


class TestViewColumnsEqual(DuckDBTypes, BaseViewConstraintsColumnsEqual):
    pass


class TestIncrementalColumnsEqual(DuckDBTypes, BaseIncrementalConstraintsColumnsEqual):
    pass


class NoForeignKeys:
    """Iceberg has none: dbt says so and leaves the clause out."""

    @pytest.fixture(scope="class")
    def expected_sql(self) -> str:
        fixture = next(vars(base)["expected_sql"] for base in type(self).__mro__[2:] if "expected_sql" in vars(base))
        return REFERENCE.sub("", fixture.__wrapped__(self))


class TestTableDdl(NoForeignKeys, BaseConstraintsRuntimeDdlEnforcement):
    pass


class TestIncrementalDdl(NoForeignKeys, BaseIncrementalConstraintsRuntimeDdlEnforcement):
    pass


class TestModelDdl(NoForeignKeys, BaseModelConstraintsRuntimeEnforcement):
    pass


class TestQuotedColumn(BaseConstraintQuotedColumn):
    pass


class NotNullRefused:
    @pytest.fixture(scope="class")
    def expected_error_messages(self) -> list[str]:
        return ["NOT NULL constraint failed"]


class TestTableRollback(NotNullRefused, BaseConstraintsRollback):
    pass


class TestIncrementalRollback(NotNullRefused, BaseIncrementalConstraintsRollback):
    pass


class TestTableContractSqlHeader(BaseTableContractSqlHeader):
    pass


class TestIncrementalContractSqlHeader(BaseIncrementalContractSqlHeader):
    pass


class TestIncrementalForeignKey(BaseIncrementalForeignKeyConstraint):
    pass
