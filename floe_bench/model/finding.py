"""What the doctor finds."""

from __future__ import annotations

from enum import StrEnum

from floe_bench.dataclass import dataclass


class FindingState(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """``fix`` is a command or an edit; empty when ok. A skipped check says in ``detail`` what it waits for."""

    check: str
    state: FindingState
    detail: str
    fix: str = ""
