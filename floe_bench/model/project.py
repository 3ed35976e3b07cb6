"""The project in front of the user."""

from __future__ import annotations

from pathlib import Path

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Project:
    """A dbt project and the one folder that the bench writes beside it.

    ``root`` is what the user opened, ``dbt_dir`` the folder with ``dbt_project.yml`` (the same, or one below), ``name``
    the dbt project's name, ``namespace`` where models without a custom schema go. ``dagster_module`` is an importable
    module of Python assets or None.
    """

    name: str
    root: Path
    dbt_dir: Path
    namespace: str
    profile: str
    dagster_module: str | None = None

    @property
    def state_dir(self) -> Path:
        """The only folder that is ever written: ``.floe-bench`` in ``root``."""
        return self.root / ".floe-bench"
