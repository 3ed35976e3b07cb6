"""What benches left with the machine's Docker daemon, where there is one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from floe_bench.adapters.stacks.container.daemon import open_daemon, reachable
from floe_bench.errors import StackUnavailable
from floe_bench.wiring.examination.check import Check, Seen, warned, well

_LIST = "docker volume ls --filter label=dev.floe.bench.project"
_REMOVE = {"container": "docker rm -f", "network": "docker network rm", "volume": "docker volume rm"}
_NAMED = 3


def container_checks() -> Iterator[Check]:
    """None without a daemon: nobody needs one."""
    with contextlib.suppress(StackUnavailable):
        reachable()
        yield Check("leftovers", leftovers, _LIST)


def leftovers() -> Seen:
    from floe_bench.adapters.stacks.container.leftover import leftovers as found_there

    with contextlib.closing(open_daemon()) as client:
        found = list(found_there(client))
    if not found:
        return well("nothing of a bench that is gone is in Docker")
    kinds = [kind for kind in _REMOVE if any(each.kind == kind for each in found)]
    names = {kind: [each.name for each in found if each.kind == kind] for kind in kinds}
    said = (f"{len(names[kind])} {kind}{'' if len(names[kind]) == 1 else 's'} ({_few(names[kind])})" for kind in kinds)
    fix = " && ".join(f"{_REMOVE[kind]} {' '.join(names[kind])}" for kind in kinds)
    return warned(f"benches that are gone left {', '.join(said)}; a volume holds the tables of its project", fix=fix)


def _few(names: list[str]) -> str:
    return ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])
