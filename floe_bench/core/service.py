"""The services of the stack, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from floe_bench.core.board import Board
from floe_bench.core.boot import Boot
from floe_bench.errors import NoSuchService, StackUnavailable
from floe_bench.model.stack import Service, StackStatus
from floe_bench.ports.stack import CanHalt, CanMeasure, CanRestart, Stack


class LocalServices:
    """``ports.service.ServiceVerbs`` over one open project; ``told`` is what ``Bench.status`` says."""

    def __init__(
        self, boot: Boot, board: Board, stack: Stack, *, told: Callable[[], StackStatus], changed: Callable[[], None]
    ) -> None:
        self._boot, self._board, self._stack = boot, board, stack
        self._told, self._changed = told, changed

    def status(self) -> StackStatus:
        found = self._told()
        taken: Mapping[str, int] = self._stack.memory_bytes() if isinstance(self._stack, CanMeasure) else {}
        services = (replace(each, memory_bytes=taken.get(each.service)) for each in found.services)
        return replace(found, services=tuple(services))

    def restart(self, service: str) -> StackStatus:
        stack, found = self._stack, self._found(service)
        if not isinstance(stack, CanRestart):
            raise self._not_ours(found, "restarted")
        self._boot.rise(lambda: stack.restart(found.service, self._board.emit, lambda: self._boot.stopping))
        self._changed()
        return self.status()

    def stop(self, service: str) -> StackStatus:
        stack, found = self._stack, self._found(service)
        if not isinstance(stack, CanHalt):
            raise self._not_ours(found, "stopped")
        self._boot.rest(found.service, lambda: stack.halt(found.service))
        self._changed()
        return self.status()

    def _found(self, typed: str) -> Service:
        services = self._told().services
        wanted = typed.casefold()
        for each in services:
            if wanted in (each.service.casefold(), each.name.casefold()):
                return each
        names = ", ".join(each.service for each in services)
        raise NoSuchService(f"the stack has no service '{typed}'; it has {names}", remedy="floe-bench status")

    def _not_ours(self, service: Service, what: str) -> StackUnavailable:
        return StackUnavailable(f"{service.name} is run by somebody else: it cannot be {what} from here")
