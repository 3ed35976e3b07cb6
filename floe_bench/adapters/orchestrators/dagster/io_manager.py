"""dagster-iceberg's IO manager on the stack's catalog, for Python assets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyiceberg.catalog
from dagster import InputContext, OutputContext
from dagster._core.storage.db_io_manager import DbIOManager, DbTypeHandler, TableSlice
from dagster_iceberg.config import IcebergCatalogConfig
from dagster_iceberg.io_manager.arrow import PyArrowIcebergIOManager, _PyArrowIcebergTypeHandler
from dagster_iceberg.io_manager.base import IcebergDbClient
from pyiceberg.utils.config import Config

from floe_bench.adapters.iceberg.catalog import CATALOG_NAME, FILE_IO
from floe_bench.adapters.orchestrators.dagster.gate import enter


class _Client(IcebergDbClient):
    @staticmethod
    def ensure_schema_exists(context: OutputContext, table_slice: TableSlice, connection: Any) -> None:
        """Upstream makes no namespace and looks into it, which every catalog but SeaweedFS answers with 404."""
        connection.create_namespace_if_not_exists(table_slice.schema)


class _Handler(_PyArrowIcebergTypeHandler):
    def load_input(self, context: InputContext, table_slice: TableSlice, connection: Any) -> Any:
        enter(context.step_context.run_id)
        return super().load_input(context, table_slice, connection)


class _IOManager(PyArrowIcebergIOManager):
    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler[Any]]:
        return [_Handler()]

    def create_io_manager(self, context: Any) -> DbIOManager:
        made = super().create_io_manager(context)
        made._db_client = _Client()  # upstream has no way to name another
        return made


def io_manager() -> PyArrowIcebergIOManager:
    """An asset's key prefix is its namespace; one without a prefix goes to ``public``, Dagster's own default.

    No address and no credential is configured: Dagster shows a resource's configuration. PyIceberg finds them in the
    environment, as PYICEBERG_CATALOG__<name>__<property>.
    """
    # PyIceberg read the environment when it was imported: in a warm process that was before the run's own was set.
    pyiceberg.catalog._ENV_CONFIG = Config()
    # A namespace configured here would override every asset's prefix.
    return _IOManager(name=CATALOG_NAME, config=IcebergCatalogConfig(properties={"type": "rest"} | FILE_IO))
