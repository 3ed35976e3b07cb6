"""The ``[container]`` table of a ``stack.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from floe_bench.adapters.stacks.durability import refuse_late_writes
from floe_bench.adapters.stacks.toml_table import Toml
from floe_bench.model.stack import StackSpec

_ENDPOINTS = ("catalog_uri", "token_uri", "s3_endpoint", "s3_region", "warehouse", "client_id", "client_secret")
_ENDPOINTS_OPTIONAL = ("scope", "s3_access_key", "s3_secret_key")


@dataclass(frozen=True, slots=True)
class Health:
    """``path`` answers without an error on the service's port of that name."""

    port: str
    path: str


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """``arguments``, ``environment`` and the files are templates of ``{port_NAME}`` and ``{SECRET}``.

    ``files``: name in the stack's folder -> path in the container. ``volumes``: name -> path. ``locked``: what lies in
    its volumes opens with the secrets of its first start only. ``ready`` is a command in the container that says so.
    """

    name: str
    title: str
    images: tuple[str, ...]
    image_variable: str
    needs: tuple[str, ...]
    ports: Mapping[str, int]
    volumes: Mapping[str, str]
    scratch: tuple[str, ...]
    files: Mapping[str, str]
    health: Health | None
    ready: tuple[str, ...]
    noise: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    locked: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set up once the services are healthy; ``values`` are templates."""

    step: str
    title: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """``secrets`` are made here; ``granted`` are handed out by a service while it is set up, and kept."""

    folder: Path
    secrets: tuple[str, ...]
    granted: tuple[str, ...]
    services: tuple[ServiceSettings, ...]
    steps: tuple[Step, ...]
    endpoints: Mapping[str, str]
    stop_timeout_s: float
    ready_timeout_s: float

    @property
    def ports(self) -> tuple[str, ...]:
        return tuple(name for service in self.services for name in service.ports)

    @classmethod
    def read(cls, spec: StackSpec) -> ContainerSettings:
        """Raises ConfigInvalid, also for a placeholder that nobody fills."""
        file = Path(str(spec.settings.get("file", "stack.toml")))
        values = {key: value for key, value in spec.settings.items() if key != "file"}
        table = Toml(values, file=file, prefix="container.")
        table.only("secrets", "granted", "services", "setup", "endpoints", "stop_timeout_s", "ready_timeout_s")
        secrets, granted = table.texts("secrets"), table.texts("granted", missing=())
        items = table.tables("services")
        ports = [name for item in items for name in item.table("ports").values]
        if len(set(ports)) != len(ports):
            raise table.wrong("services", f"name a port twice: {', '.join(ports)}")
        known = {*secrets, *(f"port_{name}" for name in ports)}
        services = tuple(_service(item, known) for item in items)
        _check_order(services, items)
        endpoints = table.table("endpoints")
        endpoints.only(*_ENDPOINTS, *_ENDPOINTS_OPTIONAL)
        for key in _ENDPOINTS:
            endpoints.text(key)
        steps = table.tables("setup", missing=())
        return cls(
            folder=file.parent,
            secrets=secrets,
            granted=granted,
            services=services,
            steps=tuple(_step(item, known | {*granted}) for item in steps),
            endpoints=_templates(endpoints, known | {*granted}),
            stop_timeout_s=table.number("stop_timeout_s"),
            ready_timeout_s=table.number("ready_timeout_s"),
        )


def _service(table: Toml, known: set[str]) -> ServiceSettings:
    optional = ("needs", "scratch", "files", "health", "ready", "noise", "locked", "volumes", "environment")
    required = ("name", "title", "images", "image_variable", "ports", "arguments")
    table.only(*required, *optional)
    arguments = tuple(table.template("arguments", text, known) for text in table.texts("arguments"))
    environment = _templates(table.table("environment", missing={}), known)
    refuse_late_writes(table, environment, arguments)
    return ServiceSettings(
        name=table.text("name"),
        title=table.text("title"),
        images=table.texts("images"),
        image_variable=table.text("image_variable"),
        needs=table.texts("needs", missing=()),
        ports=_ports(table.table("ports")),
        volumes=_texts(table, "volumes"),
        scratch=table.texts("scratch", missing=()),
        files=_texts(table, "files"),
        health=_health(table),
        ready=table.texts("ready", missing=()),
        noise=table.texts("noise", missing=()),
        arguments=arguments,
        environment=environment,
        locked=table.flag("locked", missing=False),
    )


def _check_order(services: tuple[ServiceSettings, ...], items: tuple[Toml, ...]) -> None:
    earlier: list[str] = []
    for service, item in zip(services, items, strict=True):
        for needed in service.needs:
            if needed not in earlier:
                raise item.wrong("needs", f"'{needed}' is not a service above")
        if service.health is not None and service.health.port not in service.ports:
            raise item.wrong("health", f"'{service.health.port}' is not a port of {service.name}")
        earlier.append(service.name)


def _health(table: Toml) -> Health | None:
    if "health" not in table.values:
        return None
    found = table.table("health")
    found.only("port", "path")
    return Health(found.text("port"), found.text("path"))


def _ports(table: Toml) -> Mapping[str, int]:
    return {name: int(table.number(name)) for name in table.values}


def _step(table: Toml, known: set[str]) -> Step:
    values = {key: table.template(key, table.text(key), known) for key in table.values if key not in ("step", "title")}
    return Step(table.text("step"), table.text("title"), values)


def _texts(table: Toml, key: str) -> Mapping[str, str]:
    found = table.table(key, missing={})
    return {name: found.text(name) for name in found.values}


def _templates(table: Toml, known: set[str]) -> Mapping[str, str]:
    return dict(_each_template(table, known))


def _each_template(table: Toml, known: set[str]) -> Iterator[tuple[str, str]]:
    for key in table.values:
        yield key, table.template(key, table.text(key), known)
