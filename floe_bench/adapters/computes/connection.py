"""DuckDB attached to the catalog, read-only."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psutil

from floe_bench.adapters.computes.redaction import without_secrets
from floe_bench.adapters.iceberg.extension import extension_options
from floe_bench.adapters.iceberg.memory import bounded
from floe_bench.errors import AccessDenied, CatalogUnreachable
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints

LAKE = "lake"

_S3_SECRET = """
create secret lake_s3 (
    type s3, key_id $key_id, secret $secret, endpoint $endpoint, region $region, url_style $url_style, use_ssl $use_ssl
)
"""
_CATALOG_SECRET = """
create secret lake_catalog (type iceberg, client_id $id, client_secret $secret, oauth2_server_uri $uri)
"""


class Connection:
    """One database, opened on first use; a cursor of its own for every call. ``name`` is what the catalog is in SQL."""

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        state_dir: Path,
        memory_limit: str | None,
        name: str = LAKE,
        writable: bool = False,
    ) -> None:
        self._name, self._writable = name, writable
        self.without_secrets = without_secrets(endpoints)
        self._endpoints = endpoints
        self._state_dir = state_dir
        self._memory_limit = bounded(memory_limit)
        self._opening = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._home = ""

    def cursor(self) -> tuple[duckdb.DuckDBPyConnection, bool]:
        """And whether the database was opened for it.

        Raises:
            CatalogUnreachable, AccessDenied, StackUnavailable
        """
        with self._opening:
            fresh = self._root is None
            if self._root is None:
                self._root = self._opened()
            cursor = self._root.cursor()
        try:
            self._settle(cursor)
        except duckdb.Error:
            self.forget()
            raise self._unreachable() from None
        return cursor, fresh

    def forget(self) -> None:
        """The next cursor gets a new database. Cursors in use keep theirs, which goes with the last of them."""
        with self._opening:
            self._root = None

    def _settle(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make ``namespace.table`` mean the lake, by a USE of any namespace of it; without one there is no table."""
        with contextlib.suppress(duckdb.CatalogException):
            if self._home:
                cursor.execute(f"use {self._name}.{quoted(self._home)}")
                return
        listed = cursor.execute(
            "select schema_name from duckdb_schemas() where database_name = $1 order by 1", [self._name]
        )
        found = listed.fetchone()
        self._home = str(found[0]) if found else ""
        if self._home:
            cursor.execute(f"use {self._name}.{quoted(self._home)}")

    def _opened(self) -> duckdb.DuckDBPyConnection:
        root = duckdb.connect(
            config={
                **extension_options(self._state_dir),
                # Names in a query mean tables, never variables of this program.
                "python_enable_replacements": False,
                "temp_directory": str(_spill_folder(self._state_dir / "duckdb" / "spill")),
                "memory_limit": self._memory_limit,
            }
        )
        root.execute("load httpfs; load iceberg")
        # DuckDB 1.5.5 counts rows of a table with many deletes below zero, and a union of it is an internal error.
        root.execute("set disabled_optimizers = 'statistics_propagation'")
        self._attach(root)
        return root

    def _attach(self, root: duckdb.DuckDBPyConnection) -> None:
        """Raised anew without what DuckDB said, where that could hold a secret; the endpoint is enough to go on."""
        e = self._endpoints
        static = e.s3_access_key is not None and e.s3_secret_key is not None
        delegation = "access_delegation_mode 'none'," if static else ""
        catalog = {"id": e.client_id.reveal(), "secret": e.client_secret.reveal(), "uri": e.token_uri}
        options = f"type iceberg, endpoint $uri, secret lake_catalog, {delegation} read_only {not self._writable}"
        attach = f"attach $warehouse as {self._name} ({options})"
        try:
            if e.s3_access_key is not None and e.s3_secret_key is not None:
                root.execute(_S3_SECRET, _s3_parameters(e, e.s3_access_key, e.s3_secret_key))
            root.execute(_CATALOG_SECRET, catalog)
            root.execute(attach.replace("$warehouse", literal(e.warehouse)), {"uri": e.catalog_uri})
        except duckdb.Error as error:
            said = str(error)
            if any(word in said for word in ("401", "403", "Unauthorized", "invalid_client")):
                raise AccessDenied(
                    f"catalog {e.catalog_uri} refused the stack's credentials", remedy="floe-bench doctor"
                ) from None
            raise self._unreachable() from None

    def _unreachable(self) -> CatalogUnreachable:
        uri = self._endpoints.catalog_uri
        return CatalogUnreachable(f"catalog {uri} does not answer DuckDB", remedy="floe-bench doctor")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _s3_parameters(endpoints: Endpoints, key_id: Secret, secret: Secret) -> dict[str, object]:
    at = urlsplit(endpoints.s3_endpoint)
    return {
        "key_id": key_id.reveal(),
        "secret": secret.reveal(),
        "endpoint": at.netloc,
        "region": endpoints.s3_region,
        "url_style": "path" if endpoints.s3_path_style else "vhost",
        "use_ssl": at.scheme == "https",
    }


def _spill_folder(root: Path) -> Path:
    """Of this process alone, since spill files have fixed names; what dead processes left is removed."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in root.iterdir():
        if folder.name.isdecimal() and not psutil.pid_exists(int(folder.name)):
            shutil.rmtree(folder, ignore_errors=True)
    return root / str(os.getpid())
