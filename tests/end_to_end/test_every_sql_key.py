"""Every key of the SQL screen, in a terminal over a real project: what it says and what the catalog then has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.engine.client import EngineClient
from floe_bench.model.run import RunRequest
from floe_bench.tui.sql_actions import SQL_ACTIONS
from tests.contracts.workbench import eventually
from tests.end_to_end.screen import app
from tests.end_to_end.walk import ENTER, ESC, TAB, Walk, a_shop, both, engine_of, gone, shows, so

RAW = "raw.raw_orders"
LONG = "select count(*) from range(100000000) a, range(100000) b where hash(a.range + b.range) = 1"
CLEAR = "\x05\x15"
"""To the end of the line, and all before it away."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with a_shop(tmp_path, monkeypatch) as root:
        yield root


@pytest.mark.timeout(900)
def test_every_key_of_the_sql_screen_does_what_it_says(project: Path) -> None:
    with engine_of(project) as engine:
        run_id = engine.submit(RunRequest("raw_orders"))
        assert eventually(lambda: engine.run(run_id).status.over)
        table = next(each.table for each in engine.tables() if each.table.endswith("raw_orders"))
        with app(project) as screen:
            walk = Walk(screen, SQL_ACTIONS)
            screen.until(lambda text: "raw_orders" in text and "1 run" in text, "the run is shown")
            walk.type("Q", shows("reads only", "No result yet"), "the screen")
            _running(walk, table)
            _boxes(walk, table)
            _the_past(walk, engine, table)
            _writing(walk, engine, table)
            _words(walk, project, table)
            walk.key("leave", shows("2 Materializations"))
    assert walk.not_pressed == set()


def typed(walk: Walk, sql: str) -> None:
    walk.type(CLEAR + sql, shows(sql), "a statement")


def _running(walk: Walk, table: str) -> None:
    typed(walk, f"select count(*) as n from {table} ")
    walk.key("run", shows("n BIGINT", "1 row"))
    walk.key("explain", shows("ms  in all"))
    typed(walk, "select 42 as answer ")
    walk.key("run", shows("answer INTEGER", "42"), nth=1)
    walk.key("previous_result", both(shows("ms  in all"), gone("answer INTEGER")))
    walk.key("next_result", shows("answer INTEGER"))
    typed(walk, LONG)
    walk.key("run", shows("running", "esc  ends it"))
    walk.key("leave", shows("It was ended before it was done"))


def _boxes(walk: Walk, table: str) -> None:
    screen = walk.screen
    typed(walk, f"select * from {table} where amoun")
    walk.screen.shows("tab  amount")
    walk.key("next_box", shows("where amount"))
    walk.type(" > 5 ", shows("amount > 5 "), "the rest")
    walk.key("run", shows("order_id INTEGER", "2 rows"))
    walk.type(TAB, lambda before, now: "›" in now, "the rows")
    walk.key("plot", shows("order_id over the order of the rows"))
    walk.type(ESC, gone("over the order of the rows"), "out of the plot")
    walk.key("copy", so(lambda: screen.clipboard == f"floe-bench query 'select * from {table} where amount > 5 '"))
    walk.key("previous_result", shows("It was ended"), nth=1)
    walk.key("next_result", shows("order_id INTEGER"), nth=1)
    walk.key("close_result", both(gone("order_id INTEGER"), shows("It was ended")))
    walk.key("previous_box", lambda before, now: "›" not in now)


def _the_past(walk: Walk, engine: EngineClient, table: str) -> None:
    snapshot = str(engine.snapshots(table)[0].snapshot_id)
    walk.key("moment", shows("Every table as of", "now   as every table is"))
    walk.type(snapshot + ENTER, shows(f"as of {snapshot}", "nothing can be written"), "a snapshot")
    walk.key("lock", shows("in the past nothing can be written"))
    walk.key("run", shows(f"as of {snapshot}", "order_id INTEGER"))
    walk.key("moment", shows("Every table as of", "now   as every table is"))
    walk.type("\x1b[B\x1b[A" + ENTER, shows("every table as of now"), "now")


def _writing(walk: Walk, engine: EngineClient, table: str) -> None:
    before = engine.snapshots(table)[-1].snapshot_id
    walk.key("lock", shows("statements can change rows"))
    typed(walk, f"delete from {table} where amount > 5 ")
    walk.key("run", shows("Run it?"))
    walk.type("y", shows("takes it back", "Count BIGINT"), "yes")
    assert engine.query(f"select count(*) from {table}").rows == ((1,),)
    walk.type(TAB, lambda before, now: "›" in now, "the result")
    walk.key("undo", shows("Undo: 1 table", "written on the SQL screen"))
    walk.type(ENTER, both(gone("Undo: 1 table", "esc back"), shows("taken back; ^r")), "the plan")
    assert eventually(lambda: engine.query(f"select count(*) from {table}").rows == ((3,),))
    assert engine.tables()[0].snapshot_id == before
    walk.key("previous_box", lambda before, now: "›" not in now)
    walk.key("lock", shows("reads only"))


def _words(walk: Walk, project: Path, table: str) -> None:
    walk.key("history", shows("Asked before", "answer", "count(*) as n"))
    walk.type("answer" + ENTER, both(gone("Asked before"), shows("select 42 as answer")), "the one")
    walk.key("run", shows("answer INTEGER"))
    file = project / "rows.json"
    walk.key("export", shows("Write all rows to"))
    walk.type("\x15" + str(file) + ENTER, both(gone("Write all rows to"), so(file.exists)), "the file")
    assert eventually(lambda: file.read_text().split() == ["[", '{"answer":42}', "]"])
    walk.screen.shows("rows.json")
    walk.key("save_model", shows("Save as dbt model", "in models"))
    walk.type("answers" + ENTER, shows("New file models/answers.sql", "select 42 as answer"), "its name")
    walk.type(ENTER, shows("models/answers.sql is asset shop/answers"), "the file")
    assert (project / "models" / "answers.sql").read_text() == "select 42 as answer\n"
    walk.key("help", shows("enter does it", "Run what is selected"))
    walk.type(ESC, gone("enter does it"), "out of the help")
