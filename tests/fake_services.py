"""Services that stop and start at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from floe_bench.errors import BenchError, NoSuchService
from floe_bench.model.stack import Service, StackState, StackStatus


class FakeServices:
    """Fills ``ports.service.ServiceVerbs``. ``asked`` is what was asked for; ``fault`` is raised instead."""

    def __init__(self, told: Callable[[], StackStatus]) -> None:
        self._told = told
        self.asked: list[tuple[str, str]] = []
        self.stopped: set[str] = set()
        self.fault: BenchError | None = None

    def status(self) -> StackStatus:
        status = self._told()
        services = tuple(self._seen(each) for each in status.services)
        return replace(status, services=services)

    def restart(self, service: str) -> StackStatus:
        self._ask("restart", service)
        self.stopped.discard(service)
        return self.status()

    def stop(self, service: str) -> StackStatus:
        self._ask("stop", service)
        self.stopped.add(service)
        return self.status()

    def _ask(self, verb: str, service: str) -> None:
        self.asked.append((verb, service))
        if self.fault is not None:
            raise self.fault
        if service not in {each.service for each in self._told().services}:
            raise NoSuchService(f"the stack has no service '{service}'", remedy="floe-bench status")

    def _seen(self, service: Service) -> Service:
        if service.service in self.stopped:
            return Service(service.name, StackState.STOPPED, service=service.service, image=service.image)
        return replace(service, memory_bytes=95_000_000)
