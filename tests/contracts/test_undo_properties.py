"""Undo and redo on real tables, for any history."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.exceptions import BadRequestError, CommitFailedException

from floe_bench.errors import CommitConflict, NothingToUndo
from floe_bench.model.stack import Endpoints
from tests.contracts.undoing import Content, Mill

pytestmark = pytest.mark.timeout(900)

numbers = st.lists(st.integers(0, 5), max_size=3)
steps = st.one_of(
    st.tuples(st.just("run"), numbers, st.just("")),
    st.tuples(st.just("run"), numbers, st.sampled_from(["a", "b"])),
    st.tuples(st.just("foreign"), numbers, st.sampled_from(["orders", "totals"])),
    st.tuples(st.just("drop column"), st.just([]), st.sampled_from(["orders", "totals"])),
    st.tuples(st.just("undo"), st.just([]), st.sampled_from(["t/orders", "t/orders+", "t/totals"])),
    st.tuples(st.just("redo"), st.just([]), st.just("")),
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path


def take(mill: Mill, step: tuple[str, list[int], str]) -> None:
    what, values, about = step
    undo = mill.undo()
    if what == "run":
        mill.run(values, column=about)
    elif what == "foreign":
        mill.append(about, values or [9])
    elif what == "drop column":
        mill.drop_column(about)
    else:
        try:
            key, downstream = about.rstrip("+"), about.endswith("+")
            undo.apply(undo.plan(asset=key, downstream=downstream) if what == "undo" else undo.plan_redo())
        except (NothingToUndo, CommitConflict):
            return


def both_ways(mill: Mill) -> dict[str, Content]:
    """PyIceberg and DuckDB see the same rows and columns."""
    found = mill.contents()
    for name, rows in found.items():
        assert mill.duck_content(name) == rows
    return found


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    history=st.lists(steps, min_size=1, max_size=7), asset=st.sampled_from(["t/orders", "t/totals"]), on=st.booleans()
)
def test_undo_then_redo_is_the_identity_on_contents(
    endpoints: Endpoints, folder: Path, history: list[tuple[str, list[int], str]], asset: str, on: bool
) -> None:
    mill = Mill(endpoints, folder / str(len(list(folder.iterdir()))), together=on)
    mill.run([1, 2])
    for step in history:
        take(mill, step)
    before, undo = both_ways(mill), mill.undo()
    try:
        plan = undo.plan(asset=asset, downstream=True)
    except NothingToUndo:
        mill.close()
        return
    undo.apply(plan)
    after = both_ways(mill)
    for table in plan.tables:
        name = table.table.partition(".")[2]
        assert (table.rows_before, table.rows_after) == (len(before[name]), len(after[name]))
    undo.apply(undo.plan_redo())
    assert both_ways(mill) == before
    mill.close()


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(first=numbers, second=numbers, column=st.sampled_from(["", "a"]))
def test_an_undo_brings_back_exactly_what_was_there_before_the_run(
    endpoints: Endpoints, folder: Path, first: list[int], second: list[int], column: str
) -> None:
    mill = Mill(endpoints, folder / str(len(list(folder.iterdir()))))
    mill.run(first)
    before = both_ways(mill)
    mill.run(second, column=column)
    undo = mill.undo()
    undo.apply(undo.plan(asset="t/orders", downstream=True))
    assert both_ways(mill) == before
    mill.close()


@pytest.mark.parametrize("together", [True, False])
def test_a_writer_who_never_stops_loses_no_row_to_undos_and_redos(
    endpoints: Endpoints, folder: Path, together: bool
) -> None:
    """Every commit that was acknowledged is on the main line, or in a plan that named it as somebody else's."""
    mill = Mill(endpoints, folder, together=together)
    mill.run([1])
    mill.run([2])
    written, over = list[int](), threading.Event()

    def write() -> None:
        number = 100
        while not over.is_set():
            number += 1
            with suppress(CommitFailedException, BadRequestError):  # refused, and not written
                mill.append("orders", [number])
                written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    undo, conflicts, taken = mill.undo(), 0, set[int]()
    try:
        for attempt in count():
            if attempt >= 12 and (conflicts or taken):  # on, until they met
                break
            try:
                if attempt % 2:
                    undo.apply(undo.plan_redo())
                    continue
                plan = undo.plan(asset="t/orders", downstream=True)
                undo.apply(plan)
                taken |= {each.snapshot_id for each in plan.others}
            except (CommitConflict, NothingToUndo):
                conflicts += 1
    finally:
        over.set()
        writer.join()
    kept = {row["n"] for row in mill.content("orders")}
    table = mill.table("orders")
    named = {
        row
        for each in taken
        if table.snapshot_by_id(each) is not None
        for row in table.scan(snapshot_id=each).to_arrow()["n"].to_pylist()
    }
    assert set(written) <= kept | named
    mill.close()
