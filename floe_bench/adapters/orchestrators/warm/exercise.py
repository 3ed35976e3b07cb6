"""Letting dbt do in the parent what every invocation would otherwise do again.

dbt generates the code that reads and writes its data classes, and the JSON schemas of its files, when they are first
used: most of a second of an invocation. The results are kept on the classes, so children inherit them.
"""

from __future__ import annotations

import inspect
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields
from types import FrameType
from typing import Any

_MODULES = (
    "dbt.artifacts.resources",
    "dbt.artifacts.schemas",
    "dbt.contracts.files",
    "dbt.contracts.graph.manifest",
    "dbt.contracts.graph.nodes",
    "dbt.contracts.graph.unparsed",
)


def own_locks() -> None:
    """To be called before dbt is imported. Its locks are made for processes that it never starts: each invocation would
    start one of Python's own, only to remember their names. Those of this kind have none."""
    from dbt import mp_context

    mp_context._MP_CONTEXT = multiprocessing.get_context("fork")  # type: ignore[assignment]


def exercise() -> None:
    for cls in _data_classes():
        _try(cls.from_dict, {})
        _try(object.__new__(cls).to_dict)
    _manifest()
    _schemas()
    # dbt asks for the calling frame's source; the first time all modules are searched.
    inspect.stack()
    name_callers()


def _data_classes() -> Iterator[Any]:
    from dbt_common.dataclass_schema import dbtClassMixin

    seen: set[type] = set()
    pending: list[type] = [dbtClassMixin]
    while pending:
        for cls in pending.pop().__subclasses__():
            if cls not in seen:
                seen.add(cls)
                pending.append(cls)
                if cls.__module__.startswith(_MODULES):
                    yield cls


def _manifest() -> None:
    from dbt.artifacts.schemas.manifest import ManifestMetadata, WritableManifest
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest()
    Manifest.from_msgpack(manifest.to_msgpack())
    empty: dict[str, Any] = {field.name: {} for field in fields(WritableManifest)}
    WritableManifest(**{**empty, "metadata": ManifestMetadata()}).to_dict(omit_none=False)


def name_callers() -> None:
    """Each adapter that is made has dbt look up the source of every frame that called, only for a module's name."""
    from dbt_common import behavior_flags

    def source() -> str:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals["__name__"] == behavior_flags.__name__:
            frame = frame.f_back
        return str(frame.f_globals["__name__"]) if frame is not None else "Unknown"

    # dbt asks for it also where a flag says its source, so that no flag can spare it the search.
    behavior_flags.BehaviorFlagRendered._default_source = staticmethod(source)  # type: ignore[method-assign]


def _schemas() -> None:
    from dbt.contracts import project

    from floe_bench.adapters.dbt.credentials import FloeCredentials

    for cls in (project.Project, project.ProfileConfig, project.Configuration, project.ProjectFlags, FloeCredentials):
        _try(cls.validate, {})


def _try(use: Callable[..., object], *args: object) -> None:
    """An empty value is refused by nearly every class, after the code for it was made; only that counts here."""
    with suppress(Exception):
        use(*args)
