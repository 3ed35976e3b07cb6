"""Where a run that is being paused ends: before its next Python asset."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import dagster as dg
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction

from floe_bench.adapters.dbt.pause import WORDS as PAUSED
from floe_bench.adapters.orchestrators.dagster.place import PROJECT_VARIABLE, Place


def enter(run_id: str) -> None:
    """Raises Failure with ``PAUSED`` when the run is being paused."""
    described = os.environ.get(PROJECT_VARIABLE)
    if described and Place.described(described).pause(run_id).exists():
        raise dg.Failure(PAUSED, allow_retries=False)


def gated(assets: Iterable[object]) -> None:
    """Each asset of one function enters before that is called. One that is a graph of ops is left as it is: what it
    reads is its gate."""
    for each in assets:
        op = each.node_def if isinstance(each, dg.AssetsDefinition) and each.is_executable else None
        if isinstance(op, dg.OpDefinition) and isinstance(op.compute_fn, DecoratedOpFunction):
            # Dagster has no hook before a step. The function keeps its signature, by which it gets its arguments.
            op._compute_fn = DecoratedOpFunction(_entering(op.compute_fn.decorated_fn))


def _entering(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same kind of function: Dagster asks which it is."""
    if getattr(function, _MARK, False):
        return function
    entering = _kind(function)
    setattr(entering, _MARK, True)
    return entering


def _kind(function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generator(*args: Any, **named: Any) -> Iterator[Any]:
            _enter_now()
            yield from function(*args, **named)

        return generator
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def stream(*args: Any, **named: Any) -> AsyncIterator[Any]:
            _enter_now()
            async for each in function(*args, **named):
                yield each

        return stream
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def coroutine(*args: Any, **named: Any) -> Any:
            _enter_now()
            return await function(*args, **named)

        return coroutine

    @functools.wraps(function)
    def plain(*args: Any, **named: Any) -> Any:
        _enter_now()
        return function(*args, **named)

    return plain


def _enter_now() -> None:
    enter(dg.OpExecutionContext.get().run_id)


_MARK = "__floe_bench_gated__"
"""A module that is imported once gives the same functions again."""
