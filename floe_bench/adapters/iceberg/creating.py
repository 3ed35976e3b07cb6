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
from typing import IO

from floe_bench.errors import TableError
from floe_bench.model.table import TableName

_LOOK_S = 0.02
_PATIENCE_S = 900.0
"""A turn lasts until the table's first rows are in the store. Who takes longer may hang, or was stopped by somebody."""


@contextmanager
def alone(catalog_uri: str, name: TableName, *, wait_s: float = _PATIENCE_S) -> Iterator[None]:
    """Wait until nobody else here creates ``name`` in that catalog. Raises TableError: somebody does, for too long.

    SeaweedFS takes creations that meet: it keeps the metadata of one of them beside its location, or gives its first
    snapshot a schema without columns. Its catalog runs on this machine, and so do those who write to it. A process that
    dies gives its turn back.
    """
    folder = Path(tempfile.gettempdir()) / f"floe-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    mark = sha256(f"{catalog_uri} {name}".encode()).hexdigest()[:2]  # of many tables at most 256 files are left
    until = time.monotonic() + wait_s
    with (folder / f"creating-{mark}").open("a+") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise _kept_waiting(name, _holder(file), wait_s) from error
                time.sleep(_LOOK_S)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read().strip()


def _kept_waiting(name: TableName, holder: str, wait_s: float) -> TableError:
    who = f"process {holder}" if holder else "another process"
    return TableError(
        f"{name} is not created: {who} of this machine creates a table, and {name} waited {wait_s:.0f} s for its turn",
        remedy=f"wait for process {holder}, or end it if it hangs; then run this again" if holder else "run this again",
    )
