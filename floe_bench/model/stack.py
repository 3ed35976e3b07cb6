"""The local lakehouse: its services, and where they answer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from floe_bench.dataclass import dataclass
from floe_bench.model.secret import Secret


class StackState(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Service:
    """One process or container. ``pid`` is None for a service that is not a process of ours; times are UTC.

    ``service`` is its word in commands, ``name`` its name for a person. ``image`` is what it runs: an image reference
    with its ``digest``, or a program. ``memory_bytes`` is None where it was not asked for.
    """

    name: str
    state: StackState
    pid: int | None = None
    ports: tuple[int, ...] = ()
    since: datetime | None = None
    detail: str = ""
    service: str = ""
    image: str = ""
    digest: str = ""
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class StackStatus:
    """What runs. ``kept``: it stays up after the last client left. ``catalog_uri`` is None until ready."""

    stack: str
    state: StackState
    services: tuple[Service, ...] = ()
    catalog_uri: str | None = None
    kept: bool = False
    waiting_since: datetime | None = None
    """A run waits for it: it takes requests and answers none."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a ready stack answers, and with which credentials. Never leaves the engine; children get environments.

    ``s3_access_key`` and ``s3_secret_key`` are None where the catalog vends credentials per table. ``scope`` is what a
    login asks for; empty is the client's own default.
    """

    catalog_uri: str
    warehouse: str
    token_uri: str
    client_id: Secret
    client_secret: Secret
    s3_endpoint: str
    s3_region: str = "us-east-1"
    s3_access_key: Secret | None = None
    s3_secret_key: Secret | None = None
    s3_path_style: bool = True
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a lakehouse has come: ``value`` is another one after every write. ``age_s`` is since the last."""

    value: Hashable
    age_s: float


@dataclass(frozen=True, slots=True)
class StackOffer:
    """A stack that could be chosen. ``reason`` and ``remedy`` say why it cannot start here; empty when it can."""

    stack: str
    title: str
    driver: str
    capabilities: tuple[str, ...]
    starts: bool
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class StackSpec:
    """``stack.toml`` as read. ``settings`` is the driver's own table, validated by the driver."""

    name: str
    driver: str
    title: str
    capabilities: frozenset[str] = frozenset()
    settings: dict[str, object] = field(default_factory=dict)
