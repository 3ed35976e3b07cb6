"""The doctor: what a working bench needs, looked at in the order in which one thing needs another."""

from __future__ import annotations

from collections.abc import Iterator

from floe_bench.model.finding import Finding
from floe_bench.ports.site import Running, Site
from floe_bench.wiring.examination.check import found
from floe_bench.wiring.examination.container import container_checks
from floe_bench.wiring.examination.lakehouse import lakehouse_checks
from floe_bench.wiring.examination.machine import machine_checks
from floe_bench.wiring.examination.project import project_checks

__all__ = ["examine"]


def examine(site: Site, running: Running) -> Iterator[Finding]:
    """One finding for each check, as it is made; never raises for one, and every wait has an end.

    Writes nothing but one probe row, which is gone again.
    """
    project = site.project
    yield from found(
        (
            *machine_checks(project.state_dir),
            *container_checks(),
            *lakehouse_checks(running, site.stack),
            *project_checks(project, running),
        )
    )
