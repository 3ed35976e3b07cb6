"""Someone who can materialize assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from floe_bench.model.answer import LogLine
from floe_bench.model.asset import Asset
from floe_bench.model.code import Code
from floe_bench.model.materialization import Materialization
from floe_bench.model.run import Run, RunRequest
from floe_bench.ports.stack import Emit


class Orchestrator(Protocol):
    """Thread-safe. Runs are processes of their own; nothing here waits for one."""

    def prepare(self) -> None:
        """Start what takes long and needs no stack. Returns at once."""

    def attach(self, environment: Mapping[str, str]) -> None:
        """What runs need to reach the stack, secrets in clear. Everything below needs this first."""

    def load(self, emit: Emit) -> tuple[Asset, ...]:
        """Read the project (parse it when it changed) and return its assets, without status.

        Raises:
            ParseFailed: with file and line where dbt names them.
        """

    def changed_files(self) -> tuple[str, ...]:
        """Files that ``load`` may have read and that were saved, added or deleted since; paths from the root."""

    def submit(self, request: RunRequest) -> str:
        """Queue a run and return its id at once. Raises NothingSelected, ParseFailed."""

    def cancel(self, run_id: str) -> None:
        """Ask a queued or running run to end; escalates by itself, and at once when it is cancelled again.

        A run that is over is not an error.

        Raises NoSuchRun.
        """

    def runs(self, limit: int) -> tuple[Run, ...]:
        """The newest ``limit`` runs, newest first, nodes empty."""

    def run(self, run_id: str) -> Run:
        """One run with its nodes. A unique prefix of the id is enough. Raises NoSuchRun."""

    def log(self, run_id: str) -> tuple[LogLine, ...]:
        """Every kept log line of one run, oldest first. Raises NoSuchRun."""

    def code(self, run_id: str | None, node_id: str) -> Code:
        """Of a node in that run; None: as the project has it now, with the newest compiled text there is.

        Raises NoSuchRun, NoSuchNode.
        """

    def follow(self, emit: Emit) -> None:
        """Report every change of every run of this project, by whomever it was started, until ``close``."""

    def materializations(self) -> Mapping[str, Materialization]:
        """The latest of each asset, by asset key."""

    def snapshot_links(self) -> Mapping[int, tuple[str, str]]:
        """Snapshot id -> (run id, asset key), as recorded with the materializations."""

    def observe(self, asset: str, description: str, facts: Mapping[str, str]) -> None:
        """Record what happened to the asset outside of a run. Raises EngineError: it could not be."""

    def close(self) -> None:
        """Cancel what runs, wait for it, and stop following."""
