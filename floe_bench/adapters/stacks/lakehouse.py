"""What every lakehouse must pass before it is called ready, whatever runs it."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

from floe_bench.errors import BenchError
from floe_bench.model.stack import Endpoints


def list_catalog(endpoints: Endpoints) -> None:
    """An authenticated call."""
    from floe_bench.adapters.iceberg.catalog import open_catalog, translated

    with translated("the catalog"):
        open_catalog(endpoints).list_namespaces()


def write_and_read(endpoints: Endpoints) -> None:
    """A row through catalog and store, and back."""
    from floe_bench.adapters.iceberg import probe

    probe.write_and_read(endpoints)


def table_count(endpoints: Endpoints) -> int | None:
    """None when the catalog does not say."""
    from floe_bench.adapters.iceberg.catalog import open_catalog, translated
    from floe_bench.adapters.iceberg.listing import table_names

    with contextlib.suppress(BenchError), ThreadPoolExecutor(2) as pool, translated("the catalog"):
        return len(table_names(open_catalog(endpoints), pool))
    return None
