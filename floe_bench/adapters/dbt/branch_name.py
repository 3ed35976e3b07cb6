"""Which branch a build writes to. Imports no dbt: Dagster's side only wants the variable's name."""

from __future__ import annotations

import os

VARIABLE = "FLOE_BENCH_BRANCH"
"""Environment variable with the name of the branch; a build writes to main when it is empty or not there."""


def branch() -> str | None:
    """Read late: the process may have been made before it was known which run it is for."""
    return os.environ.get(VARIABLE) or None
