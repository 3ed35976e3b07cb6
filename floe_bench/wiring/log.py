"""Where each log is."""

from __future__ import annotations

import re
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

from floe_bench.model.answer import LogLine
from floe_bench.ports.site import Running
from floe_bench.ports.stack import CanTailLogs, Stack

_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ (\w+) (.*)")


def read_logs(source: str, lines: int, *, running: Running, stack: Stack, state_dir: Path) -> list[LogLine]:
    """The last ``lines`` lines, oldest first. ``source`` engine, stack, a service of it or a run id; engine and
    stack when empty."""
    found: list[LogLine] = []
    services = stack.sources() if isinstance(stack, CanTailLogs) else ()
    if source in ("", "stack", *services) and isinstance(stack, CanTailLogs):
        found += stack.tail(lines, source if source in services else "")
    if source in ("", "engine"):
        found += _engine(state_dir / "logs" / "engine.log", lines)
    if source not in ("", "stack", "engine", *services):
        found += running.orchestrator(parsed=False).log(source)
    return sorted(found, key=lambda line: line.at)[-lines:]


def _engine(file: Path, lines: int) -> list[LogLine]:
    if not file.exists():
        return []
    found: list[LogLine] = []
    with file.open(errors="replace") as text:
        for said in deque(text, maxlen=lines):
            match = _LINE.match(said)
            if match:
                at = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").astimezone(UTC)
                found.append(LogLine(at, match[2].lower(), "engine", match[3]))
            elif found:
                found.append(LogLine(found[-1].at, found[-1].level, "engine", said.rstrip("\n")))
    return found
