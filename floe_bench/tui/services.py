"""What the stack screen looks at: the services, one of them closer, and what was read of it."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.dataclass import dataclass
from floe_bench.model.answer import LogLine
from floe_bench.model.stack import Service, StackStatus
from floe_bench.state import BenchState

SERVICES, LOG = "services", "log"
BOXES = (SERVICES, LOG)


@dataclass(frozen=True, slots=True)
class ServiceLook:
    """``log`` is of the service ``of``, oldest first."""

    status: StackStatus
    of: str = ""
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class StackView:
    """``doing`` says what is being done to a service, empty while nothing is. ``fault``: why it could not be read."""

    service: str | None = None
    box: str = SERVICES
    look: ServiceLook | None = None
    doing: str = ""
    fault: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """Settings of another tool, as text for it."""

    tool: str
    text: str


def status_in_view(state: BenchState, view: StackView | None) -> StackStatus | None:
    """As it was read last; what the bench knows anyhow until then."""
    return view.look.status if view is not None and view.look is not None else state.stack


def services_of(state: BenchState, view: StackView | None) -> Sequence[Service]:
    status = status_in_view(state, view)
    return status.services if status is not None else ()


def chosen_service(state: BenchState, view: StackView | None) -> Service | None:
    """The one that is looked at, else the first there is."""
    found = services_of(state, view)
    wanted = view.service if view is not None else None
    return next((each for each in found if each.service == wanted), found[0] if found else None)
