"""One real write and read, to know that a lakehouse works."""

from __future__ import annotations

import secrets

from floe_bench.adapters.iceberg.catalog import open_catalog, translated
from floe_bench.errors import TableError
from floe_bench.model.stack import Endpoints

PROBE_NAMESPACE = "floe_bench_probe"
"""Never listed to anyone; gone again after each probe unless the process is killed in between."""


def write_and_read(endpoints: Endpoints) -> None:
    """Commit one row through catalog and object store, read it back, and drop table and namespace again.

    Raises:
        CatalogUnreachable, AccessDenied, TableError
    """
    import pyarrow as pa

    row = {"n": secrets.randbits(60)}
    name = (PROBE_NAMESPACE, "row")
    with open_catalog(endpoints) as catalog, translated("the probe table"):
        catalog.create_namespace_if_not_exists(PROBE_NAMESPACE)
        if catalog.table_exists(name):
            catalog.drop_table(name)
        rows = pa.Table.from_pylist([row])
        table = catalog.create_table(name, rows.schema)
        table.append(rows)
        found = table.scan().to_arrow().to_pylist()
        catalog.drop_table(name)
        catalog.drop_namespace(PROBE_NAMESPACE)
    if found != [row]:
        raise TableError(f"the object store gave back {found} for {row}", remedy="floe-bench doctor")
