"""A lakehouse whose services are containers."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from floe_bench.adapters.stacks import instance as instances
from floe_bench.adapters.stacks.container import image as images
from floe_bench.adapters.stacks.container import label, volume
from floe_bench.adapters.stacks.container import service as containers
from floe_bench.adapters.stacks.container.daemon import open_daemon
from floe_bench.adapters.stacks.container.daemon import told as daemon_told
from floe_bench.adapters.stacks.container.image import Image
from floe_bench.adapters.stacks.container.label import Place
from floe_bench.adapters.stacks.container.service import Plan, PortTaken
from floe_bench.adapters.stacks.container.settings import ContainerSettings, ServiceSettings
from floe_bench.adapters.stacks.container.setup import recheck, set_up
from floe_bench.adapters.stacks.container.vault import Vault, fingerprint
from floe_bench.adapters.stacks.container.watchdog import Watchdog, wait_for_another
from floe_bench.adapters.stacks.gate import Died, Watch, until, until_done
from floe_bench.adapters.stacks.instance import Instance
from floe_bench.adapters.stacks.lakehouse import list_catalog, silent, table_count, write_and_read
from floe_bench.adapters.stacks.phase import told
from floe_bench.adapters.stacks.port import HOST, assigned
from floe_bench.adapters.stacks.private_file import private_folder
from floe_bench.errors import StackError, StackNotReady, StackUnavailable
from floe_bench.events import PhaseProgressed
from floe_bench.model.answer import LogLine
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints, Service, StackSpec, StackState, StackStatus
from floe_bench.ports.stack import Emit

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_STARTS = 3
"""Somebody may take a port between our look at it and the container's."""
_WATCHDOG_S = 30.0
_LAST_LINES = 8
_PULSE_S = 0.2


class ContainerStack:
    """Runs ``spec`` for the project whose state folder is ``state_dir``. Containers end with whoever started them.

    Raises:
        ConfigInvalid: the stack's settings are not those of this driver.
    """

    def __init__(self, spec: StackSpec, *, state_dir: Path) -> None:
        self._spec = spec
        self._settings = ContainerSettings.read(spec)
        self._place = Place(state_dir.absolute(), spec.name)
        self._folder = state_dir.absolute() / "stack" / spec.name
        self._memory = self._folder / "state.json"
        self._vault = Vault(self._folder / "secrets.json")
        self._watchdog = Watchdog(project=self._place.project, owner=label.owner(), lock=self._folder / "watchdog.lock")
        self._clients = threading.local()

    # ── port ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def up(self, emit: Emit, cancelled: Callable[[], bool]) -> Endpoints:
        client = self._client()
        private_folder(self._folder)
        wait_for_another(self._folder / "watchdog.lock", cancelled=cancelled, limit_s=_WATCHDOG_S)
        with daemon_told(f"starting {self._spec.title}"):
            found = {each.name: self._image(client, each, emit, cancelled) for each in self._settings.services}
            self._watchdog.keep()
            try:
                return self._complete(client, found, emit, cancelled)
            except BaseException:
                self.down()
                raise

    def attach(self) -> Endpoints:
        status = self.status()
        if status.state is not StackState.READY:
            raise StackNotReady(f"the {status.stack} stack is {status.state}", remedy="floe-bench up")
        return self._endpoints()

    def down(self) -> None:
        with contextlib.suppress(StackUnavailable):
            client = self._client()
            self._end(client, containers.find(client, self._place))
            volume.remove_networks(client, self._place)
        self._watchdog.dismiss()

    def reset(self) -> tuple[str, ...]:
        client = self._client()
        words = self._contents(client)
        self.down()
        volume.remove_volumes(client, self._place)
        (self._folder / "secrets.json").unlink(missing_ok=True)
        return words

    def keeps(self) -> bool:
        """Where there is no daemon to ask, one that was started and not reset does."""
        try:
            return bool(volume.volumes(self._client(), self._place))
        except StackUnavailable:
            return (self._folder / "secrets.json").exists()

    def restart(self, service: str, emit: Emit, cancelled: Callable[[], bool]) -> Endpoints:
        client = self._client()
        settings = next(each for each in self._settings.services if each.name == service)
        with daemon_told(f"restarting {settings.title}"):
            found = {each.name: self._image(client, each, emit, cancelled) for each in self._settings.services}
            known = containers.find(client, self._place).get(service)
            self._watchdog.keep()
            with told(f"restart of {service}", f"Restart {settings.title}", emit):
                if known is not None:
                    containers.restart(known, timeout_s=self._settings.stop_timeout_s)
            return self._complete(client, found, emit, cancelled)

    def halt(self, service: str) -> None:
        known = containers.find(self._client(), self._place).get(service)
        if known is not None:
            containers.halt(known, timeout_s=self._settings.stop_timeout_s)

    def recheck(self) -> Iterator[tuple[str, str]]:
        for step in self._settings.steps:
            yield from recheck(step, values=self._values(), vault=self._vault)

    def silent(self) -> str:
        return silent(self._endpoints())

    def memory_bytes(self) -> Mapping[str, int]:
        """A daemon takes a second for each, so all are asked at once."""
        names = [each.name for each in self._settings.services]
        with ThreadPoolExecutor(len(names)) as pool:
            taken = dict(zip(names, pool.map(self._memory_of, names), strict=True))
        return {name: size for name, size in taken.items() if size is not None}

    def _memory_of(self, service: str) -> int | None:
        try:
            with contextlib.closing(open_daemon()) as client:
                found = containers.find(client, self._place).get(service)
                return containers.memory_bytes(found) if found is not None else None
        except StackError:
            return None

    def status(self) -> StackStatus:
        try:
            found = containers.find(self._client(), self._place)
        except StackUnavailable as error:
            return StackStatus(stack=self._spec.name, state=StackState.STOPPED, services=(self._lost(error),))
        ports = instances.remembered(self._memory).ports
        services = tuple(containers.described(each, found.get(each.name), ports) for each in self._settings.services)
        state = _state(tuple(each.state for each in services))
        uri = self._endpoints().catalog_uri if state is StackState.READY else None
        return StackStatus(stack=self._spec.name, state=state, services=services, catalog_uri=uri)

    def sources(self) -> tuple[str, ...]:
        return tuple(each.name for each in self._settings.services)

    def tail(self, lines: int, service: str = "") -> Iterator[LogLine]:
        found = containers.find(self._client(), self._place)
        told = [
            line
            for each in self._settings.services
            if service in ("", each.name) and (container := found.get(each.name)) is not None
            for line in containers.log_lines(each, container, lines)
        ]
        hidden = tuple(self._vault.made(()).values())
        for line in sorted(told, key=lambda line: line.at)[-lines:]:
            yield LogLine(line.at, line.level, line.source, _masked(line.text, hidden))

    def obstacle(self) -> StackUnavailable | None:
        """An image that a registry may have is none."""
        try:
            client = self._client()
        except StackUnavailable as error:
            return error
        lacks = [each for each in self._settings.services if images.present(client, each) is None]
        return next((images.missing(each, []) for each in lacks if not images.pullable(each)), None)

    def _complete(
        self, client: DockerClient, found: Mapping[str, Image], emit: Emit, cancelled: Callable[[], bool]
    ) -> Endpoints:
        """Everything that is missing, in the order in which services need each other."""
        deadline = time.monotonic() + self._settings.ready_timeout_s
        self._sweep(client)
        self._prepare(client)
        for settings in self._settings.services:
            with told(settings.name, f"Start {settings.title}", emit) as detail:
                self._bring_up(client, settings, found[settings.name], cancelled, deadline, detail=detail)
        for step in self._settings.steps:
            with told(step.title.lower(), step.title, emit) as detail:
                detail += set_up(step, values=self._values(), vault=self._vault, cancelled=cancelled)
        endpoints = self._endpoints()
        watch = self._watch(client, cancelled, deadline)
        with told("catalog", "Wait for the Iceberg catalog", emit):
            self._pass(lambda: list_catalog(endpoints), "the catalog", watch)
        with told("write and read", "Write a row and read it back", emit):
            self._pass(lambda: write_and_read(endpoints), "a write and a read", watch)
        return endpoints

    # ── start ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _image(
        self, client: DockerClient, settings: ServiceSettings, emit: Emit, cancelled: Callable[[], bool]
    ) -> Image:
        found = images.present(client, settings)
        if found is not None:
            return found
        phase = f"image of {settings.name}"
        with told(phase, f"Pull {settings.title}", emit) as detail:
            image = images.pulled(
                client, settings, tell=lambda line: emit(PhaseProgressed(phase, line)), cancelled=cancelled
            )
            detail.append(f"{image.reference} {image.digest}")
        return image

    def _sweep(self, client: DockerClient) -> None:
        """What an earlier start of this project left, of whatever stack, if whoever started it is gone."""
        for container in client.containers.list(all=True, filters=self._place.of_project, ignore_removed=True):
            owner = container.labels.get(label.OWNER, "")
            if not self._place.owns(container.labels) or owner == label.owner():
                continue
            if label.alive(owner):
                raise StackUnavailable(
                    f"process {owner.partition(':')[0]} runs the {container.labels.get(label.STACK)} stack of this "
                    "project",
                    remedy="floe-bench down",
                )
            containers.remove(container, timeout_s=self._settings.stop_timeout_s)
        volume.remove_idle_networks(client, self._place)

    def _prepare(self, client: DockerClient) -> None:
        values = self._vault.made(self._settings.secrets)
        mark = fingerprint(values, self._settings.secrets)
        for settings in self._settings.services:
            volume.make_volumes(client, self._place, settings, secrets=mark)
        volume.make_network(client, self._place)

    def _bring_up(
        self,
        client: DockerClient,
        settings: ServiceSettings,
        image: Image,
        cancelled: Callable[[], bool],
        deadline: float,
        *,
        detail: list[str],
    ) -> None:
        container, how = self._container(client, settings, image)
        ports = instances.remembered(self._memory).ports
        watch = Watch(_pulse(container), cancelled, deadline)
        try:
            until(lambda: containers.answers(settings, container, ports), watch)
        except Died as error:
            raise self._ended(settings, container) from error
        except TimeoutError as error:
            raise self._not_ready(settings, container, "did not answer in time") from error
        detail += [f"{HOST}:{ports[name]}" for name in list(settings.ports)[:1]]
        detail += [f"{image.reference} {image.digest}", *how]

    def _container(self, client: DockerClient, settings: ServiceSettings, image: Image) -> tuple[Container, list[str]]:
        """The one that runs, if it is what it shall be; a fresh one otherwise."""
        how: list[str] = []
        known = containers.find(client, self._place).get(settings.name)
        remembered = instances.remembered(self._memory).ports
        if known is not None:
            if set(settings.ports) <= set(remembered) and containers.running(known):
                plan = self._plan(settings, image, remembered)
                if known.labels.get(label.CONFIG) == plan.hash and known.status == "running":
                    return known, ["still running"]
            containers.remove(known, timeout_s=self._settings.stop_timeout_s)
        for left in reversed(range(_STARTS)):
            before = instances.remembered(self._memory).ports
            ports = {**before, **assigned(settings.ports, before)}
            how += [
                f"port {before[name]} was taken, {name} moved to {ports[name]}"
                for name in settings.ports
                if before.get(name, ports[name]) != ports[name]
            ]
            instances.remember(self._memory, Instance(ports=ports))
            try:
                plan = self._plan(settings, image, ports)
                return containers.start(client, plan, network=volume.network_name(self._place)), how
            except PortTaken as error:
                if not left:
                    raise StackNotReady(f"{settings.title} found its ports taken {_STARTS} times: {error}") from error
                # What we see as free somebody else may hold in a way that only the daemon notices.
                kept = {name: port for name, port in ports.items() if name not in settings.ports}
                instances.remember(self._memory, Instance(ports=kept))
        raise AssertionError("the last start returns or raises")

    def _plan(self, settings: ServiceSettings, image: Image, ports: Mapping[str, int]) -> Plan:
        values = self._values(ports)
        return Plan(self._place, settings, image, ports, values, self._settings.folder)

    # ── wait ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _watch(self, client: DockerClient, cancelled: Callable[[], bool], deadline: float) -> Watch:
        pulses = [_pulse(container) for container in containers.find(client, self._place).values()]
        return Watch(lambda: all(pulse() for pulse in pulses), cancelled, deadline)

    def _pass(self, attempt: Callable[[], None], what: str, watch: Watch) -> None:
        try:
            until_done(attempt, watch)
        except Died as error:
            found = containers.find(self._client(), self._place)
            for settings in self._settings.services:
                container = found.get(settings.name)
                if container is None or not containers.running(container):
                    raise self._ended(settings, container) from error
            raise StackNotReady(f"a service of {self._spec.title} ended while it started") from error
        except TimeoutError as error:
            raise StackNotReady(
                f"{self._spec.title} did not get through {what} in time: {error}",
                remedy="floe-bench logs --source stack",
            ) from error

    def _ended(self, settings: ServiceSettings, container: Container | None) -> StackNotReady:
        if container is None or not _exists(container):
            return StackNotReady(f"{settings.title} was removed by somebody else while it started")
        return self._not_ready(
            settings, container, f"ended with exit {containers.exit_code(container)} while it started"
        )

    def _not_ready(self, settings: ServiceSettings, container: Container, what: str) -> StackNotReady:
        hidden = tuple(self._vault.made(()).values())
        lines = [_masked(line, hidden) for line in containers.last_words(container, _LAST_LINES)]
        return StackNotReady("\n".join([f"{settings.title} {what}", *lines]), remedy="floe-bench logs --source stack")

    # ── what is filled into the stack's templates ─────────────────────────────────────────────────────────────────

    def _values(self, ports: Mapping[str, int] | None = None) -> dict[str, str]:
        known = instances.remembered(self._memory).ports if ports is None else ports
        numbers = {f"port_{name}": str(known.get(name, 0)) for name in self._settings.ports}
        return {**numbers, **self._vault.made(self._settings.secrets)}

    def _endpoints(self) -> Endpoints:
        values = {**dict.fromkeys(self._settings.granted, ""), **self._values()}
        texts = {key: text.format_map(values) for key, text in self._settings.endpoints.items()}
        keys = {key: Secret(texts[key]) for key in ("s3_access_key", "s3_secret_key") if texts.get(key)}
        return Endpoints(
            catalog_uri=texts["catalog_uri"],
            warehouse=texts["warehouse"],
            token_uri=texts["token_uri"],
            client_id=Secret(texts["client_id"]),
            client_secret=Secret(texts["client_secret"]),
            scope=texts.get("scope", ""),
            s3_endpoint=texts["s3_endpoint"],
            s3_region=texts["s3_region"],
            s3_access_key=keys.get("s3_access_key"),
            s3_secret_key=keys.get("s3_secret_key"),
        )

    # ── what is there ─────────────────────────────────────────────────────────────────────────────────────────────

    def _end(self, client: DockerClient, found: Mapping[str, Container]) -> None:
        """All at once, readers of a store before the store: each is asked, and then ended."""
        ordered = [found[each.name] for each in reversed(self._settings.services) if each.name in found]
        for container in ordered:
            if self._place.owns(container.labels):
                containers.remove(container, timeout_s=self._settings.stop_timeout_s)

    def _contents(self, client: DockerClient) -> tuple[str, ...]:
        names = volume.volumes(client, self._place)
        if not names:
            return ()
        tables = table_count(self._endpoints()) if self.status().state is StackState.READY else None
        what = "the lakehouse" if tables is None else f"{tables} table{'' if tables == 1 else 's'}"
        return (f"{what} in the Docker volume{'' if len(names) == 1 else 's'} {', '.join(names)}",)

    def _lost(self, error: StackUnavailable) -> Service:
        return Service(self._spec.title, StackState.STOPPED, detail=error.message)

    def _client(self) -> DockerClient:
        """One for each thread: it keeps connections, and they are not to be shared."""
        found: DockerClient | None = getattr(self._clients, "client", None)
        if found is None:
            found = self._clients.client = open_daemon()
        return found


def _state(states: tuple[StackState, ...]) -> StackState:
    """One service that ended is enough to start again what is missing."""
    for each in (StackState.STOPPED, StackState.FAILED, StackState.STARTING):
        if each in states:
            return each
    return StackState.READY


def _pulse(container: Container) -> Callable[[], bool]:
    """Whether it runs, asked a few times a second at most."""
    last = [0.0, True]

    def alive() -> bool:
        now = time.monotonic()
        if now - last[0] > _PULSE_S:
            last[:] = [now, containers.running(container)]
        return bool(last[1])

    return alive


def _exists(container: Container) -> bool:
    from docker.errors import NotFound

    try:
        container.reload()
    except NotFound:
        return False
    return True


def _masked(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "*****")
    return text
