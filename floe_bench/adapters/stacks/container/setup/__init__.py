"""What must be made in services that answer before they are a lakehouse: one step, one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from floe_bench.adapters.stacks.container.settings import Step
from floe_bench.adapters.stacks.container.setup.bucket import make_bucket, recheck_bucket
from floe_bench.adapters.stacks.container.setup.polaris import recheck_catalog, set_up_catalog
from floe_bench.adapters.stacks.container.vault import Vault
from floe_bench.errors import ConfigInvalid


class _SetUp(Protocol):
    def __call__(self, values: Mapping[str, str], *, vault: Vault, cancelled: Callable[[], bool]) -> list[str]: ...


class _Recheck(Protocol):
    def __call__(self, values: Mapping[str, str], *, vault: Vault) -> Iterator[tuple[str, str]]: ...


_RECHECKS: Mapping[str, _Recheck] = {"bucket": recheck_bucket, "polaris": recheck_catalog}
_STEPS: Mapping[str, _SetUp] = {"bucket": make_bucket, "polaris": set_up_catalog}


def set_up(step: Step, *, values: Mapping[str, str], vault: Vault, cancelled: Callable[[], bool]) -> list[str]:
    """Idempotent; what it did, in words.

    Raises:
        ConfigInvalid: there is no such step.
        StackNotReady, AccessDenied: with what the service said.
    """
    if step.step not in _STEPS:
        raise ConfigInvalid(f"there is no set-up step '{step.step}'; known are {', '.join(_STEPS)}")
    filled = {key: text.format_map(values) for key, text in step.values.items()}
    return _STEPS[step.step](filled, vault=vault, cancelled=cancelled)


def recheck(step: Step, *, values: Mapping[str, str], vault: Vault) -> Iterator[tuple[str, str]]:
    """What that step made, each with what is wrong with it. Raises StackNotReady."""
    filled = {key: text.format_map(values) for key, text in step.values.items()}
    yield from _RECHECKS[step.step](filled, vault=vault)
