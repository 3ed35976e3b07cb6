"""What an invocation of dbt opens, opened before anybody asks for it: DuckDB with its extensions, Arrow's S3, macros.

The catalog is attached when the invocation begins: what DuckDB once knows of a catalog's namespaces it does not look up
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from typing import Any


_CALLED = frozenset(("create_schema", "get_where_subquery"))
"""Macros that dbt itself calls, so that no node says so."""


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


def compile_ahead(manifest: Any) -> None:
    """The macros that a build of everything may come to: from its nodes and how they are made, as dbt's parser noted.

    dbt keeps a compiled macro by its text, so that one that is another by then is compiled again.
    """
    from dbt_common.clients.jinja import template_cache
    from dbt_common.exceptions import DbtBaseException

    pending = {name for node in manifest.nodes.values() for name in node.depends_on_macros}
    pending.update(_materializations(manifest), (macro for macro in manifest.macros if macro.split(".")[-1] in _CALLED))
    found: set[str] = set()
    while pending:
        name = pending.pop()
        macro = manifest.macros.get(name)
        if macro is None or name in found:
            continue
        found.add(name)
        pending.update(macro.depends_on.macros)
        # One that cannot be compiled may never be called; a run that calls it says so.
        with suppress(DbtBaseException):
            template_cache.get_node_template(macro)


def _materializations(manifest: Any) -> Iterator[str]:
    """Of the nearest adapter that has one, as dbt chooses."""
    named: dict[str, list[str]] = {}
    for macro in manifest.macros.values():
        named.setdefault(macro.name, []).append(macro.unique_id)
    for kind in {node.get_materialization() for node in manifest.nodes.values()}:
        names = (f"materialization_{kind}_{adapter}" for adapter in ("floe", "duckdb", "default"))
        yield from next((named[name] for name in names if name in named), ())


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
