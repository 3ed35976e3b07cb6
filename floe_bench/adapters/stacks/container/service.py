"""One service as a container: made, found again, watched, ended."""

from __future__ import annotations

import contextlib
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from floe_bench.adapters.stacks.container import label
from floe_bench.adapters.stacks.container.daemon import told
from floe_bench.adapters.stacks.container.image import Image
from floe_bench.adapters.stacks.container.label import Place
from floe_bench.adapters.stacks.container.settings import ServiceSettings
from floe_bench.adapters.stacks.log_file import parsed
from floe_bench.adapters.stacks.port import HOST
from floe_bench.model.answer import LogLine
from floe_bench.model.stack import Service, StackState

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_ANSWER_S = 1.0
_OF_NOISE = 4
"""Lines that are read for one that is shown."""


class PortTaken(Exception):
    """Somebody took a port between our look at it and the container's start."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a container shall be, with everything filled in; ``values`` fill its templates."""

    place: Place
    settings: ServiceSettings
    image: Image
    ports: Mapping[str, int]
    values: Mapping[str, str]
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.place.prefix}-{self.settings.name}"

    @property
    def volumes(self) -> Mapping[str, str]:
        return {f"{self.place.prefix}-{name}": at for name, at in self.settings.volumes.items()}

    @property
    def command(self) -> list[str]:
        return [text.format_map(self.values) for text in self.settings.arguments]

    @property
    def environment(self) -> dict[str, str]:
        return {name: text.format_map(self.values) for name, text in self.settings.environment.items()}

    def files(self) -> Iterator[tuple[bytes, str]]:
        """JSON has braces of its own, so names are replaced one by one."""
        for name, at in self.settings.files.items():
            text = (self.folder / name).read_text(encoding="utf-8")
            for key, value in self.values.items():
                text = text.replace(f"{{{key}}}", value)
            yield text.encode(), at

    @property
    def hash(self) -> str:
        """Another one means another container."""
        settings = self.settings
        whole = (
            self.image.id,
            self.command,
            sorted(self.environment.items()),
            sorted((name, self.ports[name], inside) for name, inside in settings.ports.items()),
            sorted(self.volumes.items()),
            settings.scratch,
            [(text.decode(), at) for text, at in self.files()],
        )
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:16]


def find(client: DockerClient, place: Place) -> dict[str, Container]:
    """Every container of this stack, by service; also those that ended."""
    with told("listing the containers"):
        listed = client.containers.list(all=True, filters=place.filters, ignore_removed=True)
    return {each.labels.get(label.SERVICE, ""): each for each in listed if place.owns(each.labels)}


def start(client: DockerClient, plan: Plan, *, network: str) -> Container:
    """Made and started, with labels, on loopback. Nothing is left of one that could not be started.

    Raises:
        PortTaken: start it again at other ports.
        StackUnavailable, StackNotReady
    """
    from docker.errors import APIError

    made = _described(plan, network)
    try:
        with told(f"starting {plan.settings.title}"):
            try:
                made.start()
            except APIError as error:
                said = str(error.explanation or error)
                if "port is already allocated" in said or "address already in use" in said:
                    raise PortTaken(said) from error
                raise
    except BaseException:
        if made._container is not None:
            remove(made._container, timeout_s=0)
        raise
    return made.get_wrapped_container()


def _described(plan: Plan, network: str) -> Any:
    from docker.types import LogConfig
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.network import Network

    settings = plan.settings
    labels = plan.place.labels(
        **{
            label.SERVICE: settings.name,
            label.CONFIG: plan.hash,
            label.IMAGE: f"{plan.image.reference} {plan.image.digest}",
            label.OWNER: label.owner(),
        }
    )
    joined = Network()
    joined.name = network
    made = (
        DockerContainer(plan.image.id)
        .with_name(plan.name)
        .with_envs(**plan.environment)
        .with_network(joined)
        .with_network_aliases(settings.name)
        # Once: a second call would replace the first one's words.
        .with_kwargs(labels=labels, log_config=LogConfig(type="json-file", config={"max-size": "5m", "max-file": "2"}))
    )
    if plan.command:
        made.with_command(plan.command)
    for name, inside in settings.ports.items():
        # Its own methods refuse an address, and without one the port is open to the whole network.
        made.ports[f"{inside}/tcp"] = (HOST, plan.ports[name])  # type: ignore[assignment]  # docker-py takes a pair
    for volume, at in plan.volumes.items():
        made.with_volume_mapping(volume, at, "rw")
    for at in settings.scratch:
        made.with_tmpfs_mount(at)
    for text, at in plan.files():
        made.with_copy_into_container(text, at)
    return made


def remove(container: Container, *, timeout_s: float) -> None:
    """Asked to end first, when there is time. One that is gone already is no error."""
    from docker.errors import APIError, NotFound

    with told(f"removing {container.name}"), contextlib.suppress(NotFound):
        if timeout_s > 0:
            with contextlib.suppress(APIError):  # a paused or broken one is removed all the same
                container.unpause()
            with contextlib.suppress(APIError):
                container.stop(timeout=int(timeout_s))
        try:
            container.remove(force=True, v=False)
        except APIError as error:
            if "already in progress" not in str(error):
                raise


def restart(container: Container, *, timeout_s: float) -> None:
    """The same container once more: its log and its ports stay. One that cannot start again is removed."""
    from docker.errors import APIError

    with told(f"restarting {container.name}"):
        with contextlib.suppress(APIError):  # only a paused one can be let go on
            container.unpause()
        try:
            container.restart(timeout=int(timeout_s))
        except APIError:
            remove(container, timeout_s=0)


def halt(container: Container, *, timeout_s: float) -> None:
    from docker.errors import APIError

    with told(f"stopping {container.name}"):
        with contextlib.suppress(APIError):  # only a paused one can be let go on
            container.unpause()
        container.stop(timeout=int(timeout_s))


def memory_bytes(container: Container) -> int | None:
    """As `docker stats` counts it: without the file cache that the system gives back when it needs room."""
    from docker.errors import APIError

    try:
        told = container.client.api.stats(container.id, stream=False, one_shot=True)
    except (APIError, OSError):
        return None
    memory = told.get("memory_stats") or {}
    held = memory.get("stats") or {}
    cached = held.get("inactive_file", held.get("total_inactive_file", 0))
    return int(memory["usage"]) - int(cached) if "usage" in memory else None


def running(container: Container) -> bool:
    from docker.errors import NotFound

    try:
        container.reload()
    except NotFound:
        return False
    return str(container.status) not in ("exited", "dead", "removing")


def last_words(container: Container, lines: int) -> list[str]:
    from docker.errors import APIError

    try:
        said = container.logs(tail=lines)
    except APIError:
        return []
    return [line for line in said.decode("utf-8", errors="replace").splitlines() if line.strip()][-lines:]


def exit_code(container: Container) -> int | None:
    return (container.attrs.get("State") or {}).get("ExitCode")


def answers(settings: ServiceSettings, container: Container, ports: Mapping[str, int]) -> bool:
    """Docker's proxy takes every connection, so only an answer counts, or what the container says of itself."""
    if settings.ready and not _says_so(container, settings.ready):
        return False
    if settings.health is None:
        return True
    url = f"http://{HOST}:{ports[settings.health.port]}{settings.health.path}"
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_S) as answer:
            return bool(answer.status < 400)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _says_so(container: Container, command: tuple[str, ...]) -> bool:
    from docker.errors import APIError

    try:
        return bool(container.exec_run(list(command)).exit_code == 0)
    except APIError:  # it does not run, or not yet
        return False


def described(settings: ServiceSettings, container: Container | None, ports: Mapping[str, int]) -> Service:
    """As it is now, asked from the daemon."""
    if container is None:
        return Service(settings.title, StackState.STOPPED, service=settings.name)
    state = container.attrs.get("State") or {}
    status = str(state.get("Status", ""))
    image, _, digest = str(container.labels.get(label.IMAGE, "")).partition(" ")
    known = Service(settings.title, StackState.STOPPED, service=settings.name, image=image, digest=digest)
    if status not in ("running", "paused"):
        detail = f"ended with exit {state.get('ExitCode')}" if status in ("exited", "dead") else status
        return replace(known, detail=detail)
    numbers = tuple(ports[name] for name in settings.ports if name in ports)
    known = replace(known, ports=numbers, since=_since(state), pid=state.get("Pid") or None)
    if status == "paused":
        return replace(known, state=StackState.FAILED, detail="paused")
    ready = answers(settings, container, ports)
    return replace(known, state=StackState.READY if ready else StackState.STARTING)


def _since(state: Mapping[str, Any]) -> datetime | None:
    text = str(state.get("StartedAt", ""))[:19]
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def log_lines(settings: ServiceSettings, container: Container, lines: int) -> Iterable[LogLine]:
    """Oldest first, with the daemon's times; what is noise is left out."""
    said = container.logs(tail=lines * _OF_NOISE, timestamps=True).decode("utf-8", errors="replace")
    for line in said.splitlines():
        stamp, _, text = line.partition(" ")
        if not text.strip() or any(noise in text for noise in settings.noise):
            continue
        try:
            at = datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC)
        except ValueError:
            continue
        found = parsed([text])
        level, shown = (found[0].level, found[0].text) if found else ("info", text)
        yield LogLine(at=at, level=level, source=settings.name, text=shown)
