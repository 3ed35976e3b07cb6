"""Adapters are found by entry points, ours through the same door as anybody's."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from floe_bench.errors import ConfigInvalid


def names(kind: str) -> tuple[str, ...]:
    """What is installed for ``kind`` (stacks, catalogs, computes, orchestrators); imports nothing."""
    return tuple(sorted(found.name for found in entry_points(group=f"floe_bench.{kind}")))


def load(kind: str, name: str) -> Any:
    """Import one adapter. Raises ConfigInvalid, listing what is there."""
    for found in entry_points(group=f"floe_bench.{kind}"):
        if found.name == name:
            return found.load()
    raise ConfigInvalid(f"no adapter '{name}' for {kind}; installed: {', '.join(names(kind)) or 'none'}")
