"""What benches that are gone left with the daemon. It is named and never removed here: it may be somebody's data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from floe_bench.adapters.stacks.container import label
from floe_bench.adapters.stacks.container.daemon import told

if TYPE_CHECKING:
    from docker import DockerClient

_OURS = {"label": [label.PROJECT]}


@dataclass(frozen=True, slots=True)
class Leftover:
    """``kind`` is container, network or volume."""

    kind: str
    name: str


def leftovers(client: DockerClient) -> Iterator[Leftover]:
    """Of all projects: containers and networks whose starter ended, and volumes whose project's folder is gone.

    A project's next start removes the first two itself. Raises StackUnavailable.
    """
    with told("looking for what was left"):
        for container in client.containers.list(all=True, filters=_OURS, ignore_removed=True):
            if not label.alive(container.labels.get(label.OWNER, "")):
                yield Leftover("container", str(container.name))
        for network in client.networks.list(filters=_OURS):
            if not label.alive(((network.attrs or {}).get("Labels") or {}).get(label.OWNER, "")):
                yield Leftover("network", str(network.name))
        for volume in client.volumes.list(filters=_OURS):
            folder = ((volume.attrs or {}).get("Labels") or {}).get(label.FOLDER, "")
            if folder and not Path(folder).exists():
                yield Leftover("volume", str(volume.name))
