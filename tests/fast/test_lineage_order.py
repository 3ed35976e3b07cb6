"""The order in which a lineage is drawn and a run is previewed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from floe_bench.model.asset import Asset, AssetStatus
from floe_bench.state import BenchState
from floe_bench.tui.lineage import lineage_of
from floe_bench.tui.plan import plans
from floe_bench.tui.view import ASSETS, Selection, View


def asset(number: int, *reads: int) -> Asset:
    upstream = tuple(f"m{each}" for each in sorted(reads))
    return Asset(f"m{number}", "table", "g", f"g.m{number}", AssetStatus.NEVER, upstream=upstream)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Asset]:
    """Assets that read earlier ones, told in any order."""
    number = draw(st.integers(1, 12))
    reads = [draw(st.sets(st.integers(0, each - 1), max_size=3)) if each else set() for each in range(number)]
    found = [asset(each, *reads[each]) for each in range(number)]
    return {each.asset: each for each in draw(st.permutations(found))}


@given(graphs())
def test_every_asset_follows_what_it_reads(assets: dict[str, Asset]) -> None:
    for focus in assets:
        found = lineage_of(assets, focus)
        place = {each.asset: index for index, each in enumerate(found.assets)}
        assert len(place) == len(found.assets)
        assert all(place[parent] < place[key] for key in place for parent in found.parents[key])


def test_an_asset_stands_right_behind_the_last_that_it_reads() -> None:
    assets = {each.asset: each for each in (asset(0), asset(1), asset(2, 0), asset(3, 1), asset(4, 2, 3))}
    assert [each.asset for each in lineage_of(assets, "m4").assets] == ["m0", "m2", "m1", "m3", "m4"]


def test_a_circle_is_drawn_whole() -> None:
    assets = {each.asset: each for each in (asset(0, 2), asset(1, 0), asset(2, 1), asset(3, 2))}
    assert sorted(each.asset for each in lineage_of(assets, "m1").assets) == ["m0", "m1", "m2", "m3"]


class Counted(Asset):
    """Counts how often it is asked what it reads."""

    asked = 0

    def __getattribute__(self, name: str) -> object:
        if name == "upstream":
            Counted.asked += 1
        return super().__getattribute__(name)


def test_a_preview_looks_at_each_of_many_assets_a_few_times_only() -> None:
    many = 500
    made = [asset(number, *([number - 1] if number else [])) for number in range(many)]
    fields = ("asset", "kind", "group", "table", "status")
    assets = {
        each.asset: Counted(*(getattr(each, name) for name in fields), upstream=each.upstream)  # type: ignore[arg-type]
        for each in made
    }
    Counted.asked = 0
    found = plans(BenchState(assets=assets), View(selection=Selection(ASSETS, (f"m{many - 1}",))))
    assert {plan.name: len(plan.assets) for plan in found}["stale"] == many
    assert Counted.asked < 30 * many
