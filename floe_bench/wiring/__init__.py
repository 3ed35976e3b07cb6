"""The composition root: names in configuration become adapters, and adapters a bench."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.core.bench import LocalBench
from floe_bench.model.project import Project
from floe_bench.wiring.site import ProjectSite

__all__ = ["open_bench"]


def open_bench(project: Project, *, stack: str, kept: bool = False) -> tuple[LocalBench, Callable[[str], str]]:
    """A bench that was not started yet, and what takes secrets out of its texts.

    Raises:
        ConfigInvalid: floe-bench.toml or the stack's file.
        StackUnavailable: no such stack or driver.
    """
    site = ProjectSite(project, stack=stack)
    return LocalBench(site, kept=kept), site.clean
