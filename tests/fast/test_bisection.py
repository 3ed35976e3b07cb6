"""The line of moments, and the search along it."""

from __future__ import annotations

from datetime import timedelta
from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st

from floe_bench.core.bisection.cause import culprits
from floe_bench.core.bisection.moment import moments
from floe_bench.core.bisection.search import Search
from floe_bench.model.bisection import Evaluation, Moment, Verdict
from floe_bench.model.snapshot import Snapshot
from tests.builders import NOON, after, snapshot


def at(snapshot_id: int, seconds: float, run_id: str | None = None, operation: str = "overwrite") -> Snapshot:
    return snapshot(snapshot_id, committed_at=after(seconds), run_id=run_id, operation=operation)


def states(found: tuple[Moment, ...]) -> list[dict[str, int]]:
    return [dict(moment.snapshots) for moment in found]


def test_commits_to_all_inputs_are_one_line_by_their_time_from_where_every_input_is_there() -> None:
    found = moments({"a": [at(1, 0), at(2, 30)], "b": [at(10, 20), at(11, 40)]})
    assert states(found) == [{"a": 1, "b": 10}, {"a": 2, "b": 10}, {"a": 2, "b": 11}]
    assert [moment.at for moment in found] == [after(20), after(30), after(40)]


def test_an_input_that_was_never_written_leaves_no_moment() -> None:
    assert moments({"a": [at(1, 0)], "b": []}) == ()


def test_what_one_run_wrote_in_one_go_is_one_moment_and_somebody_in_between_ends_it() -> None:
    together = moments({"a": [at(1, 0, "r1"), at(2, 30, "r2")], "b": [at(10, 1, "r1"), at(11, 31, "r2")]})
    assert states(together) == [{"a": 1, "b": 10}, {"a": 2, "b": 11}]
    parted = moments({"a": [at(1, 0, "r1"), at(2, 30, "r2"), at(3, 31)], "b": [at(10, 1, "r1"), at(11, 32, "r2")]})
    assert states(parted) == [{"a": 1, "b": 10}, {"a": 2, "b": 10}, {"a": 3, "b": 10}, {"a": 3, "b": 11}]


def test_a_delete_and_the_append_right_after_it_are_one_write() -> None:
    found = moments({"a": [at(1, 0), at(2, 10, operation="delete"), at(3, 10.2, operation="append")]})
    assert states(found) == [{"a": 1}, {"a": 3}]
    late = moments({"a": [at(1, 0), at(2, 10, operation="delete"), at(3, 60, operation="append")]})
    assert states(late) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_a_writer_whose_clock_is_behind_does_not_reorder_a_tables_own_line() -> None:
    assert states(moments({"a": [at(1, 0), at(2, 60), at(3, 30)]})) == [{"a": 1}, {"a": 2}, {"a": 3}]


def searching(verdicts: list[Verdict]) -> tuple[Search, list[int]]:
    asked: list[int] = []

    def evaluate(index: int) -> Evaluation:
        asked.append(index)
        return Evaluation(index + 1, NOON + timedelta(seconds=index), verdicts[index])

    return Search(len(verdicts), evaluate), asked


@given(st.integers(1, 500), st.data())
def test_a_check_that_failed_ever_since_is_found_in_few_evaluations(number: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, number))
    search, asked = searching([Verdict.PASSED] * first + [Verdict.FAILED] * (number - first))
    assert search.halving() == (first if first < number else None)
    assert len(asked) == len(set(asked)) <= 2 + ceil(log2(number + 1))


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=60))
def test_whatever_the_history_what_is_named_fails_and_the_moment_before_does_not(verdicts: list[Verdict]) -> None:
    search, _ = searching(verdicts)
    found = search.halving()
    if found is None:
        assert verdicts[-1] is not Verdict.FAILED
    else:
        assert verdicts[found] is Verdict.FAILED
        assert found == 0 or verdicts[found - 1] is not Verdict.FAILED
        assert found > 0 or verdicts[0] is Verdict.FAILED


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=60))
def test_looking_at_every_moment_finds_the_first_failure_and_every_turn(verdicts: list[Verdict]) -> None:
    search, asked = searching(verdicts)
    assert search.every() == next((n for n, each in enumerate(verdicts) if each is Verdict.FAILED), None)
    turns = tuple(n + 1 for n in range(1, len(verdicts)) if verdicts[n] is not verdicts[n - 1])
    assert search.turns == turns and asked == list(range(len(verdicts)))


def test_the_commit_that_suffices_alone_is_to_blame_else_all_of_the_moment() -> None:
    line = moments({"a": [at(1, 0, "r1"), at(2, 30, "r2")], "b": [at(10, 1, "r1"), at(11, 31, "r2")]})
    one = culprits(line[0], line[1], lambda now: now["b"] == 11)
    assert [(commit.table, before) for commit, before in one] == [("b", 10)]
    both = culprits(line[0], line[1], lambda now: now == {"a": 2, "b": 11})
    assert [commit.table for commit, _ in both] == ["a", "b"]
