"""Every stack there is, and whether this machine can run it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from floe_bench.adapters.stacks.spec import load_spec, specs
from floe_bench.model.stack import StackOffer, StackSpec
from floe_bench.ports.stack import CanForesee
from floe_bench.wiring import plugin


def offers(root: Path | None, *, named: Sequence[str]) -> tuple[StackOffer, ...]:
    """Ours by name, and those of ``named`` that are folders of the project. Starts nothing.

    Raises:
        ConfigInvalid: a stack's file.
        StackUnavailable: there is no such stack as one that is ``named``.
    """
    found = list(specs())
    if root is not None:
        # Under the name by which it can be chosen again.
        own = dict.fromkeys(name for name in named if "/" in name)
        found += [replace(load_spec(root / name), name=name) for name in own]
    return tuple(_offer(spec, (root or Path()) / ".floe-bench") for spec in found)


def _offer(spec: StackSpec, state_dir: Path) -> StackOffer:
    stack = plugin.load("stacks", spec.driver)(spec, state_dir=state_dir)
    obstacle = stack.obstacle() if isinstance(stack, CanForesee) else None
    return StackOffer(
        stack=spec.name,
        title=spec.title,
        driver=spec.driver,
        capabilities=tuple(sorted(spec.capabilities)),
        starts=obstacle is None,
        reason=obstacle.message if obstacle else "",
        remedy=obstacle.remedy if obstacle else "",
    )
