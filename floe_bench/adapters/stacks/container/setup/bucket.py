"""The bucket that holds the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from floe_bench.errors import StackNotReady

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem

    from floe_bench.adapters.stacks.container.vault import Vault


def make_bucket(values: Mapping[str, str], *, vault: Vault, cancelled: Callable[[], bool]) -> list[str]:
    """``endpoint``, ``region``, ``bucket``, ``access_key``, ``secret_key``. One that is there stays as it is."""
    import pyarrow as pa
    from pyarrow import fs

    store, name = _store(values), values["bucket"]
    try:
        there = store.get_file_info(name).type is not fs.FileType.NotFound
        if not there:
            store.create_dir(name)
    except (OSError, pa.ArrowException) as error:
        raise _fault(values, "cannot be made", error) from error
    return [f"{name} was there" if there else f"{name} made"]


def recheck_bucket(values: Mapping[str, str], *, vault: Vault) -> Iterator[tuple[str, str]]:
    import pyarrow as pa
    from pyarrow import fs

    name = values["bucket"]
    try:
        there = _store(values).get_file_info(name).type is not fs.FileType.NotFound
    except (OSError, pa.ArrowException) as error:
        raise _fault(values, "cannot be looked for", error) from error
    yield f"bucket {name}", "" if there else f"the bucket {name} is gone, and every table with it"


def _store(values: Mapping[str, str]) -> S3FileSystem:
    from pyarrow import fs

    at = urlsplit(values["endpoint"])
    return fs.S3FileSystem(
        access_key=values["access_key"],
        secret_key=values["secret_key"],
        endpoint_override=at.netloc,
        scheme=at.scheme,
        region=values["region"],
        allow_bucket_creation=True,
        connect_timeout=5,
        request_timeout=10,
    )


def _fault(values: Mapping[str, str], what: str, error: Exception) -> StackNotReady:
    said = str(error).splitlines()[0][:300]
    return StackNotReady(f"the bucket {values['bucket']} at {values['endpoint']} {what}: {said}")
