"""What an invocation of dbt opens, opened before anybody asks for it: DuckDB with its extensions, and Arrow's S3.

The catalog is attached when the invocation begins: what DuckDB once knows of a catalog's namespaces it does not look up
again.
"""

from __future__ import annotations

from copy import copy
from typing import Any


def open_ahead() -> Any:
    """The environment that dbt-duckdb will find as its own, if the invocation's profile says the same as now.

    To be called when dbt has read the project in this process.
    """
    from dbt.adapters.duckdb import environments
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import FACTORY
    from pyarrow.fs import ensure_s3_initialized

    ensure_s3_initialized()
    adapter: Any = FACTORY.lookup_adapter("floe")
    credentials = adapter.config.credentials
    found: Any = environments.create(credentials)
    unattached = copy(credentials)
    unattached.attach = None
    found.conn = found.initialize_db(unattached, found._plugins)
    DuckDBConnectionManager._ENV = found
    return found


def attach(environment: Any) -> None:
    """Where the catalog does not let it, dbt opens everything anew, runs into the same and says so."""
    import duckdb
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    try:
        for attachment in environment.creds.attach:
            environment.conn.execute(attachment.to_sql())
    except duckdb.Error:
        DuckDBConnectionManager._ENV = None
        environment.close()
