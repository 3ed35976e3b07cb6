"""What every lakehouse must pass before it is called ready, whatever runs it."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from floe_bench.errors import BenchError
from floe_bench.model.stack import Endpoints

_ANSWER_S = 2.0


def list_catalog(endpoints: Endpoints) -> None:
    """An authenticated call."""
    from floe_bench.adapters.iceberg.catalog import open_catalog, translated

    with translated("the catalog"), open_catalog(endpoints) as catalog:
        catalog.list_namespaces()


def write_and_read(endpoints: Endpoints) -> None:
    """A row through catalog and store, and back."""
    from floe_bench.adapters.iceberg import probe

    probe.write_and_read(endpoints)


def silent(endpoints: Endpoints) -> str:
    """The store or the catalog, when it lets the time pass; one that refuses, or complains, has answered."""
    if endpoints.s3_endpoint and _lets_time_pass(endpoints.s3_endpoint):
        return "storage"
    return "the catalog" if _lets_time_pass(f"{endpoints.catalog_uri}/v1/config") else ""


def _lets_time_pass(uri: str) -> bool:
    try:
        urllib.request.urlopen(uri, timeout=_ANSWER_S).close()
    except urllib.error.URLError as error:
        return isinstance(error.reason, TimeoutError)
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


def table_count(endpoints: Endpoints) -> int | None:
    """None when the catalog does not say."""
    from floe_bench.adapters.iceberg.catalog import open_catalog, translated
    from floe_bench.adapters.iceberg.listing import table_names

    with (
        contextlib.suppress(BenchError),
        ThreadPoolExecutor(2) as pool,
        translated("the catalog"),
        contextlib.closing(open_catalog(endpoints)) as catalog,
    ):
        return len(table_names(catalog, pool))
    return None
