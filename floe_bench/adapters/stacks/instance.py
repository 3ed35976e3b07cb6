"""The process that was started for a project, as remembered and as found."""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator, Set
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from floe_bench.adapters.stacks.private_file import write_private

_CLOCK_STEP_S = 2.0
"""The system's idea of when it booted moves when the clock is set, and with it every process's start."""


@dataclass(frozen=True, slots=True)
class Instance:
    """``pid`` None: nothing was started, or it was stopped; the ports stay. ``born`` is the process's creation time."""

    ports: dict[str, int] = field(default_factory=dict)
    pid: int | None = None
    born: float = 0.0
    started_at: str = ""
    boot_id: str = ""

    @property
    def since(self) -> datetime | None:
        return datetime.fromisoformat(self.started_at) if self.started_at else None


def remembered(file: Path) -> Instance:
    """What the file says; nothing for a file that is missing or damaged, since it can always be made anew."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        ports = {str(name): int(port) for name, port in found["ports"].items()}
        pid = None if found["pid"] is None else int(found["pid"])
        return Instance(ports, pid, float(found["born"]), str(found["started_at"]), str(found["boot_id"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Instance()


def remember(file: Path, instance: Instance) -> None:
    write_private(file, json.dumps(asdict(instance), indent=2) + "\n")


def born_now(process: psutil.Process, ports: dict[str, int]) -> Instance:
    return Instance(ports, process.pid, process.create_time(), datetime.now(UTC).isoformat(), boot_id())


def boot_id() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return str(int(psutil.boot_time()))


def alive(instance: Instance, mark: str) -> psutil.Process | None:
    """The process of ``instance``, if it is that one still: pid, birth, boot, and ``mark`` among its arguments."""
    if instance.pid is None or instance.boot_id != boot_id():
        return None
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(instance.pid)
        same = abs(process.create_time() - instance.born) < _CLOCK_STEP_S
        if same and running(process) and mark in process.cmdline():
            return process
    return None


def running(process: psutil.Process) -> bool:
    """A process that ended and was not yet collected by its parent does not run."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def memory_bytes(process: psutil.Process) -> int | None:
    """What it and its children hold in memory; None for one that is gone."""
    try:
        return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))
    except psutil.Error:
        return None


def listens(pid: int, ports: Set[int]) -> bool:
    """Whether that process itself listens on all ``ports``. True where the system does not tell: who answers counts."""
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
    return ports <= {each.laddr.port for each in found if each.status == psutil.CONN_LISTEN}


def all_with(mark: str) -> Iterator[psutil.Process]:
    """Every process of this user with ``mark`` among its arguments."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if mark in process.cmdline() and running(process):
                yield process


def stop(process: psutil.Process, timeout_s: float) -> None:
    """Ask it to end, then end it; returns when it is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)
        if not _gone(process, timeout_s):
            process.kill()
            _gone(process, timeout_s)


def _gone(process: psutil.Process, timeout_s: float) -> bool:
    try:
        process.wait(timeout_s)
    except psutil.TimeoutExpired:
        return not running(process)
    return True
