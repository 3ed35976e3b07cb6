"""The node journal: what happened inside a run, node by node, as JSON lines beside Dagster's event log.

Dagster sees the whole dbt build as one step; when a node started, what dbt said and why a test failed is only here. It
is written by the process that executes the run, also when ``dagster dev`` started it, and followed by the engine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from floe_bench.model.answer import LogLine
from floe_bench.model.run import NodeRun, NodeStatus

FILE = "journal.jsonl"


@dataclass(slots=True)
class JournalWriter:
    """One writer per run. Every line is flushed: a killed run keeps all that was said before."""

    folder: Path
    _file: IO[str] | None = None

    def __enter__(self) -> JournalWriter:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = (self.folder / FILE).open("a", encoding="utf-8", buffering=1)
        if _torn(self.folder / FILE):
            self._file.write("\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def node(self, node: NodeRun) -> None:
        self._write({"node": asdict(node)})

    def log(self, line: LogLine) -> None:
        self._write({"log": asdict(line)})

    def worker(self, pid: int, created: float) -> None:
        """``created`` is the process's creation time, which tells it from a later process of the same id."""
        self._write({"worker": {"pid": pid, "created": created}})

    def _write(self, entry: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(entry, default=_plain) + "\n")


@dataclass(slots=True)
class JournalReader:
    """Follows one journal; each ``read`` returns what is new. A line that is still being written is left for later."""

    folder: Path
    _offset: int = 0
    _size: int = 0
    nodes: dict[str, NodeRun] = field(default_factory=dict)
    worker: tuple[int, float] | None = None

    def read(self) -> Iterator[NodeRun | LogLine]:
        try:
            with (self.folder / FILE).open("rb") as file:
                file.seek(self._offset)
                lines = file.readlines()
                self._size = file.tell()
        except FileNotFoundError:
            return
        for line in lines:
            if not line.endswith(b"\n"):
                return
            self._offset += len(line)
            # A writer that was killed, or a full disk, leaves a line that nobody can read; the others are still true.
            with suppress(ValueError, TypeError, KeyError, AttributeError):
                yield from self._entry(json.loads(line))

    def grew(self) -> bool:
        """Since it was last read."""
        with suppress(FileNotFoundError):
            return (self.folder / FILE).stat().st_size > self._size
        return False

    def _entry(self, entry: dict[str, Any]) -> Iterator[NodeRun | LogLine]:
        if "node" in entry:
            node = self._counted(_node(entry["node"]))
            self.nodes[node.node_id] = node
            yield node
        elif "log" in entry:
            yield _line(entry["log"])
        elif "worker" in entry:
            self.worker = (entry["worker"]["pid"], entry["worker"]["created"])

    def _counted(self, node: NodeRun) -> NodeRun:
        """A node that starts after it had ended is tried again, as it is in a stepped run."""
        known = self.nodes.get(node.node_id)
        if known is None:
            return node
        over = known.status not in (NodeStatus.RUNNING, NodeStatus.SKIPPED)
        return replace(node, attempt=known.attempt + (over and node.status is NodeStatus.RUNNING))


def _torn(file: Path) -> bool:
    """Its last line was never finished."""
    with file.open("rb") as found:
        return found.seek(0, os.SEEK_END) > 0 and found.seek(-1, os.SEEK_END) >= 0 and found.read(1) != b"\n"


def worker_of(folder: Path) -> tuple[int, float] | None:
    """Process id and creation time of the worker that wrote this journal, None if none did."""
    reader = JournalReader(folder)
    for _ in reader.read():
        if reader.worker:
            break
    return reader.worker


def announce(folder: Path) -> None:
    """Write down that this process executes the run."""
    import psutil

    with JournalWriter(folder) as journal:
        journal.worker(os.getpid(), psutil.Process().create_time())


def _node(found: dict[str, Any]) -> NodeRun:
    started = found["started_at"]
    return NodeRun(
        **{
            **found,
            "status": NodeStatus(found["status"]),
            "started_at": datetime.fromisoformat(started) if started else None,
        }
    )


def _line(found: dict[str, Any]) -> LogLine:
    return LogLine(**{**found, "at": datetime.fromisoformat(found["at"])})


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
