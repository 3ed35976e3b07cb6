"""Letting a build end before its next asset: what has begun is finished, with its tests."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

VARIABLE = "FLOE_BENCH_PAUSE"
"""Environment variable with the path of a file; the build pauses when it is there."""
WORDS = "paused before it was made"


class PauseGate:
    """Every node that makes a table passes here first. Batches of a model that has begun are part of it."""

    def __init__(self) -> None:
        self._begun: set[str] = set()
        self._lock = threading.Lock()

    def enter(self, node: Any) -> None:
        """Raises DbtRuntimeError with ``WORDS`` when the build is paused."""
        # Read late: the process may have been made before it was known which run it is for.
        file = os.environ.get(VARIABLE)
        if file is None or node.resource_type in ("test", "unit_test"):
            return
        with self._lock:
            if node.unique_id not in self._begun and Path(file).exists():
                # Whoever only wants to know the variable's name has no dbt loaded.
                from dbt_common.exceptions import DbtRuntimeError

                raise DbtRuntimeError(WORDS)
            self._begun.add(node.unique_id)
