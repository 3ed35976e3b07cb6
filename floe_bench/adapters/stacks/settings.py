"""The ``[process]`` table of a ``stack.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from floe_bench.adapters.stacks.durability import refuse_late_writes
from floe_bench.adapters.stacks.toml_table import Toml
from floe_bench.model.stack import StackSpec

Gate = Literal["ports", "catalog", "data"]
ENDPOINTS = ("catalog_uri", "token_uri", "s3_endpoint", "s3_region", "warehouse")


@dataclass(frozen=True, slots=True)
class Phase:
    phase: str
    title: str
    gate: Gate


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """``arguments``, ``environment``, ``endpoints`` and ``litter`` are templates; see ``filled``."""

    program: str
    install: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    endpoints: Mapping[str, str]
    ports: tuple[str, ...]
    litter: tuple[str, ...]
    noise: tuple[str, ...]
    growing: str
    phases: tuple[Phase, ...]
    stop_timeout_s: float
    ready_timeout_s: float

    @classmethod
    def read(cls, spec: StackSpec) -> ProcessSettings:
        """Raises ConfigInvalid, also for a placeholder that nobody fills."""
        file = Path(str(spec.settings.get("file", "stack.toml")))
        values = {key: value for key, value in spec.settings.items() if key != "file"}
        table = Toml(values, file=file, prefix="process.")
        table.only(*cls.__slots__)
        ports = table.texts("ports")
        if len(set(ports)) != len(ports):
            raise table.wrong("ports", f"names a port twice: {', '.join(ports)}")
        if not any("{data}" in text for text in table.texts("arguments")):
            raise table.wrong("arguments", "must name {data}: by it the process is known again")
        known = {f"port_{name}" for name in ports} | {"data", "sockets"}
        endpoints = table.table("endpoints")
        endpoints.only(*ENDPOINTS)
        arguments = tuple(table.template("arguments", text, known) for text in table.texts("arguments"))
        environment = _environment(table.table("environment"), known | {"access_key", "secret_key"})
        refuse_late_writes(table, environment, arguments)
        return cls(
            program=table.text("program"),
            install=table.text("install"),
            arguments=arguments,
            environment=environment,
            endpoints={key: endpoints.template(key, endpoints.text(key), known) for key in ENDPOINTS},
            ports=ports,
            litter=tuple(table.template("litter", text, {"port", "sockets"}) for text in table.texts("litter")),
            noise=table.texts("noise"),
            growing=table.text("growing") if "growing" in table.values else "",
            phases=_phases(table),
            stop_timeout_s=table.number("stop_timeout_s"),
            ready_timeout_s=table.number("ready_timeout_s"),
        )


def _environment(table: Toml, known: set[str]) -> Mapping[str, str]:
    return {key: table.template(key, table.text(key), known) for key in table.values}


def _phases(table: Toml) -> tuple[Phase, ...]:
    items = table.tables("phases")
    found = tuple(_phase(item) for item in items)
    if found[0].gate != "ports":
        raise items[0].wrong("gate", "must be 'ports': the process is started in the first phase")
    return found


def _phase(table: Toml) -> Phase:
    table.only("phase", "title", "gate")
    gate = table.text("gate")
    for known in get_args(Gate):
        if gate == known:
            return Phase(table.text("phase"), table.text("title"), known)
    raise table.wrong("gate", f"must be one of {', '.join(get_args(Gate))}, is '{gate}'")
