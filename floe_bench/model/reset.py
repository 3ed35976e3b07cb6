"""What a reset took away."""

from __future__ import annotations

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Reset:
    """Both in words. ``kept`` is what other stacks of the project need, and says which."""

    deleted: tuple[str, ...]
    kept: tuple[str, ...] = ()
