"""The whole lakehouse as it was: verbs of the bench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table


class PastVerbs(Protocol):
    def tables(self, at: str) -> tuple[Table, ...]:
        """As ``Bench.tables``, each as it was: ``at`` as ``model.past.lake_at`` has it. One that had nothing is left
        out. Row-level deletes make it count the live rows, which reads data.

        Raises NoSuchSnapshot.
        """

    def snapshots(self, tables: tuple[str, ...] = ()) -> Mapping[str, tuple[Snapshot, ...]]:
        """As ``Bench.snapshots``, of these tables, or of every table there is. One that is gone, or cannot be read, is
        left out."""
