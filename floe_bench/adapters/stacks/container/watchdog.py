"""A child that outlives its parent for one moment: it ends the parent's containers when the parent is gone.

``python -m floe_bench.adapters.stacks.container.watchdog PROJECT OWNER LOCK``: sleeps on its standard input, which
closes when the parent ends, however it ends. It holds LOCK meanwhile, so that the next start waits for it. Data is in
volumes and stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from floe_bench.adapters.stacks.container import label

_STOP_S = 10
_POLL_S = 0.05


class Watchdog:
    """The parent's side."""

    def __init__(self, *, project: str, owner: str, lock: Path) -> None:
        self._arguments = (project, owner, str(lock))
        self._child: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """One runs from here on, also when the last one was killed."""
        if self._child is not None and self._child.poll() is None:
            return
        self._child = subprocess.Popen(
            [sys.executable, "-m", __name__, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Nothing is left to watch."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child = None


def wait_for_another(lock: Path, *, cancelled: Callable[[], bool], limit_s: float) -> None:
    """Until the watchdog of an owner that died has done its work; at most ``limit_s``."""
    deadline = time.monotonic() + limit_s
    with lock.open("a+") as file:
        while time.monotonic() < deadline and not cancelled():
            if _locked(file):
                return
            file.seek(0)
            if label.alive(file.read()):
                return
            time.sleep(_POLL_S)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end(project: str, owner: str) -> None:
    import docker
    from docker.errors import APIError

    client = docker.from_env(timeout=60)
    filters = {"label": [f"{label.PROJECT}={project}", f"{label.OWNER}={owner}"]}
    for container in client.containers.list(all=True, filters=filters, ignore_removed=True):
        if (container.labels.get(label.PROJECT), container.labels.get(label.OWNER)) != (project, owner):
            continue
        with contextlib.suppress(APIError):
            container.stop(timeout=_STOP_S)
        with contextlib.suppress(APIError):
            container.remove(force=True, v=False)
    for network in client.networks.list(filters=filters):
        with contextlib.suppress(APIError):
            network.remove()


def main() -> None:
    project, owner, lock = sys.argv[1:]
    with Path(lock).open("a") as file:
        while not _locked(file):
            time.sleep(_POLL_S)
        file.truncate(0)
        file.write(owner)
        file.flush()
        sys.stdin.buffer.read()
        _end(project, owner)


if __name__ == "__main__":
    main()
