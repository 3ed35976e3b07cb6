"""What a run would make and why, before anybody starts it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.model.run import NodeStatus, Run, RunStatus
from floe_bench.state import BenchState, nodes_of, run_of
from floe_bench.tui.lineage import lineage_of, readers_of
from floe_bench.tui.request import selection_of, selector_of
from floe_bench.tui.view import View


@dataclass(frozen=True, slots=True)
class Planned:
    asset: Asset
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """``select`` as in ``RunRequest``; ``disabled`` says why there is nothing to run.

    ``known`` is False where dbt decides what belongs to it: ``assets`` are then those we know of.
    """

    name: str
    key: str
    label: str
    select: str | None
    assets: tuple[Planned, ...] = ()
    known: bool = True
    disabled: str = ""
    exclude: str = ""
    full_refresh: bool = False
    repeats: str | None = None
    """The run that this one does again."""


def plans(state: BenchState, view: View) -> tuple[Plan, ...]:
    """Every way to start a run from here."""
    assets = state.assets or {}
    return (
        selected_plan(state, view),
        _all(assets),
        _stale(assets),
        _changed(assets),
        failed_plan(state, view),
        _along(assets, view, upstream=True),
        _along(assets, view, upstream=False),
    )


def plan_of(state: BenchState, keys: Iterable[str], *, label: str = "selected") -> Plan:
    assets = state.assets or {}
    found = [Planned(assets[key], why(assets[key])) for key in keys if key in assets]
    return _made("selected", "m", label, found, disabled="select an asset or a group in Assets (1)")


def selected_plan(state: BenchState, view: View) -> Plan:
    return plan_of(state, view.selection.assets)


def repeat_plan(state: BenchState, run: Run) -> Plan:
    """What that run did, again, with its options."""
    assets = state.assets or {}
    touched = [node.asset for node in nodes_of(state, run.run_id).values() if node.asset and not node.is_check]
    found = [Planned(assets[key], f"run {run.run_id[:4]} made it") for key in dict.fromkeys(touched) if key in assets]
    if not run.selection and not found:
        found = [Planned(asset, why(asset)) for asset in assets.values() if _ours(asset)]
    return Plan(
        "repeat", "m", f"run {run.run_id[:4]} again", run.selection or None, tuple(found), bool(found), "",
        run.exclude, run.full_refresh, run.run_id,
    )  # fmt: skip


def failed_plan(state: BenchState, view: View) -> Plan:
    """What failed or was skipped in the selected run, else in the newest one that failed."""
    run = _failed_run(state, view)
    if run is None:
        return Plan("failed", "f", "failed again", None, disabled="no run failed")
    assets = state.assets or {}
    found: dict[str, Planned] = {}
    for node in nodes_of(state, run.run_id).values():
        asset = assets.get(node.asset or "")
        if asset is None or asset.asset in found:
            continue
        if node.status is NodeStatus.FAILED:
            said = f"{node.name} failed" if node.is_check else "it failed"
            found[asset.asset] = Planned(asset, f"{said} in run {run.run_id[:4]}")
        elif node.status in (NodeStatus.SKIPPED, NodeStatus.RUNNING):
            found[asset.asset] = Planned(asset, f"run {run.run_id[:4]} did not get to it")
    return _made(
        "failed",
        "f",
        "failed again",
        list(found.values()),
        disabled=f"run {run.run_id[:4]} failed before any node; m on it runs it again",
        repeats=run.run_id,
    )


def why(asset: Asset) -> str:
    """The first reason to make it, in words."""
    if asset.status is AssetStatus.NEVER:
        return "never made"
    if asset.status is AssetStatus.FAILED:
        return f"{asset.checks_failed} of its checks failed" if asset.checks_failed else "it failed last time"
    if asset.why_stale:
        return asset.why_stale[0]
    return "stale" if asset.status is AssetStatus.STALE else "asked for"


def _failed_run(state: BenchState, view: View) -> Run | None:
    chosen = run_of(state, view.selection.run_id) if view.selection.run_id else None
    if chosen is not None and chosen.status in (RunStatus.FAILED, RunStatus.CANCELLED):
        return chosen
    return next((run for run in state.runs or () if run.status is RunStatus.FAILED), None)


def _all(assets: Mapping[str, Asset]) -> Plan:
    found = tuple(Planned(asset, why(asset)) for asset in assets.values() if _ours(asset))
    return Plan("all", "a", "all", None, found, disabled="" if found else "the project has no assets")


def _stale(assets: Mapping[str, Asset]) -> Plan:
    begun = [asset for asset in assets.values() if asset.status in (AssetStatus.STALE, AssetStatus.NEVER)]
    return _made("stale", "s", "stale", _with_downstream(assets, begun), disabled="nothing is stale")


def _changed(assets: Mapping[str, Asset]) -> Plan:
    begun = [asset for asset in assets.values() if any("changed" in reason for reason in asset.why_stale)]
    found = tuple(_with_downstream(assets, begun))
    return Plan("changed", "c", "changed", "state:modified+", found, known=False)


def _along(assets: Mapping[str, Asset], view: View, *, upstream: bool) -> Plan:
    name, key, label = ("upstream", "u", "upstream too") if upstream else ("downstream", "d", "downstream too")
    asset = assets.get(view.selection.asset or "")
    if asset is None:
        return Plan(name, key, label, None, disabled="select one asset")
    around = lineage_of(assets, asset.asset, most=len(assets))
    side = [each for each in around.assets if (around.distance[each.asset] < 0) is upstream or each is asset]
    found = [
        Planned(each, why(each) if each is asset else f"{'upstream' if upstream else 'downstream'} of {_short(asset)}")
        for each in side
        if _ours(each)
    ]
    made = _made(name, key, label, found, disabled="nothing here is made by this project")
    return made if made.disabled else _spelled(made, asset, upstream=upstream)


def _spelled(plan: Plan, asset: Asset, *, upstream: bool) -> Plan:
    """With dbt's plus where dbt knows the whole way; Python assets are named, it does not know them."""
    if asset.kind == "python" or asset.status is AssetStatus.EXTERNAL:
        return plan
    word = f"+{selector_of(asset)}" if upstream else f"{selector_of(asset)}+"
    python = [selector_of(each.asset) for each in plan.assets if each.asset.kind == "python"]
    return Plan(plan.name, plan.key, plan.label, " ".join((word, *python)), plan.assets)


def _with_downstream(assets: Mapping[str, Asset], begun: Sequence[Asset]) -> list[Planned]:
    found = {asset.asset: Planned(asset, why(asset)) for asset in begun}
    readers, waiting = readers_of(assets), deque(begun)
    while waiting:
        asset = waiting.popleft()
        for key in readers.get(asset.asset, ()):
            if key not in found and _ours(assets[key]):
                found[key] = Planned(assets[key], f"downstream of {_short(asset)}")
                waiting.append(assets[key])
    return [found[key] for key in assets if key in found]


def _made(
    name: str, key: str, label: str, found: Sequence[Planned], *, disabled: str, repeats: str | None = None
) -> Plan:
    ours = tuple(each for each in found if _ours(each.asset))
    select = selection_of(each.asset for each in ours)
    if ours:
        return Plan(name, key, label, select, ours, repeats=repeats)
    said = f"{_short(found[0].asset)} is a source: it is made outside of this project" if found else disabled
    return Plan(name, key, label, None, disabled=said)


def _ours(asset: Asset) -> bool:
    return asset.status is not AssetStatus.EXTERNAL


def _short(asset: Asset) -> str:
    return asset.asset.rsplit("/", 1)[-1]
