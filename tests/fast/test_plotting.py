"""What of a result is plotted, over what, and how it reads."""

from __future__ import annotations

import pytest

from floe_bench.model.answer import QueryAnswer
from floe_bench.tui.plotting import Bars, Plot, Points, first_plot, next_axis, next_value, points_of
from floe_bench.tui.render.plot import number, plot_lines


def answer(types: dict[str, str], *rows: tuple[object, ...]) -> QueryAnswer:
    return QueryAnswer(tuple(types), tuple(types.values()), rows)


def text(found: Points | Bars, width: int = 60, height: int = 12) -> str:
    return "\n".join("".join(span.text for span in line.left) for line in plot_lines(found, width, height))


@pytest.mark.parametrize(
    ("types", "column", "plot"),
    [
        ({"day": "DATE", "total": "DOUBLE"}, 0, Plot(0, 1)),
        ({"shop": "VARCHAR", "day": "TIMESTAMP WITH TIME ZONE", "n": "BIGINT"}, 2, Plot(1, 2)),
        ({"shop": "VARCHAR", "n": "BIGINT", "m": "BIGINT"}, 2, Plot(0, 2)),
        ({"a": "INTEGER", "b": "DECIMAL(12,2)"}, 1, Plot(0, 1)),
        ({"n": "BIGINT"}, 0, Plot(None, 0)),
        ({"shop": "VARCHAR", "list": "BIGINT[]"}, 0, None),
    ],
)
def test_a_column_of_numbers_is_plotted_over_what_says_when_else_what(
    types: dict[str, str], column: int, plot: Plot | None
) -> None:
    assert first_plot(answer(types), column) == plot


def test_every_column_of_numbers_and_every_axis_has_its_turn() -> None:
    found = answer({"shop": "VARCHAR", "n": "BIGINT", "m": "BIGINT"})
    assert next_value(found, Plot(0, 1), 1) == Plot(0, 2) and next_value(found, Plot(0, 2), 1) == Plot(0, 1)
    assert [next_axis(found, Plot(x, 1), 1).x for x in (None, 0, 2)] == [0, 2, None], "never over itself"
    assert next_value(found, Plot(1, 2), 1) == Plot(1, 2)


def test_times_are_put_in_order_and_rows_without_a_number_are_counted() -> None:
    rows = (("2026-01-03", "2.50"), ("2026-01-01", "1.50"), ("2026-01-02", None), (None, "7"), ("2026-01-04", "NaN"))
    found = points_of(answer({"day": "DATE", "total": "DECIMAL(12,2)"}, *rows), Plot(0, 1))
    assert isinstance(found, Points) and found.timed
    assert (found.ys, found.left_out) == ((1.5, 2.5), 3)
    shown = text(found)
    assert "2026-01-01" in shown and "2026-01-03" in shown and "2.50" in shown and "1.50" in shown
    assert any("\u2800" <= char <= "\u28ff" for char in shown)


def test_names_are_bars_in_the_order_of_the_rows_and_what_is_below_zero_keeps_its_sign() -> None:
    found = points_of(answer({"tier": "VARCHAR", "n": "BIGINT"}, ("gold", 40), (None, -10), ("x", None)), Plot(0, 1))
    assert found == Bars(("gold", "null"), (40.0, -10.0), 1)
    first, second = text(found).splitlines()
    assert first.startswith("gold") and first.count("█") // 4 == second.count("█") and second.endswith("-10")


def test_one_point_and_none_are_drawn_too() -> None:
    one = points_of(answer({"n": "BIGINT"}, (5,)), Plot(None, 0))
    assert "5" in text(one)
    assert "No row has a number" in text(points_of(answer({"n": "BIGINT"}), Plot(None, 0)))


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0"), (1234567.0, "1,234,567"), (0.5, "0.50"), (1.5e-7, "1.5e-07"), (2e20, "2e+20")]
)
def test_a_number_has_the_digits_that_tell_it_from_others(value: float, said: str) -> None:
    assert number(value) == said


def test_a_curve_takes_the_room_there_is_and_places_of_rows_are_whole_numbers() -> None:
    found = points_of(answer({"n": "DOUBLE"}, *((0.5 * each,) for each in range(500))), Plot(None, 0))
    shown = text(found, width=150, height=30).splitlines()
    assert len(shown) == 30 and max(map(len, shown)) == 150
    assert "125.75" not in shown[-1] and "500" in shown[-1]
