"""A group of verbs, spoken over the wire."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, Protocol

from floe_bench.engine import protocol


class Call(Protocol):
    def __call__(self, verb: str, cancelled: Callable[[], bool] | None, /, **args: Any) -> Any: ...


class RemoteVerbs:
    """Stands in for the group ``name`` of a bench: each verb takes what the Protocol declares, and ``cancelled``.

    A property of the client casts it to that Protocol.
    """

    def __init__(self, name: str, call: Call) -> None:
        self._name, self._call = name, call

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb = f"{self._name}.{name}"
        declared = protocol.VERBS.get(verb)
        if declared is None:
            raise AttributeError(verb)

        def speak(*args: Any, cancelled: Callable[[], bool] | None = None, **named: Any) -> Any:
            bound = signature(declared).bind(None, *args, **named).arguments
            return self._call(verb, cancelled, **{key: value for key, value in bound.items() if key != "self"})

        return speak
