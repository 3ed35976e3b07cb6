"""The stack, from its ports up to a query."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from floe_bench.errors import BenchError
from floe_bench.model.stack import Service, StackState
from floe_bench.ports.site import Running
from floe_bench.ports.stack import CanRecheck, Stack
from floe_bench.wiring.examination.check import Check, Seen, failed, warned, well

_STACK_LOG = "floe-bench logs --source stack"
_RESTART = "floe-bench down && floe-bench up"
_SET_CLOCK = "sudo timedatectl set-ntp true"
_APART_S = 60.0
_BOOT_LIMIT_S = 90.0
"""More than a stack may take to become ready, so that its own words come first."""


def lakehouse_checks(running: Running, runs: Stack) -> Iterator[Check]:
    yield Check("ports", partial(ports, running), _STACK_LOG, limit_s=_BOOT_LIMIT_S)
    yield Check("stack", partial(stack, running), _STACK_LOG, limit_s=_BOOT_LIMIT_S)
    yield Check("clock", partial(clock, running), _SET_CLOCK, needs=("stack",))
    if isinstance(runs, CanRecheck):
        yield Check("set-up", partial(set_up, runs), _RESTART, needs=("stack",))
    yield Check("catalog login", partial(login, running), _STACK_LOG, needs=("stack",))
    yield Check("write and read", partial(write_and_read, running), _STACK_LOG, needs=("catalog login",))
    yield Check("duckdb attach", partial(attach, running), _STACK_LOG, needs=("extensions", "catalog login"))


def ports(running: Running) -> Seen:
    """Nobody else's business: every port of the stack listens, and on this machine only."""
    with contextlib.suppress(BenchError):  # the stack's own check says why there is none
        running.endpoints()
    services = [service for service in running.status().services if service.ports]
    if not services:
        with socket.create_server(("127.0.0.1", 0)):
            return well("127.0.0.1 can be listened on; the stack has no port open")
    silent = [port for service in services for port in service.ports if not _answers(port)]
    if silent:
        return failed(f"no answer on 127.0.0.1:{', '.join(map(str, silent))}", fix=_RESTART)
    open_to_all = sorted({at for service in services for at in _beyond_this_machine(service)})
    if open_to_all:
        return warned(f"other machines can reach {', '.join(open_to_all)}", fix=_RESTART)
    return well(f"all {sum(len(service.ports) for service in services)} ports answer, on 127.0.0.1 only")


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def _beyond_this_machine(service: Service) -> Iterator[str]:
    """Listeners of the service's process on addresses that are not loopback; none for one that is not ours to ask."""
    import psutil

    if service.pid is None:
        return
    with contextlib.suppress(psutil.Error):
        for connection in psutil.Process(service.pid).net_connections("tcp"):
            at = connection.laddr
            if connection.status == psutil.CONN_LISTEN and not ipaddress.ip_address(at.ip).is_loopback:
                yield f"{at.ip}:{at.port}"


def stack(running: Running) -> Seen:
    endpoints = running.endpoints()
    status = running.status()
    if status.state is not StackState.READY:
        gone = ", ".join(f"{service.name} is {service.state}" for service in status.services)
        return failed(f"the {status.stack} stack was up and is {status.state} now ({gone})", fix=_RESTART)
    pids = ", ".join(f"{each.name} pid {each.pid}" if each.pid else each.name for each in status.services)
    return well(f"{status.stack} is ready ({pids}), catalog {endpoints.catalog_uri}")


def clock(running: Running) -> Seen:
    """A signed request to the store is refused when clocks are a quarter of an hour apart; tokens end early before."""
    uri = running.endpoints().s3_endpoint or running.endpoints().catalog_uri
    there = _time_at(uri)
    if there is None:
        return well(f"{uri} does not say what time it has")
    apart_s = abs((there - datetime.now(UTC)).total_seconds())
    if apart_s > _APART_S:
        return failed(f"the clock at {uri} and this machine's are {apart_s:.0f} s apart", fix=_SET_CLOCK)
    return well(f"the clock at {uri} and this machine's agree")


def _time_at(uri: str) -> datetime | None:
    try:
        with urllib.request.urlopen(uri, timeout=5) as answer:
            said = answer.headers.get("Date")
    except urllib.error.HTTPError as error:
        said = error.headers.get("Date")
    except OSError:
        return None
    try:
        return parsedate_to_datetime(str(said))
    except ValueError:  # it said none
        return None


def set_up(runs: CanRecheck) -> Seen:
    """Every start does the set-up again, and puts right what was changed."""
    found = list(runs.recheck())
    wrong = [f"{name}: {fault}" for name, fault in found if fault]
    if wrong:
        return failed("; ".join(wrong), fix=_RESTART)
    return well(f"as it was made: {', '.join(name for name, _ in found)}" if found else "this stack needs none")


def login(running: Running) -> Seen:
    from floe_bench.adapters.iceberg.catalog import open_catalog, translated

    endpoints = running.endpoints()
    with translated(f"catalog {endpoints.catalog_uri}"), open_catalog(endpoints) as catalog:
        count = len(catalog.list_namespaces())
    return well(f"{endpoints.catalog_uri} gave a token and lists {count} namespace{'' if count == 1 else 's'}")


def write_and_read(running: Running) -> Seen:
    from floe_bench.adapters.iceberg import probe

    endpoints = running.endpoints()
    start = time.monotonic()
    probe.write_and_read(endpoints)
    return well(f"one row went through {endpoints.s3_endpoint} and came back in {time.monotonic() - start:.2f} s")


def attach(running: Running) -> Seen:
    running.compute().query("select 1 as n", limit=1, cancelled=lambda: False)
    return well(f"DuckDB reads catalog {running.endpoints().catalog_uri}")
