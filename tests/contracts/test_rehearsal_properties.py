"""Publishing and discarding on real tables, with writers in between and an end in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.exceptions import BadRequestError, CommitFailedException, NoSuchTableError

from floe_bench.core.rehearsal.record import Records
from floe_bench.core.rehearsal.verbs import LocalRehearsing
from floe_bench.errors import CommitConflict
from floe_bench.model.rehearsal import RehearsalState
from floe_bench.model.run import Run, RunRequest, RunStatus
from floe_bench.model.stack import Endpoints
from floe_bench.model.undo import HeadMove
from tests.contracts.lakehouse import lakehouse as lakehouse
from tests.contracts.undoing import Mill

NAMES = ("orders", "totals")


class Stage(Mill):
    """The two tables of a mill, and rehearsals on them; a run is over as soon as it is asked for."""

    def __init__(self, endpoints: Endpoints, folder: Path, **options: Any) -> None:
        super().__init__(endpoints, folder, **options)
        self.adopted: list[Sequence[str]] = []

    def submit(self, request: RunRequest) -> str:
        return f"run-{request.rehearsal}"

    def run_of(self, run_id: str) -> Run:
        return Run(run_id, RunStatus.SUCCESS)

    def adopt(self, run_id: str, assets: Sequence[str]) -> None:
        self.adopted.append(assets)

    def catch_up(self) -> None: ...

    def orchestrator(self, *, parsed: bool = True) -> Any:
        stage = self

        class Told:
            submit, adopt, run = stage.submit, stage.adopt, stage.run_of

        return Told()

    def rehearsing(self) -> LocalRehearsing:
        """As a new engine would have it."""
        records = Records(self.folder / "rehearsals")
        return LocalRehearsing(self, records, assets=self.assets, changed=lambda: None)

    def rehearse(self, numbers: list[int]) -> str:
        """Both tables get these rows on a branch, in place of theirs."""
        begun = self.rehearsing().start(RunRequest())
        for name in NAMES:
            table = self.table(name)
            head = self.head(name)
            assert head is not None
            table.manage_snapshots().create_branch(head, begun.branch).commit()
            table.overwrite(pa.table({"n": pa.array(numbers, pa.int64())}), branch=begun.branch)
        return begun.rehearsal_id

    def numbers(self, name: str) -> list[int]:
        return sorted(row["n"] for row in self.content(name))


@pytest.fixture
def stage(lakehouse: Endpoints, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(**options: Any) -> Stage:
        made.append(Stage(lakehouse, tmp_path / str(len(made)), **options))
        made[-1].run([1, 2])
        return made[-1]

    yield make
    for each in made:
        each.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rehearsed=st.lists(st.integers(0, 9), max_size=4),
    writes=st.lists(st.tuples(st.sampled_from(NAMES), st.integers(10, 99)), max_size=2),
    publishes=st.booleans(),
)
def test_publishing_is_all_or_nothing_and_discarding_leaves_everything_as_it_was(
    stage: Callable[..., Stage], rehearsed: list[int], writes: list[tuple[str, int]], publishes: bool
) -> None:
    mill = stage()
    rehearsal_id = mill.rehearse(rehearsed)
    for name, number in writes:
        mill.append(name, [number])
    before = {name: (mill.numbers(name), mill.head(name)) for name in NAMES}
    verbs = mill.rehearsing()
    if publishes and not writes:
        verbs.publish(rehearsal_id)
        assert {name: mill.numbers(name) for name in NAMES} == dict.fromkeys(NAMES, sorted(rehearsed))
        assert mill.duck_content("orders") == mill.content("orders")
        assert mill.adopted == [("t/orders", "t/totals")]
    else:
        if publishes:
            with pytest.raises(CommitConflict):
                verbs.publish(rehearsal_id)
        verbs.discard(rehearsal_id)
        assert {name: (mill.numbers(name), mill.head(name)) for name in NAMES} == before
    for name in NAMES:
        metadata = mill.table(name).metadata
        assert set(metadata.refs) == {"main"}
        line, each = [], metadata.snapshot_by_id(mill.head(name) or 0)
        while each is not None:
            line.append(each.snapshot_id)
            each = metadata.snapshot_by_id(each.parent_snapshot_id or 0)
        assert {snapshot.snapshot_id for snapshot in metadata.snapshots} == set(line), "no snapshot is left over"


@pytest.mark.parametrize("together", [True, False])
def test_a_writer_during_a_publish_never_loses_a_row(stage: Callable[..., Stage], together: bool) -> None:
    mill = stage(together=together)
    rehearsal_id = mill.rehearse([7])
    written: dict[str, list[int]] = {name: [] for name in NAMES}
    over = threading.Event()

    def write(name: str) -> None:
        for number in range(100, 400):
            if over.is_set():
                return
            with suppress(CommitFailedException, BadRequestError):  # refused, and not written
                mill.append(name, [number])
                written[name].append(number)

    verbs = mill.rehearsing()
    writers = [threading.Thread(target=write, args=(name,)) for name in NAMES]
    for writer in writers:
        writer.start()
    try:
        with suppress(CommitConflict):
            verbs.publish(rehearsal_id)
    finally:
        over.set()
    for writer in writers:
        writer.join()
    published = verbs.status(rehearsal_id).state is RehearsalState.PUBLISHED
    for name in NAMES:
        kept = [number for number in mill.numbers(name) if number < 100]
        assert mill.numbers(name) == sorted([*kept, *written[name]])
        # One by one, a table that had moved when the next was refused stays so where somebody wrote on top by then.
        stays = kept == [7] and written[name] and not together
        assert kept == ([7] if published else [1, 2]) or stays


class Ended(BaseException):
    """The engine was killed."""


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("intruded", [False, True])
def test_an_engine_that_ends_in_the_middle_of_a_publish_finishes_or_rolls_back_at_the_next_start(
    stage: Callable[..., Stage], after: int, intruded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    mill = stage(together=False)
    rehearsal_id = mill.rehearse([7])
    moved: list[HeadMove] = []
    move = mill.reader.move

    def dying(moves: Sequence[HeadMove]) -> None:
        if len(moved) == after:
            raise Ended
        move(moves)
        moved.extend(moves)

    with monkeypatch.context() as patch:
        patch.setattr(mill.reader, "move", dying)
        if after == 2:
            patch.setattr(mill.reader, "remove_branch", lambda *_: dying(()))
        with pytest.raises(Ended):
            mill.rehearsing().publish(rehearsal_id)
    intruded = intruded and after < 2
    if intruded:
        mill.append("totals", [50])
    verbs = mill.rehearsing()
    assert verbs.unfinished()
    (said,) = verbs.settle()
    finished = after == 2 or (after == 1 and not intruded)
    assert {name: mill.numbers(name) for name in NAMES} == {
        "orders": [7] if finished else [1, 2],
        "totals": [7] if finished else [1, 2, *([50] if intruded else [])],
    }
    words = {0: "had not begun", 1: "rolled back" if intruded else "was finished", 2: "had been carried out"}
    assert words[after] in said
    assert not mill.rehearsing().unfinished()
    if not finished:
        mill.rehearsing().discard(rehearsal_id)
    assert all(set(mill.table(name).metadata.refs) == {"main"} for name in NAMES)


def test_a_table_made_for_a_branch_is_not_dropped_when_somebody_wrote_to_it(stage: Callable[..., Stage]) -> None:
    from floe_bench.adapters.iceberg.mark import EMPTY, MADE_FOR
    from floe_bench.model.table import TableName

    mill = stage()
    for name, theirs in (("kept", True), ("gone", False)):
        table = mill.session.create_table((mill.namespace, name), pa.schema([("n", pa.int64())]))
        table.append(pa.table({"n": pa.array([], pa.int64())}), snapshot_properties={EMPTY: "x", MADE_FOR: "b"})
        if theirs:
            table.append(pa.table({"n": [1]}))
        mill.reader.drop_made_for(TableName((mill.namespace,), name), "b")
    assert mill.numbers("kept") == [1]
    with pytest.raises(NoSuchTableError):
        mill.table("gone")
