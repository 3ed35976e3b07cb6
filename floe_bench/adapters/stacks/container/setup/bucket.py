"""The bucket that holds the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from floe_bench.errors import StackNotReady

if TYPE_CHECKING:
    from floe_bench.adapters.stacks.container.vault import Vault


def make_bucket(values: Mapping[str, str], *, vault: Vault, cancelled: Callable[[], bool]) -> list[str]:
    """``endpoint``, ``region``, ``bucket``, ``access_key``, ``secret_key``. One that is there stays as it is."""
    import pyarrow as pa
    from pyarrow import fs

    at = urlsplit(values["endpoint"])
    store = fs.S3FileSystem(
        access_key=values["access_key"],
        secret_key=values["secret_key"],
        endpoint_override=at.netloc,
        scheme=at.scheme,
        region=values["region"],
        allow_bucket_creation=True,
        connect_timeout=5,
        request_timeout=10,
    )
    name = values["bucket"]
    try:
        there = store.get_file_info(name).type is not fs.FileType.NotFound
        if not there:
            store.create_dir(name)
    except (OSError, pa.ArrowException) as error:
        said = str(error).splitlines()[0][:300]
        raise StackNotReady(f"the bucket {name} at {values['endpoint']} cannot be made: {said}") from error
    return [f"{name} was there" if there else f"{name} made"]
