"""A stack of three containers, and one of a process; what was asked of their services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event as Flag

import shop
from scripted_client import ScriptedClient
from stage import playing

from floe_bench.errors import BenchError, Cancelled
from floe_bench.events import StackChanged
from floe_bench.model.answer import LogLine
from floe_bench.model.carry import Carriage, Carried
from floe_bench.model.stack import Service, StackOffer, StackState, StackStatus

READY = StackState.READY
POSTGRES = Service(
    "PostgreSQL", READY, 4101, (40101,), shop.ago(7860), service="postgres",
    image="floe-bench/postgres:15", digest="5b1c9e0a77d2", memory_bytes=14_200_000,
)  # fmt: skip
MINIO = Service(
    "MinIO", READY, 4102, (40102,), shop.ago(7860), service="minio",
    image="quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z", digest="14cea493d9a3", memory_bytes=63_000_000,
)  # fmt: skip
POLARIS = Service(
    "Polaris", READY, 4103, (40103, 40104), shop.ago(7855), service="polaris",
    image="apache/polaris:1.7.0", digest="9e07d1f2c3b4", memory_bytes=306_000_000,
)  # fmt: skip
WEED = Service(
    "SeaweedFS", READY, 4711, tuple(range(21801, 21812)), shop.ago(95), service="weed", image="weed",
    memory_bytes=95_000_000,
)  # fmt: skip
CONTAINERS = StackStatus(
    "polaris-minio", READY, (POSTGRES, MINIO, POLARIS), "http://127.0.0.1:40103/api/catalog", kept=True
)
EMBEDDED = StackStatus("embedded", READY, (WEED,), "http://127.0.0.1:21809")


def log_of(service: str, *, lines: int = 40) -> tuple[LogLine, ...]:
    said = ["request handled in 12 ms", "checkpoint complete: wrote 12 buffers", "compaction of volume 3 is done"]
    found = [LogLine(shop.ago(200 - 4 * at), "info", service, f"{said[at % 3]} ({at})") for at in range(lines)]
    found[-3] = replace(found[-3], level="warn", text="slow disk: 1.2 s for a sync")
    found[-1] = replace(found[-1], level="error", text="connection reset by peer while a client read")
    return tuple(found)


@dataclass
class ScriptedServices:
    """``now`` is what is answered; with ``held``, a restart ends when that is set; ``fault`` is raised instead."""

    now: StackStatus
    held: Flag | None = None
    fault: BenchError | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def status(self) -> StackStatus:
        return self.now

    def restart(self, service: str) -> StackStatus:
        return self._change("restart", service, StackState.READY)

    def stop(self, service: str) -> StackStatus:
        return self._change("stop", service, StackState.STOPPED)

    def _change(self, verb: str, service: str, state: StackState) -> StackStatus:
        self.asked.append((verb, service))
        if self.held is not None:
            self.held.wait(timeout=300)
        if self.fault is not None:
            raise self.fault
        self.now = changed(self.now, service, state)
        return self.now


def changed(status: StackStatus, service: str, state: StackState, detail: str = "ended with exit 0") -> StackStatus:
    services = tuple(_become(each, state, detail) if each.service == service else each for each in status.services)
    whole = READY if all(each.state is READY for each in services) else StackState.STOPPED
    return replace(status, state=whole, services=services)


def _become(service: Service, state: StackState, detail: str) -> Service:
    if state is READY:
        return replace(service, state=state, detail="")
    return replace(service, state=state, ports=(), since=None, pid=None, memory_bytes=None, detail=detail)


OFFERS = (
    StackOffer("embedded", "SeaweedFS", "process", ("login",), True),
    StackOffer("iceberg-rest-minio", "Apache Iceberg REST and MinIO", "container", (), True),
    StackOffer("polaris-minio", "Polaris and MinIO", "container", ("login", "vending"), True),
    StackOffer(
        "polaris-seaweedfs", "Polaris and SeaweedFS", "container", (), False,
        "there is no image of Polaris on this machine, and none can be pulled", "docker pull apache/polaris:1.7.0",
    ),
    StackOffer("seaweedfs", "SeaweedFS in a container", "container", ("vending",), True),
)  # fmt: skip


@dataclass
class ScriptedCarrying:
    """``fault`` is raised by a carry; ``in_the_way``: one table is left out."""

    fault: BenchError | None = None
    in_the_way: bool = True
    stands: bool = False
    """Until it is cancelled."""
    cancelled: bool = False
    asked: list[str] = field(default_factory=list)

    def offers(self) -> tuple[StackOffer, ...]:
        return OFFERS

    def carry(self, source: str, cancelled: Callable[[], bool] | None = None) -> Carriage:
        self.asked.append(source)
        if self.stands and cancelled is not None:
            while not cancelled():
                Flag().wait(0.01)
            self.cancelled = True
            raise Cancelled("1 of 3 tables were carried")
        if self.fault is not None:
            raise self.fault
        tables = [
            Carried("marts.mart_customer_360", 500, 61_000, 11, 21, snapshots_left=3),
            Carried("raw.raw_customers", 500, 41_000, 12, 22, there=True),
        ]
        if self.in_the_way:
            fault = "there is a table raw.raw_orders already, and it is left as it is"
            tables.append(Carried("raw.raw_orders", fault=fault))
        return Carriage(source, "seaweedfs", tuple(tables))


def tending(status: StackStatus = CONTAINERS, *, over: bool = True) -> ScriptedClient:
    """A client on that stack; every service has a log."""
    client = playing(over=over)
    client.replay = [*client.replay, StackChanged(status)]
    client.services = ScriptedServices(status)
    client.carrying = ScriptedCarrying()
    client.kept_log = tuple(line for each in status.services for line in log_of(each.service))
    return client
