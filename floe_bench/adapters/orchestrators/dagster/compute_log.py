"""What the processes of a run print, with fewer processes beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def spare_the_watchers() -> None:
    """Dagster copies a step's output with a ``tail`` for each stream, and has a Python process watch over each ``tail``
    in case its own dies; Linux' ``tail`` can do that by itself.

    For this process, from now on.
    """
    from dagster._core.execution import compute_logs

    if sys.platform == "linux":
        compute_logs.execute_posix_tail = copied


@contextmanager
def copied(path: str, stream: Any) -> Iterator[tuple[int, None]]:
    """The id of the process that copies the file's lines to ``stream``, until the end or that of this process."""
    command = ["tail", "-F", "-c", "+0", f"--pid={os.getpid()}", path]
    with subprocess.Popen(command, stdout=stream) as process:
        try:
            yield process.pid, None
        finally:
            process.terminate()
