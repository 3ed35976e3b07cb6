"""The image of a service: which one, and getting it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_bench.adapters.stacks.container.settings import ServiceSettings
from floe_bench.errors import Cancelled, StackUnavailable

if TYPE_CHECKING:
    from docker import DockerClient

_LOCAL = "floe-bench/"
"""Built from package registries by `just images`; no image registry has them."""
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Image:
    reference: str
    id: str

    @property
    def digest(self) -> str:
        return self.id.removeprefix("sha256:")[:12]


def candidates(service: ServiceSettings, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    chosen = environ.get(service.image_variable, "").strip()
    return (chosen,) if chosen else service.images


def pullable(service: ServiceSettings) -> bool:
    """A registry may have one of the candidates; whether it does, only a pull tells."""
    return any(not reference.startswith(_LOCAL) for reference in candidates(service))


def present(client: DockerClient, service: ServiceSettings) -> Image | None:
    """The first candidate that is on this machine."""
    from docker.errors import ImageNotFound

    for reference in candidates(service):
        try:
            return Image(reference, str(client.images.get(reference).id))
        except ImageNotFound:
            continue
    return None


def pulled(
    client: DockerClient, service: ServiceSettings, *, tell: Callable[[str], None], cancelled: Callable[[], bool]
) -> Image:
    """The first candidate that a registry gives; ``tell`` hears how far each layer is.

    Raises:
        StackUnavailable: none is on this machine and none can be had, with what each registry said.
        Cancelled
    """
    from docker.errors import APIError

    failed: list[str] = []
    for reference in candidates(service):
        if reference.startswith(_LOCAL):
            continue
        try:
            for line in _pull(client, reference, cancelled):
                tell(line)
            return Image(reference, str(client.images.get(reference).id))
        except APIError as error:
            said = str(error.explanation or error).strip().splitlines()[0]
            failed.append(f"{reference}: {said}")
    raise missing(service, failed)


def missing(service: ServiceSettings, failed: list[str]) -> StackUnavailable:
    tried = "; ".join(failed) if failed else f"looked for {', '.join(candidates(service))}"
    return StackUnavailable(
        f"there is no image of {service.title} on this machine, and none can be pulled ({tried})",
        remedy=f"docker pull {service.images[-1]}, or {service.image_variable}=IMAGE"
        if not service.images[-1].startswith(_LOCAL)
        else f"just images in a source tree, or {service.image_variable}=IMAGE",
    )


def _pull(client: DockerClient, reference: str, cancelled: Callable[[], bool]) -> Iterator[str]:
    """A line a step: layers that are done, and megabytes of all. Raises APIError also for what comes as a message."""
    from docker.errors import APIError

    name, tag = _split(reference)
    layers: dict[str, tuple[str, int, int]] = {}
    shown = ""
    for step in client.api.pull(name, tag=tag, stream=True, decode=True):
        if cancelled():
            raise Cancelled("the pull of an image was cancelled")
        if "error" in step:
            raise APIError(step["error"], explanation=step["error"])
        part, status = str(step.get("id", "")), str(step.get("status", ""))
        if not part or part == tag:
            continue
        progress = step.get("progressDetail") or {}
        before = layers.get(part, ("", 0, 0))
        layers[part] = (status, progress.get("current", before[1]), progress.get("total", before[2]))
        line = _told(layers)
        if line != shown:
            shown = line
            yield line


def _told(layers: Mapping[str, tuple[str, int, int]]) -> str:
    done = sum(status in ("Pull complete", "Already exists") for status, _, _ in layers.values())
    held = sum(current for status, current, _ in layers.values() if status == "Downloading")
    whole = sum(total for status, _, total in layers.values() if status == "Downloading")
    amount = f", {held / _MEGABYTE:.0f} of {whole / _MEGABYTE:.0f} MB" if whole else ""
    return f"{done} of {len(layers)} layers{amount}"


def _split(reference: str) -> tuple[str, str]:
    """Name, and tag or digest, as the daemon wants them."""
    if "@" in reference:
        name, _, digest = reference.partition("@")
        return name, digest
    head, _, last = reference.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{head}/{name}" if head else name, tag or "latest"
