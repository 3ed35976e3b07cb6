"""TCP ports on the loopback address."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Mapping

from floe_bench.errors import StackUnavailable

HOST = "127.0.0.1"
_RANGE = range(22000, 32000)
"""Below what systems hand to outgoing connections (Linux from 32768, macOS from 49152).

Not wider than 10000: SeaweedFS calls a worker at 10000 above its admin port, and that must not be another project's.
"""
_TRIES = 2000


def free(port: int) -> bool:
    """Whether a server could listen there now; a connection that is still closing does not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def assigned(names: Iterable[str], kept: Mapping[str, int]) -> dict[str, int]:
    """A free port for each name: the one it had before where that is still free.

    Raises:
        StackUnavailable: hardly any port is free.
    """
    found: dict[str, int] = {}
    for name in names:
        before = kept.get(name)
        found[name] = before if before is not None and free(before) else _fresh({*found.values(), *kept.values()})
    return found


def _fresh(taken: set[int]) -> int:
    for port in random.sample(_RANGE, _TRIES):
        if port not in taken and free(port):
            return port
    raise StackUnavailable(
        f"none of {_TRIES} ports tried between {_RANGE.start} and {_RANGE.stop} is free on {HOST}",
        remedy="stop what holds them: floe-bench doctor",
    )
