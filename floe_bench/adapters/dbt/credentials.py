"""What a profile of type ``floe`` holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials, PluginConfig
from dbt_common.exceptions import DbtRuntimeError

from floe_bench.adapters.dbt.branch_name import branch
from floe_bench.adapters.dbt.rehearsal import attachments


@dataclass
class FloeCredentials(DuckDBCredentials):
    """``catalog`` are PyIceberg's catalog properties, for the same catalog that ``attach`` gives DuckDB."""

    catalog: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return "floe"

    @property
    def unique_field(self) -> str:
        return str(self.catalog.get("uri", self.path))

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[no-untyped-call]
        if self.schema.lower() == "main":
            # DuckDB answers for `main` itself and never asks the catalog.
            raise DbtRuntimeError("the schema of a floe profile cannot be 'main': DuckDB hides that one; name another")
        self.plugins = [
            *(self.plugins or []),
            PluginConfig(module="floe_bench.adapters.dbt.search_path", config={"database": self.database}),
        ]
        if branch() is not None:
            self.attach = attachments(self.attach or [], self.database)
            settings = {"database": self.database, "catalog": self.catalog}
            self.plugins.insert(0, PluginConfig(module="floe_bench.adapters.dbt.rehearsal", config=settings))
        attached = {attachment.alias for attachment in self.attach or []}
        if self.database not in attached:
            raise DbtRuntimeError(f"the database of a floe profile must be attached; '{self.database}' is not")

    def _connection_keys(self) -> tuple[str, ...]:
        return ("database", "schema", "path", "config_options", "extensions", "settings", "catalog_uri", "warehouse")

    @property
    def catalog_uri(self) -> str:
        return str(self.catalog.get("uri", ""))

    @property
    def warehouse(self) -> str:
        return str(self.catalog.get("warehouse", ""))
