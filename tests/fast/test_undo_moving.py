"""All of it or nothing: on a lakehouse in memory whose tables move one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from floe_bench.core.undo.record import Records
from floe_bench.core.undo.verbs import UndoVerbs
from floe_bench.errors import CommitConflict, NothingToUndo
from floe_bench.model.run import RunRequest
from floe_bench.model.undo import HeadMove, UndoState
from tests.fakes import FakeBench

STAGED, MART = "staging.stg_orders", "marts.customer_totals"


class Killed(BaseException):
    """The process is gone: no handler of ours runs."""


class Scene:
    def __init__(self, folder: Path, *, together: bool) -> None:
        self.folder = folder
        self.bench = FakeBench()
        self.bench.lake.moves_together = together
        self.run()
        self.run()

    def run(self) -> None:
        self.bench.submit(RunRequest())
        for _ in range(40):
            self.bench.tick()

    def engine(self) -> UndoVerbs:
        """A new process over the same folder."""
        return UndoVerbs(self.bench.lake, Records(self.folder), assets=self.bench.assets, changed=lambda: None)

    def heads(self) -> dict[str, int]:
        return dict(self.bench.heads)

    def at_second_table(self, do: Callable[[], None]) -> None:
        moved: list[str] = []

        def count(move: HeadMove) -> None:
            moved.append(move.table)
            if len(moved) == 2:
                self.bench.lake.before_move = lambda move: None
                do()

        self.bench.lake.before_move = count


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "undo", together=False)


def die() -> None:
    raise Killed


def test_undo_and_redo_are_the_identity_on_heads(scene: Scene) -> None:
    before, engine = scene.heads(), scene.engine()
    plan = engine.plan(asset="stg_orders", downstream=True)
    assert [table.table for table in plan.tables] == [STAGED, MART]
    undo = engine.apply(plan)
    assert undo.state is UndoState.UNDONE and undo.told
    assert scene.heads()[STAGED] != before[STAGED]
    engine.apply(engine.plan_redo())
    assert scene.heads() == before
    assert [each.state for each in engine.history()] == [UndoState.REDONE]


def test_the_orchestrator_is_told_of_every_table_and_why(scene: Scene) -> None:
    engine = scene.engine()
    undo = engine.apply(engine.plan(asset="stg_orders", downstream=True))
    engine.apply(engine.plan_redo())
    told = scene.bench.lake.observed
    assert [asset for asset, _, _ in told] == ["staging/stg_orders", "marts/customer_totals"] * 2
    assert all(facts["floe/undo_id"] == undo.undo_id and "stg_orders" in said for _, said, facts in told)
    assert "taken back to snapshot" in told[0][1] and "brought forward to snapshot" in told[2][1]


def test_killed_between_two_tables_the_next_start_finishes_it_and_says_so(scene: Scene) -> None:
    engine = scene.engine()
    plan = engine.plan(asset="stg_orders", downstream=True)
    scene.at_second_table(die)
    with pytest.raises(Killed):
        engine.apply(plan)
    assert (scene.heads()[STAGED], scene.heads()[MART]) == (
        plan.moves[0].after.snapshot_id,
        plan.moves[1].before.snapshot_id,
    )
    said = scene.engine().settle()
    assert len(said) == 1 and "was finished" in said[0]
    assert [scene.heads()[move.table] for move in plan.moves] == [move.after.snapshot_id for move in plan.moves]
    assert scene.engine().history()[0].state is UndoState.UNDONE
    assert scene.engine().settle() == ()


def test_killed_before_anything_moved_it_is_dropped(scene: Scene) -> None:
    engine, before = scene.engine(), scene.heads()
    plan = engine.plan(asset="stg_orders", downstream=True)

    def kill(move: HeadMove) -> None:
        scene.bench.lake.before_move = lambda move: None
        raise Killed

    scene.bench.lake.before_move = kill
    with pytest.raises(Killed):
        engine.apply(plan)
    said = scene.engine().settle()
    assert "had not begun" in said[0]
    assert scene.heads() == before
    assert scene.engine().history()[0].state is UndoState.DROPPED


def test_killed_between_two_tables_and_somebody_wrote_to_the_second_it_is_rolled_back(scene: Scene) -> None:
    engine, before = scene.engine(), scene.heads()
    plan = engine.plan(asset="stg_orders", downstream=True)
    scene.at_second_table(die)
    with pytest.raises(Killed):
        engine.apply(plan)
    theirs = scene.bench.write_from_outside(MART, [{"customer_id": 9, "orders": 1, "total": 1.0}])
    said = scene.engine().settle()
    assert "was rolled back" in said[0] and MART in said[0]
    assert scene.heads()[STAGED] == before[STAGED]
    assert scene.heads()[MART] == theirs


def test_killed_between_two_tables_and_somebody_wrote_to_the_first_both_are_taken_back_and_theirs_stays(
    scene: Scene,
) -> None:
    engine = scene.engine()
    plan = engine.plan(asset="stg_orders", downstream=True)
    scene.at_second_table(die)
    with pytest.raises(Killed):
        engine.apply(plan)
    theirs = scene.bench.write_from_outside(STAGED, [])
    assert "was finished" in scene.engine().settle()[0]
    assert scene.heads()[STAGED] == theirs
    assert scene.heads()[MART] == plan.moves[1].after.snapshot_id


def test_a_killed_redo_is_finished_too(scene: Scene) -> None:
    before, engine = scene.heads(), scene.engine()
    engine.apply(engine.plan(asset="stg_orders", downstream=True))
    plan = engine.plan_redo()
    scene.at_second_table(die)
    with pytest.raises(Killed):
        engine.apply(plan)
    assert "redo was finished" in scene.engine().settle()[0]
    assert scene.heads() == before


def test_a_conflict_at_the_second_table_takes_the_first_back(scene: Scene) -> None:
    engine, before = scene.engine(), scene.heads()
    plan = engine.plan(asset="stg_orders", downstream=True)
    theirs: list[int] = []
    scene.at_second_table(lambda: theirs.append(scene.bench.write_from_outside(MART, [])))
    with pytest.raises(CommitConflict, match=MART):
        engine.apply(plan)
    assert scene.heads() == {**before, MART: theirs[0]}
    assert engine.history()[0].state is UndoState.DROPPED


def test_a_redo_is_refused_once_somebody_wrote(scene: Scene) -> None:
    engine = scene.engine()
    engine.apply(engine.plan(asset="stg_orders"))
    scene.bench.write_from_outside(STAGED, [])
    with pytest.raises(CommitConflict, match=STAGED):
        engine.plan_redo()


def test_a_redo_without_an_undo_says_so(scene: Scene) -> None:
    with pytest.raises(NothingToUndo, match="no undo"):
        scene.engine().plan_redo()
    with pytest.raises(NothingToUndo, match="no undo"):
        scene.engine().plan_redo("3f2a")


def test_several_undos_are_brought_back_one_after_the_other(scene: Scene) -> None:
    before, engine = scene.heads(), scene.engine()
    engine.apply(engine.plan(asset="stg_orders"))
    engine.apply(engine.plan(asset="stg_orders"))
    assert scene.bench.rows_at(STAGED, None) == []
    with pytest.raises(NothingToUndo):
        engine.plan(asset="stg_orders")
    engine.apply(engine.plan_redo())
    engine.apply(engine.plan_redo())
    assert scene.heads() == before


def test_a_record_that_cannot_be_read_is_passed_over(scene: Scene) -> None:
    scene.folder.mkdir()
    (scene.folder / "broken.json").write_text('{"undo_id": 3}')
    assert scene.engine().history() == ()
