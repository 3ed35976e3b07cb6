"""How far an undo reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from floe_bench.core.undo.extent import Cut, last_materialization, main_line, of_run, with_downstream
from floe_bench.errors import NoSuchSnapshot, NothingToUndo
from floe_bench.model.asset import Asset
from floe_bench.model.snapshot import Snapshot
from tests.builders import after, asset, snapshot

RAW = asset("raw/orders")
STAGED = asset("staging/orders", upstream=("raw/orders",))
MART = asset("marts/revenue", upstream=("staging/orders",))
OTHER = asset("marts/other")
ALL = (RAW, STAGED, MART, OTHER)


def chain(*each: Mapping[str, Any]) -> tuple[Snapshot, ...]:
    """Oldest first, each the parent of the next, the last one current."""
    found, parent = [], None
    for facts in each:
        found.append(snapshot(facts["id"], parent_id=parent, **{k: v for k, v in facts.items() if k != "id"}))
        parent = facts["id"]
    return (*found[:-1], snapshot_with(found[-1], refs=("main",)))


def snapshot_with(made: Snapshot, **changes: Any) -> Snapshot:
    from dataclasses import replace

    return replace(made, **changes)


def by(run: str | None, id_: int, at: float = 0, **facts: Any) -> dict[str, Any]:
    return {"id": id_, "run_id": run, "committed_at": after(at), **facts}


class Lake:
    def __init__(self, **tables: tuple[Snapshot, ...]) -> None:
        self._tables = tables

    def __call__(self, asset: Asset) -> tuple[Snapshot, ...]:
        return main_line(self._tables.get(asset.group, ()))


def passed(cuts: Mapping[str, Cut]) -> dict[str, tuple[list[int], int | None]]:
    return {key: ([each.snapshot_id for each in cut.passed], cut.to) for key, cut in cuts.items()}


def test_the_last_materialization_goes_back_to_its_parent() -> None:
    lake = Lake(staging=chain(by("one", 1), by("two", 2)))
    assert passed(last_materialization(STAGED, lake)) == {"staging/orders": ([2], 1)}


def test_the_first_goes_back_to_nothing() -> None:
    assert passed(last_materialization(STAGED, Lake(staging=chain(by("one", 1))))) == {"staging/orders": ([1], None)}


def test_what_somebody_else_wrote_on_top_goes_too_and_so_does_every_snapshot_of_the_run() -> None:
    lake = Lake(staging=chain(by("one", 1), by("two", 2), by("two", 3), by(None, 4)))
    assert passed(last_materialization(STAGED, lake)) == {"staging/orders": ([4, 3, 2], 1)}


def test_a_snapshot_off_the_main_line_is_not_taken_back_again() -> None:
    first, second = chain(by("one", 1), by("two", 2))
    lake = Lake(staging=(snapshot_with(first, refs=("main",)), snapshot_with(second, refs=())))
    assert passed(last_materialization(STAGED, lake)) == {"staging/orders": ([1], None)}


def test_a_table_without_a_materialization_has_nothing_to_undo() -> None:
    with pytest.raises(NothingToUndo):
        last_materialization(STAGED, Lake(staging=chain(by(None, 1))))
    with pytest.raises(NothingToUndo):
        of_run("seven", ALL, Lake(staging=chain(by("one", 1))))


def test_a_snapshot_before_that_was_expired_is_said_to_be_gone() -> None:
    first, second = chain(by("one", 1), by("two", 2))
    with pytest.raises(NoSuchSnapshot, match="1"):
        last_materialization(STAGED, Lake(staging=(second,)))
    assert first.snapshot_id == 1


def test_a_run_goes_back_in_every_table_that_it_wrote() -> None:
    lake = Lake(
        raw=chain(by("one", 1), by("two", 2)), staging=chain(by("two", 3), by("three", 4)), marts=chain(by("one", 5))
    )
    assert passed(of_run("two", (RAW, STAGED), lake)) == {"raw/orders": ([2], 1), "staging/orders": ([4, 3], None)}


def test_downstream_is_what_read_a_snapshot_that_is_taken_back_and_no_more() -> None:
    lake = Lake(
        raw=chain(by("one", 1), by("two", 2)),
        staging=chain(
            by("one", 11, inputs={"raw.orders": 1}),
            by("two", 12, inputs={"raw.orders": 2}),
            by("three", 13, inputs={"raw.orders": 2}),
        ),
        marts=chain(by("one", 21, inputs={"staging.orders": 11}), by("four", 22, inputs={"staging.orders": 11})),
    )
    assert passed(with_downstream(last_materialization(RAW, lake), (RAW, STAGED, MART), lake)) == {
        "raw/orders": ([2], 1),
        "staging/orders": ([13, 12], 11),
    }


def test_downstream_goes_on_through_what_is_taken_back_with_it() -> None:
    lake = Lake(
        raw=chain(by("one", 1)),
        staging=chain(by("one", 11, inputs={"raw.orders": 1})),
        marts=chain(by("one", 21, inputs={"staging.orders": 11})),
    )
    assert list(passed(with_downstream(last_materialization(RAW, lake), (RAW, STAGED, MART), lake))) == [
        "raw/orders",
        "staging/orders",
        "marts/revenue",
    ]


@pytest.mark.parametrize(("at", "goes"), [(5, True), (-5, False)])
def test_where_no_inputs_were_recorded_the_time_decides(at: float, goes: bool) -> None:
    lake = Lake(raw=chain(by("one", 1)), staging=chain(by("old", 10, -9), by("python", 11, at)))
    found = with_downstream(last_materialization(RAW, lake), (RAW, STAGED), lake)
    assert ("staging/orders" in found) is goes


def test_what_somebody_else_wrote_downstream_is_not_taken_for_derived() -> None:
    lake = Lake(raw=chain(by("one", 1)), staging=chain(by(None, 11, 5)))
    assert list(with_downstream(last_materialization(RAW, lake), (RAW, STAGED), lake)) == ["raw/orders"]


def test_of_an_asset_that_was_asked_for_and_follows_from_another_the_further_cut_counts() -> None:
    lake = Lake(
        raw=chain(by("one", 1), by("two", 2)),
        staging=chain(
            by("one", 11, inputs={"raw.orders": 1}),
            by("x", 12, inputs={"raw.orders": 2}),
            by("two", 13, inputs={"raw.orders": 2}),
        ),
    )
    cuts = of_run("two", (RAW, STAGED), lake)
    assert passed(cuts)["staging/orders"] == ([13], 12)
    assert passed(with_downstream(cuts, (RAW, STAGED), lake))["staging/orders"] == ([13, 12], 11)


def test_the_order_is_parents_before_children() -> None:
    lake = Lake(raw=chain(by("two", 1)), staging=chain(by("two", 11)))
    cuts: dict[str, Cut] = of_run("two", (STAGED, RAW), lake)
    ordered: Sequence[str] = list(with_downstream(cuts, (RAW, STAGED), lake))
    assert ordered == ["raw/orders", "staging/orders"]
