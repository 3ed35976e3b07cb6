"""The code of one node: as it was written, as it was run, and as it was run before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """``source`` is the text as that run read it, else as the project has it now; cut where it is very long (a seed).

    ``compiled`` is empty where nothing was compiled (a source, a Python asset, a node that was skipped). ``path`` is
    relative to the dbt folder, ``compiled_path`` absolute. ``previous`` is the compiled text of the newest earlier run
    that compiled the node; None when there is none.
    """

    node_id: str
    kind: str
    source: str = ""
    path: str = ""
    run_id: str | None = None
    """The run that compiled it."""
    compiled: str = ""
    compiled_path: str = ""
    previous: str | None = None
    previous_run_id: str | None = None
