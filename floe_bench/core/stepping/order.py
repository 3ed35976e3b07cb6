"""The order in which a stepped run makes its assets, and what a node's fate means for the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from floe_bench.model.asset import Asset
from floe_bench.model.step import Input, Place, Step, StepCheck, StepNode
from floe_bench.ports.stepping import Outcome, Selected


def ordered(assets: Sequence[Asset], selected: Selected) -> tuple[StepNode, ...]:
    """Layer by layer, each asset after all it reads; each test with the last of the assets that it reads."""
    chosen = [asset for asset in assets if asset.asset in set(selected.assets) and asset.kind != "source"]
    depth = _depths(chosen)
    # Sorting is stable: within a layer the project's own order stays.
    nodes = sorted(chosen, key=lambda asset: depth[asset.asset])
    checks = _placed(nodes, selected.checks)
    return tuple(_node(asset, checks.get(asset.asset, ())) for asset in nodes)


def _depths(assets: Sequence[Asset]) -> dict[str, int]:
    known = {asset.asset: asset for asset in assets}
    depth: dict[str, int] = {}
    for first in known:
        # An explicit stack: a chain of 10,000 models is deeper than Python's recursion.
        waiting = [first]
        while waiting:
            key = waiting[-1]
            parents = [each for each in known[key].upstream if each in known and each != key]
            missing = [each for each in parents if each not in depth]
            if missing and key not in depth:
                waiting += missing
                continue
            depth.setdefault(key, 1 + max((depth[each] for each in parents), default=-1))
            waiting.pop()
    return depth


def _placed(nodes: Sequence[Asset], checks: Iterable[StepCheck]) -> dict[str, list[StepCheck]]:
    at = {asset.asset: index for index, asset in enumerate(nodes)}
    placed: dict[str, list[StepCheck]] = {}
    for check in checks:
        read = [at[each] for each in check.reads if each in at]
        # A test of a source guards what reads the source: dbt runs it first in the same build.
        readers = [at[asset.asset] for asset in nodes if set(asset.upstream) & set(check.reads)]
        index = max(read) if read else min(readers, default=0)
        if nodes:
            placed.setdefault(nodes[index].asset, []).append(check)
    return placed


def _node(asset: Asset, checks: Iterable[StepCheck]) -> StepNode:
    return StepNode(
        asset=asset.asset,
        node_id=asset.node_id or asset.asset,
        name=asset.asset.rpartition("/")[2],
        kind=asset.kind,
        table=asset.table,
        upstream=asset.upstream,
        checks=tuple(checks),
    )


def put(step: Step, node: StepNode) -> Step:
    return replace(step, nodes=tuple(node if each.asset == node.asset else each for each in step.nodes))


def began(step: Step, asset: str, inputs: tuple[Input, ...] = ()) -> Step:
    node = replace(step.node(asset), place=Place.RUNNING, message="", effect=None, inputs=inputs)
    return put(step, node)


def ended(step: Step, asset: str, outcome: Outcome) -> Step:
    """``asset`` ran, well or not; what reads it is blocked or free again."""
    node = step.node(asset)
    failed = bool(outcome.error or outcome.checks_failed)
    word = outcome.error or (f"{outcome.checks_failed} of its checks failed" if outcome.checks_failed else "")
    node = replace(
        node,
        place=Place.FAILED if failed else Place.DONE,
        attempts=node.attempts + 1,
        rows=outcome.rows,
        duration_s=outcome.duration_s,
        checks_passed=outcome.checks_passed,
        checks_failed=outcome.checks_failed,
        checks_warned=outcome.checks_warned,
        checks=tuple(replace(each, duration_s=outcome.checks_s.get(each.node_id)) for each in node.checks),
        message=word,
    )
    return with_blocked(put(step, node))


def given_back(step: Step, asset: str, why: str) -> Step:
    """``asset`` was interrupted: it waits as before."""
    node = step.node(asset)
    place = Place.WAITING if node.place is Place.RUNNING else node.place
    return put(step, replace(node, place=place, message=why))


def skipped(step: Step, asset: str, heads: Mapping[str, int | None]) -> Step:
    """The user leaves ``asset`` out. ``heads``: the current snapshot of each table; what reads it will read that."""
    node = step.node(asset)
    readers = [each.name for each in step.nodes if asset in each.upstream]
    head = heads.get(node.table)
    reads = f"snapshot {head} of {node.table}" if head is not None else f"{node.table}, which was never written"
    will = "reads" if len(readers) == 1 else "read"
    then = f"{', '.join(readers)} then {will} {reads}" if readers else "nothing in this run reads it"
    word = f"failed and left so: {then}" if node.place is Place.FAILED else f"skipped: {then}"
    return with_blocked(put(step, replace(node, place=Place.SKIPPED, message=word)))


def with_blocked(step: Step) -> Step:
    """Nodes that wait below a failed one are blocked, and free again when it is mended or left out."""
    causes: dict[str, str] = {}
    nodes = []
    for node in step.nodes:
        cause = next((causes[each] for each in node.upstream if each in causes), None)
        if node.place in (Place.WAITING, Place.BLOCKED):
            if cause is not None:
                node = replace(node, place=Place.BLOCKED, message=f"not run: {cause} failed")
            elif node.place is Place.BLOCKED:
                node = replace(node, place=Place.WAITING, message="")
        if node.place is Place.FAILED:
            causes[node.asset] = node.name
        elif node.place is Place.BLOCKED and cause is not None:
            causes[node.asset] = cause
        nodes.append(node)
    return replace(step, nodes=tuple(nodes))
