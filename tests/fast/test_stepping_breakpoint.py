"""Where a stepped run stops, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from floe_bench.core.stepping.breakpoint import after, before, put
from floe_bench.core.stepping.ledger import Ledger
from floe_bench.errors import UsageError
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunRequest, RunStatus
from floe_bench.model.snapshot import RowChange
from floe_bench.model.step import Breakpoint, Condition, Effect, Step, StepNode, StepState, Stop, StopKind, Usual
from floe_bench.state import BenchState, usual_of
from tests.builders import NOON

NODE = StepNode("m/mart", "model.mart", "mart", "table", "m.mart", duration_s=3.0)
WROTE = replace(NODE, effect=Effect(1, 2, RowChange(added=60, removed=40, changed=1)))
USUAL = Usual(rows=10, duration_s=1.0)


def stops(condition: Condition, threshold: float = 0.0, *, node: StepNode = NODE, known: Usual = USUAL) -> bool:
    return after([Breakpoint("m/mart", condition, threshold)], node, known) is not None


def test_without_a_condition_it_stops_before_the_asset_and_only_before_that_one() -> None:
    always = [Breakpoint("m/mart")]
    assert before(always, NODE) == always[0]
    assert after(always, WROTE, USUAL) is None
    assert before(always, replace(NODE, asset="m/other")) is None


def test_a_star_is_every_asset() -> None:
    assert before([Breakpoint("*")], NODE) is not None


@pytest.mark.parametrize(("threshold", "stopped"), [(100, True), (101, False)])
def test_rows_are_those_added_removed_and_changed_together(threshold: float, stopped: bool) -> None:
    assert stops(Condition.ROWS, threshold, node=WROTE) is stopped


def test_an_asset_that_wrote_nothing_changed_no_rows() -> None:
    assert not stops(Condition.ROWS, 0)
    assert not stops(Condition.SCHEMA)


def test_rows_that_could_not_be_counted_may_be_more_than_any_number() -> None:
    assert stops(Condition.ROWS, 1_000_000, node=replace(NODE, effect=Effect(1, 2, None)))


def test_a_failed_check_and_a_changed_schema_stop_but_not_the_first_schema_of_a_table() -> None:
    assert stops(Condition.CHECKS, node=replace(NODE, checks_failed=1))
    assert not stops(Condition.CHECKS, node=replace(NODE, checks_warned=1))
    assert stops(Condition.SCHEMA, node=replace(NODE, effect=Effect(1, 2, schema_changes=1)))
    assert not stops(Condition.SCHEMA, node=replace(NODE, effect=Effect(None, 2, schema_changes=4)))


def test_slower_compares_with_the_usual_and_never_stops_where_nothing_is_usual() -> None:
    assert stops(Condition.SLOWER, 2.9)
    assert not stops(Condition.SLOWER, 3.0)
    assert not stops(Condition.SLOWER, 1.0, known=Usual())


def test_a_breakpoint_takes_the_place_of_one_with_its_asset_and_condition() -> None:
    found = put(put((), Breakpoint("a", Condition.ROWS, 1)), Breakpoint("a"))
    assert put(found, Breakpoint("a", Condition.ROWS, 5)) == (Breakpoint("a"), Breakpoint("a", Condition.ROWS, 5))
    with pytest.raises(UsageError):
        put((), Breakpoint("a", Condition.SLOWER, 0))


def test_usual_is_the_median_of_the_newest_runs_that_made_it() -> None:
    def made(run: int, **more: object) -> dict[str, NodeRun]:
        node = NodeRun("model.mart", "mart", "model", NodeStatus.SUCCESS, "m/mart", rows=run, duration_s=float(run))
        return {"model.mart": replace(node, **more)}  # type: ignore[arg-type]

    nodes = {str(run): made(run) for run in range(1, 20)} | {"bad": made(99, status=NodeStatus.FAILED)}

    def known(*names: str) -> BenchState:
        return BenchState(runs=tuple(Run(name, RunStatus.SUCCESS) for name in names), nodes=nodes)

    assert usual_of(known("bad", "3", "1", "2"), "m/mart") == Usual(2, 2.0)
    assert usual_of(known("3", "1", "2"), "m/mart", but="3") == Usual(1, 1.5)
    assert usual_of(known(*(str(run) for run in range(1, 20))), "m/mart") == Usual(5, 5.5)
    assert usual_of(known("1"), "m/other") == Usual()


def test_what_is_kept_comes_back_as_it_was_and_half_a_file_harms_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert (ledger.steps(), ledger.breakpoints()) == ([], ())
    stop = Stop(StopKind.NEXT, "m/mart", before=False, words="after mart")
    first = Step("a", "r1", StepState.STOPPED, RunRequest("+mart"), (WROTE,), stop, started_at=NOON)
    later = replace(first, step_id="0", started_at=NOON.replace(hour=13))
    for step in (later, first):
        ledger.keep(step)
    ledger.keep_breakpoints((Breakpoint("m/mart", Condition.SLOWER, 2),))
    (tmp_path / "steps" / "torn.json").write_text('{"step_id": "to')
    assert ledger.steps() == [first, later]
    assert ledger.breakpoints() == (Breakpoint("m/mart", Condition.SLOWER, 2),)
    (tmp_path / "breakpoints.json").write_text("[")
    assert ledger.breakpoints() == ()
