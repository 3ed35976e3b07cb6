"""One process of this machine at a time begins to create a table."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from floe_bench.model.table import TableName

_LOOK_S = 0.02


@contextmanager
def alone(catalog_uri: str, name: TableName) -> Iterator[None]:
    """Wait until nobody else here creates ``name`` in that catalog.

    SeaweedFS takes creations that meet: it keeps the metadata of one of them beside its location, or gives its first
    snapshot a schema without columns. Its catalog runs on this machine, and so do those who write to it. A process that
    dies gives its turn back.
    """
    folder = Path(tempfile.gettempdir()) / f"floe-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    mark = sha256(f"{catalog_uri} {name}".encode()).hexdigest()[:2]  # of many tables at most 256 files are left
    with (folder / f"creating-{mark}").open("wb") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_LOOK_S)
        yield
