"""What an asset is made from and what is made from it: the part of the graph around it, in the order it is made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush

from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset

MOST = 100
"""Assets in one picture; the nearest stay."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """``assets`` are in an order in which every asset follows what it reads; ``parents`` only name assets among them.

    ``distance`` is negative upstream of the focus and positive downstream; ``hidden`` counts what did not fit.
    """

    focus: str
    assets: tuple[Asset, ...]
    parents: Mapping[str, tuple[str, ...]]
    distance: Mapping[str, int]
    hidden_upstream: int = 0
    hidden_downstream: int = 0


def parents_of(assets: Mapping[str, Asset], key: str) -> tuple[str, ...]:
    asset = assets.get(key)
    return tuple(each for each in asset.upstream if each in assets) if asset else ()


def children_of(assets: Mapping[str, Asset], key: str) -> tuple[str, ...]:
    return tuple(asset.asset for asset in assets.values() if key in asset.upstream)


def readers_of(assets: Mapping[str, Asset]) -> Mapping[str, Sequence[str]]:
    """``children_of`` every asset that has some, in one go."""
    found: dict[str, list[str]] = {}
    for asset in assets.values():
        for parent in asset.upstream:
            found.setdefault(parent, []).append(asset.asset)
    return found


def lineage_of(assets: Mapping[str, Asset], focus: str, *, most: int = MOST) -> Lineage:
    """Everything upstream and downstream of ``focus``; empty when it is not among ``assets``."""
    if focus not in assets:
        return Lineage(focus, (), {}, {})
    readers = readers_of(assets)
    up = _walk(focus, lambda key: parents_of(assets, key))
    down = {key: far for key, far in _walk(focus, lambda key: readers.get(key, ())).items() if key not in up}
    distance = {focus: 0, **{key: -far for key, far in up.items()}, **down}
    near = sorted(distance, key=lambda key: abs(distance[key]))[:most]
    shown = frozenset(near)
    parents = {key: tuple(each for each in parents_of(assets, key) if each in shown) for key in near}
    order = _in_order(near, parents, distance)
    gone = [far for key, far in distance.items() if key not in shown]
    return Lineage(
        focus,
        tuple(assets[key] for key in order),
        parents,
        {key: distance[key] for key in order},
        sum(far < 0 for far in gone),
        sum(far > 0 for far in gone),
    )


def _walk(focus: str, nearby: Callable[[str], Iterable[str]]) -> dict[str, int]:
    """Distance of everything that can be reached, without ``focus`` itself; a circle ends where it began."""
    found: dict[str, int] = {}
    waiting = deque([(focus, 0)])
    while waiting:
        key, far = waiting.popleft()
        for each in nearby(key):
            if each not in found and each != focus:
                found[each] = far + 1
                waiting.append((each, far + 1))
    return found


def _in_order(
    keys: Iterable[str], parents: Mapping[str, tuple[str, ...]], distance: Mapping[str, int]
) -> tuple[str, ...]:
    """Parents first, and each asset as soon after its last parent as may be, so that rails stay short."""
    ranked = sorted(keys, key=lambda key: (distance[key], key))
    rank = {key: place for place, key in enumerate(ranked)}
    waits = {key: len(set(parents[key])) for key in ranked}
    readers: dict[str, list[str]] = {}
    for key in ranked:
        for parent in set(parents[key]):
            readers.setdefault(parent, []).append(key)
    latest: dict[str, int] = {}
    ready = [(1, rank[key]) for key in ranked if not waits[key]]
    unplaced = iter(ranked)
    while len(latest) < len(ranked):
        # In a circle nothing is ready: begin anywhere.
        chosen = ranked[heappop(ready)[1]] if ready else next(unplaced)
        if chosen in latest:
            continue
        latest[chosen] = len(latest)
        for key in readers.get(chosen, ()):
            waits[key] -= 1
            if not waits[key]:
                heappush(ready, (-latest[chosen], rank[key]))
    return tuple(latest)
