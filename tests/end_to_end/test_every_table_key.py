"""Every key of the table screen, in a terminal over a real project: what it says and what the catalog then has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.engine.client import EngineClient
from floe_bench.model.run import RunRequest
from floe_bench.tui.table_actions import TABLE_ACTIONS
from tests.contracts.workbench import eventually
from tests.end_to_end.screen import app
from tests.end_to_end.walk import (
    ENTER,
    ESC,
    Walk,
    a_shop,
    both,
    cursor_on,
    engine_of,
    gone,
    shows,
    so,
    under_cursor,
)

VISITS = "shop.visits"
# One small file a run.
MODEL = "{{ config(materialized='incremental') }} select {{ var('rows') }} as visit_id\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with a_shop(tmp_path, monkeypatch, **{"models/visits.sql": MODEL}) as root:
        yield root


@pytest.mark.timeout(900)
def test_every_key_of_the_table_screen_does_what_it_says(project: Path) -> None:
    with engine_of(project) as engine:
        for day in range(4):
            run(engine, "visits" if day else "visits raw_customers", f"{{rows: {day}}}")
        line = engine.snapshots(VISITS)
        assert [each.total_records for each in line] == [1, 2, 3, 4]
        with app(project) as screen:
            walk = Walk(screen, TABLE_ACTIONS)
            screen.until(lambda text: "visits" in text and "4 runs" in text, "the runs are shown")
            walk.type("t", shows("Timeline", "2 tables"), "the tables")
            _catalog(walk)
            _tabs(walk)
            ids = [each.snapshot_id for each in line]
            _moments(walk, ids)
            _commands(walk, ids)
            _sheets(walk)
            _looking_again(walk, engine)
            _upkeep(walk, engine, ids)
            walk.key("sql", shows(f"select * from {VISITS}", "reads only"))
            walk.type(ESC, both(gone("reads only"), shows("Timeline")), "back to the table")
            walk.key("leave", shows("2 Materializations"))
            walk.type("t", shows("Timeline"), "the tables again")
            walk.key("leave", shows("2 Materializations"), nth=1)
    assert walk.not_pressed == set()


def run(engine: EngineClient, select: str, variables: str) -> None:
    run_id = engine.submit(RunRequest(select, variables=variables))
    assert eventually(lambda: engine.run(run_id).status.over)


def main_of(engine: EngineClient) -> int:
    return next(each.snapshot_id for each in engine.snapshots(VISITS) if "main" in each.refs)


def short(snapshot_id: int) -> str:
    return f"as of …{snapshot_id % 10_000:04d}"


def commits(text: str) -> int:
    """How many the timeline has."""
    return max(line.count("+") for line in text.splitlines()[1:9])


def _catalog(walk: Walk) -> None:
    walk.key("filter", shows("words"))
    walk.type("visi", shows("1 of 2 tables"), "words")
    walk.type(ENTER, both(shows("1 of 2 tables"), lambda before, now: under_cursor(now)), "done")
    walk.key("leave", both(gone("1 of 2 tables"), shows("2 tables")))
    walk.type("G", both(cursor_on("visits"), shows("› visits")), "the last table")
    walk.key("next_box", lambda before, now: not under_cursor(now))
    walk.key("previous_box", cursor_on("visits"))


def _tabs(walk: Walk) -> None:
    walk.key("next_tab", shows("visit_id", "int"))
    walk.key("next_tab", shows("distinct"), nth=1)
    walk.key("previous_tab", both(gone("distinct"), shows("visit_id")))
    walk.key("previous_tab", shows("format", "Iceberg v2", "4 data files"))


def _moments(walk: Walk, ids: list[int]) -> None:
    walk.key("later", shows("later: this is now"))
    walk.key("earlier", shows(short(ids[2]), "in the past", "3 data files"))
    walk.key("earlier", shows(short(ids[1]), "2 data files"))
    walk.key("compact", shows("compact: in the past nothing can be written"))
    walk.key("later", shows(short(ids[2]), "3 data files"))
    walk.key("now", both(shows(short(ids[3]), "4 data files"), gone("in the past")))


def _commands(walk: Walk, ids: list[int]) -> None:
    screen = walk.screen
    walk.key("copy", so(lambda: screen.clipboard == f"floe-bench table {VISITS}"))
    walk.key("earlier", shows(short(ids[2]), "3 data files"))
    walk.key("help", shows("enter does it", "The snapshot before, on the main line."))
    walk.type(ESC, gone("enter does it"), "out of the help")
    walk.key("help", shows("enter does it"), nth=1)
    walk.type("/", shows("words, or a key"), "the search")
    walk.type("copy the command" + ENTER, shows(f"1 of {len(TABLE_ACTIONS)}"), "one key")
    at = f"floe-bench table {VISITS} --at {ids[2]}"
    walk.type(ENTER, both(gone("enter does it"), so(lambda: screen.clipboard == at)), "what the key does")
    # Read again as of now: until then the sheets are not there.
    walk.key("now", both(shows("4 data files"), gone("in the past")))


def _sheets(walk: Walk) -> None:
    walk.key("drift", shows("Follow a column over snapshots", "visit_id"))
    walk.type(ENTER, shows("visit_id of shop.visits", "4 snapshots, oldest left"), "the column")
    walk.type(ESC, gone("oldest left"), "out of the plot")
    walk.key("schemas", shows("schemas: it never had another schema"))
    walk.key("metadata", shows("metadata files of shop.visits", "current"))
    walk.type(ESC, gone("metadata files of"), "out of the metadata files")


def _looking_again(walk: Walk, engine: EngineClient) -> None:
    """A property changes no snapshot: the screen has no reason to look by itself."""
    walk.key("previous_tab", shows("readable"))
    walk.key("previous_tab", both(gone("readable"), shows("schema.name-mapping.default")))
    engine.maintenance.set_properties(engine.maintenance.plan_properties(VISITS, {"owner.of.it": "the walk"}))
    walk.key("look_again", shows("owner.of.it", "the walk"))


def _upkeep(walk: Walk, engine: EngineClient, ids: list[int]) -> None:
    # A branch that goes on from where main will be; the rollback makes the screen look again.
    engine.maintenance.set_ref(engine.maintenance.plan_ref(VISITS, "ahead", "branch", ids[3]))
    walk.key("rollback", shows("roll back: this is now"))
    walk.key("earlier", shows(short(ids[2])))
    walk.key("rollback", shows("Undo: 1 table", f"after snapshot {ids[2]}", "4 → 3"))
    back = both(gone("4 → 3", "in the past"), lambda before, now: commits(now) == 3)
    walk.type(ENTER, back, "rolled back, and read again")
    assert main_of(engine) == ids[2]

    _forward(walk, engine, ids)
    walk.key("rewrite_manifests", shows("Write 3 manifest files anew as 1"))
    walk.type(ESC, gone("anew as 1"), "no")
    walk.key("compact", shows("Rewrite 3 files as about 1, same rows?"))
    walk.type("y", shows("3 files → 1, the same 3 rows"), "yes")
    assert engine.anatomy.table(VISITS).totals.data_files == 1
    assert sorted(engine.rows(VISITS).rows) == [(0,), (1,), (2,)]

    engine.maintenance.set_properties(
        engine.maintenance.plan_properties(VISITS, {"history.expire.max-snapshot-age-ms": "1"})
    )
    _names(walk, engine)
    walk.key("expire", shows("Expire 3 snapshots for good", "3 files of metadata", "2 stay"))
    walk.type(ESC, gone("for good"), "no")
    assert len(engine.snapshots(VISITS)) == 5
    walk.key("expire", shows("Expire 3 snapshots for good"))
    walk.type("y", shows("3 snapshots expired"), "yes")
    # What was rolled back stays: it can be brought forward again.
    assert {each.snapshot_id for each in engine.snapshots(VISITS)} == {ids[3], main_of(engine)}
    _reshaping(walk, engine)


def _names(walk: Walk, engine: EngineClient) -> None:
    """Given and taken back, so that what comes after finds the table as it was."""
    for action in ("tag", "branch"):
        walk.key(action, shows(f"{action.capitalize()} at", "a name"))
        walk.type("mine" + ENTER, shows(f"Make {action} mine"), "a name")
        walk.type("y", shows(f"{action} mine set"), "yes")
        assert any("mine" in each.refs for each in engine.snapshots(VISITS))
        walk.screen.shows("│ mine ")  # in the timeline, without being asked to look
        walk.key(action, shows("enter removes one"))
        walk.type("\x1b[B" + ENTER, shows(f"Remove {action} mine?"), "the one")
        walk.type("y", both(shows(f"{action} mine removed"), gone("│ mine ")), "yes")
        assert not any("mine" in each.refs for each in engine.snapshots(VISITS))
    walk.key("property", shows("key=value"))
    walk.type("owner.of.it=nobody" + ENTER, shows("owner.of.it: the walk → nobody"), "a property")
    walk.type("y", shows("owner.of.it changed"), "yes")
    assert engine.anatomy.table(VISITS).properties["owner.of.it"] == "nobody"
    walk.key("orphans", shows("there is nothing to do"))


def _forward(walk: Walk, engine: EngineClient, ids: list[int]) -> None:
    """The newest snapshot was rolled back: main may get it again."""
    walk.key("pick", shows("Cherry-pick onto", "1 snapshot that it has not got", "ahead"))
    walk.type(ENTER, shows("Add to main what a snapshot brought", "append", "ahead"), "main")
    walk.type(ENTER, shows("Move main forward to", "append of 1 row?"), "the one that there is")
    walk.type(ESC, gone("append of 1 row?"), "no")
    walk.key("promote", shows("Move main forward", "branch or tag"))
    walk.type(ENTER, shows("Move main forward to ahead, with 1 snapshot more?"), "the branch")
    walk.type(ESC, gone("1 snapshot more?"), "no")
    engine.maintenance.set_ref(engine.maintenance.plan_ref(VISITS, "ahead", "branch"))
    assert main_of(engine) == ids[2]


def _reshaping(walk: Walk, engine: EngineClient) -> None:
    walk.key("alter", shows("Alter", "visit_id"))
    walk.type("add note:string" + ENTER, shows("add note string?"), "a column")
    walk.type("y", shows("columns changed; schema 0 goes back"), "yes")
    (now,) = [each for each in engine.anatomy.schemas(VISITS) if each.current]
    assert [each.name for each in now.columns] == ["visit_id", "note"]
    walk.type("L", shows("readable"), "health")
    walk.type("L", shows("2 schemas in all"), "the overview, read again")
    walk.key("schemas", shows("Schemas of shop.visits", "schema 0 → 1", "+    2  note"))
    walk.type(ESC, gone("Schemas of"), "out of the schemas")
    walk.key("rename", shows("Rename", "who would miss it"))
    walk.type("2" + ENTER, shows(f"Rename to {VISITS}2?"), "another name")
    walk.type(ESC, gone(f"Rename to {VISITS}2?"), "no")
    walk.key("drop", shows(f"Drop {VISITS}", "lost for good: 2 snapshots"))
    walk.type("nonsense" + ENTER, shows("nothing was dropped"), "another name")
    assert engine.snapshots(VISITS)
