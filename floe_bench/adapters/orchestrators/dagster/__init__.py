"""Dagster, embedded: every run is a process of its own on one shared instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_bench.adapters.orchestrators.dagster.orchestrator import DagsterOrchestrator

__all__ = ["DagsterOrchestrator"]


def __getattr__(name: str) -> object:
    # A run worker imports this package too: it must not pay for the orchestrator.
    if name == "DagsterOrchestrator":
        from floe_bench.adapters.orchestrators.dagster.orchestrator import DagsterOrchestrator

        return DagsterOrchestrator
    raise AttributeError(name)
