"""The table screen: its faces, its keys, and what it says when a key can do nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from threading import Event as Flag

import pytest
import shop
from scripted_client import ScriptedClient
from stage import NARROW, SIZES, Stage, app_on, stage, text_of
from table_stage import ASIDE, FIRST, MART, SECOND, THIRD, VIEW, looking, with_a_view, with_one_aside
from textual.pilot import Pilot
from textual.widgets import Input

from floe_bench.errors import CatalogUnreachable
from floe_bench.events import TablesChanged, ViewsChanged
from floe_bench.model.anatomy import Ref
from floe_bench.model.maintenance import OrphanPlan, PropertyPlan, RefPlan
from floe_bench.model.picking import PickPlan
from floe_bench.model.reshape import (
    ColumnChange,
    PartitionChange,
    PartitionPlan,
    PromotePlan,
    RenamePlan,
    SchemaPlan,
    SortPlan,
)
from floe_bench.model.table import Table, TableName
from floe_bench.model.undo import HeadMove, TableHead, TakeBack, UndoKind, UndoPlan
from floe_bench.model.view import ViewDefinition
from floe_bench.tui.looking import FILES, HEALTH, OVERVIEW, SCHEMA, TABS, VIEW_TABS, wanted
from floe_bench.tui.panes.catalog_tree import CatalogTree
from floe_bench.tui.panes.line_list import LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.panes.table_box import AboutBox, Timeline
from floe_bench.tui.screens.bench import BenchScreen
from floe_bench.tui.screens.reshape_sheets import OntoSheet, PickSheet
from floe_bench.tui.screens.table_sheets import DropSheet, PropertySheet
from floe_bench.tui.screens.tables import TableFooter, TableHeader, TableScreen
from floe_bench.tui.screens.undo import UndoScreen
from tests.fake_views import headless, in_substrait_too

Compare = Callable[..., bool]
KEYS = {"_": "underscore", ".": "full_stop"}


async def opened(found: Stage) -> Stage:
    await found.settled()
    await found.select("marts/mart_customer_360")
    await found.press("t")
    await found.until(lambda: isinstance(found.app.screen, TableScreen))
    await read(found)
    return found


async def read(found: Stage) -> None:
    def is_read() -> bool:
        view = found.app.view.looking
        want = wanted(found.app.bench_state, view)
        return want is None or (view is not None and view.look is not None and view.look.of == want)

    await found.until(is_read)


def box(found: Stage, kind: type[CatalogTree | AboutBox]) -> str:
    return text_of(found.app.screen.query_one(kind).query_one(LineList))


def line(found: Stage, kind: type[TableHeader | TableFooter | Timeline]) -> str:
    return text_of(found.app.screen.query_one(kind).query_one(LineView))


def showing(client: ScriptedClient, *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        found = await opened(Stage(pilot, client))
        for key in keys:
            await found.press(key)
            await read(found)

    return run


# The faces


@SIZES
@pytest.mark.parametrize("tab", TABS)
def test_it_looks_like_this(snap_compare: Compare, tab: str, size: tuple[int, int]) -> None:
    client = looking()
    keys = ["L"] * TABS.index(tab)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "tab", *keys))


@SIZES
@pytest.mark.parametrize("tab", VIEW_TABS)
def test_it_looks_like_this_where_it_is_a_view(snap_compare: Compare, tab: str, size: tuple[int, int]) -> None:
    client = with_a_view(looking())
    keys = ["tab", *["L"] * VIEW_TABS.index(tab)]
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "down", *keys))


@SIZES
def test_it_looks_like_this_where_a_file_of_the_past_is_gone(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looking()
    run = showing(client, "tab", *["L"] * TABS.index(HEALTH), "left_square_bracket")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=run)


async def test_health_is_that_of_the_snapshot_that_is_looked_at() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("H")
        await found.until(lambda: "9 of 9 data files under 8 MiB" in box(found, AboutBox))
        await found.press("left_square_bracket")
        await found.until(lambda: "1 of 6 files gone from the store" in box(found, AboutBox))
        assert "under 8 MiB" not in box(found, AboutBox)
        await found.press("n")
        await found.until(lambda: "9 of 9 data files under 8 MiB" in box(found, AboutBox))


def test_it_looks_like_this_in_the_catalog_of_a_narrow_terminal_with_a_view(snap_compare: Compare) -> None:
    client = with_a_view(looking())
    assert snap_compare(app_on(lambda: client), terminal_size=NARROW, run_before=showing(client, "down"))


@SIZES
def test_it_looks_like_this_with_the_bounds_of_each_file(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looking()
    keys = [*["L"] * TABS.index(FILES), "enter"]
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "tab", *keys))


@SIZES
def test_it_looks_like_this_in_the_past(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looking()
    keys = ("L", "left_square_bracket", "left_square_bracket")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, *keys))


def test_it_looks_like_this_in_the_catalog_of_a_narrow_terminal(snap_compare: Compare) -> None:
    client = looking()
    assert snap_compare(app_on(lambda: client), terminal_size=NARROW, run_before=showing(client))


@SIZES
def test_it_looks_like_this_where_nothing_was_made_yet(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = ScriptedClient(shop.empty())

    async def before(pilot: Pilot[None]) -> None:
        found = Stage(pilot, client)
        await found.settled()
        await found.press("t")
        await found.until(lambda: isinstance(found.app.screen, TableScreen))

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)


@SIZES
def test_it_looks_like_this_while_a_moment_is_read(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looking()
    client.anatomy.held = Flag()

    async def before(pilot: Pilot[None]) -> None:
        found = await opened(Stage(pilot, client))
        await found.press("tab", "left_square_bracket")
        await found.until(lambda: client.anatomy.asked[-1][2] == SECOND)

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)


@SIZES
def test_it_looks_like_this_where_the_catalog_does_not_answer(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looking()
    client.anatomy.fault = CatalogUnreachable("catalog http://127.0.0.1:1 does not answer", remedy="floe-bench doctor")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, "tab"))


# What it says


async def test_the_tree_has_namespaces_of_any_depth_with_counts_and_rows() -> None:
    async with stage(looking()) as found:
        await opened(found)
        assert [line.split() for line in box(found, CatalogTree).splitlines()] == [
            ["▸", "finance.archive", "2.0", "kB", "2"],
            ["▸", "intermediate", "1.0", "kB", "1"],
            ["▾", "marts", "1.0", "kB", "1"],
            ["›", "mart_customer_360", "500"],
            ["▸", "raw", "2.0", "kB", "2"],
            ["▸", "staging", "1.0", "kB", "1"],
        ]
        await found.press("g", "right")
        assert "ledger" in box(found, CatalogTree) and "empty" in box(found, CatalogTree)
        await found.press("left")
        assert "ledger" not in box(found, CatalogTree)


async def test_a_filter_finds_tables_in_namespaces_that_are_shut_and_escape_takes_it_away() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("slash", *"raw")
        await found.until(lambda: "raw_transactions" in box(found, CatalogTree))
        assert "marts" not in box(found, CatalogTree)
        await found.press("escape")
        await found.until(lambda: "marts" in box(found, CatalogTree))
        assert isinstance(found.app.screen, TableScreen)
        await found.press("escape")
        assert isinstance(found.app.screen, BenchScreen)


async def test_a_catalog_that_was_not_read_yet_is_not_called_empty() -> None:
    client = looking()
    client.replay = [each for each in client.replay if not isinstance(each, TablesChanged)]
    async with stage(client) as found:
        await found.settled()
        await found.press("t")
        await found.until(lambda: isinstance(found.app.screen, TableScreen))
        assert "reading what the catalog has …" in box(found, CatalogTree)
        client.tell(TablesChanged(()))
        await found.until(lambda: "The catalog has no tables yet." in box(found, CatalogTree))
        client.tell(TablesChanged(shop.tables()))
        await found.until(lambda: "marts" in box(found, CatalogTree))


async def test_tables_that_come_into_view_by_name_alone_are_said_to_be_read_first() -> None:
    client = looking()
    names = tuple(f"wide.t{number}" for number in range(5))
    unread = (Table.unread(TableName.parse(name)) for name in names)
    client.replay = [*client.replay, TablesChanged((*shop.tables(), *unread))]
    async with stage(client) as found:
        await opened(found)
        assert client.anatomy.before_eyes == []
        await found.press("slash", *"wide")
        await found.until(lambda: client.anatomy.before_eyes[-1:] == [names])


async def test_enter_shows_the_bounds_of_each_file_and_hides_them_again() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("tab", *["L"] * TABS.index(FILES))
        await read(found)
        assert "C-0001 … C-0500" not in box(found, AboutBox)
        await found.press("enter")
        await found.until(lambda: "C-0001 … C-0500  no nulls" in box(found, AboutBox))
        await found.press("enter")
        await found.until(lambda: "C-0001" not in box(found, AboutBox))


async def test_a_schema_says_what_it_changed_of_the_one_before() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("L")
        await read(found)
        history = [line.split() for line in box(found, AboutBox).splitlines() if line.startswith("  schema ")]
        assert [(line[1], line[-3:]) for line in history] == [
            ("1", ["+", "churn_risk", "double"]),
            ("0", ["12:02", "4", "columns"]),
        ]


async def test_the_past_is_said_loudly_and_everything_is_as_of_then() -> None:
    async with stage(looking()) as found:
        await opened(found)
        assert "in the past" not in line(found, TableHeader) and "▲ now" in line(found, Timeline)
        await found.press("left_square_bracket")
        await read(found)
        assert "as of …6476 13:40" in line(found, TableHeader)
        assert "in the past: nothing can be written" in line(found, TableHeader)
        assert "▲ here" in line(found, Timeline)
        assert found.client.anatomy.asked[-1] == ("table", MART, SECOND)
        await found.press("left_square_bracket", "L")
        await read(found)
        assert found.client.anatomy.asked[-1] == ("table", MART, FIRST)
        assert "churn_risk" not in box(found, AboutBox)
        await found.press("n")
        await read(found)
        assert "churn_risk" in box(found, AboutBox) and "in the past" not in line(found, TableHeader)


async def test_quick_keys_are_not_lost_while_a_moment_is_being_read() -> None:
    async with stage(looking()) as found:
        await opened(found)
        found.client.anatomy.held = Flag()
        await found.press("left_square_bracket")
        await found.until(lambda: ("table", MART, SECOND) in found.client.anatomy.asked)
        await found.press("left_square_bracket")
        found.client.anatomy.held.set()
        assert found.app.view.looking is not None and found.app.view.looking.snapshot_id == FIRST
        await read(found)
        assert "as of …5369" in line(found, TableHeader)


async def test_a_key_that_can_do_nothing_says_why() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("right_square_bracket")
        assert "later: this is now" in line(found, TableFooter)
        await found.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert "oldest snapshot that is kept" in line(found, TableFooter)
        await found.press("C")
        assert "nothing can be written; n goes back to now" in line(found, TableFooter)
        assert found.client.maintenance.done == []


async def test_a_column_that_came_later_says_since_when_it_is_there() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("tab", "L")
        risk, _ = [each for each in box(found, AboutBox).splitlines() if "churn_risk" in each]
        assert risk.endswith("added 13:40") and "probability" in risk


@pytest.mark.parametrize(("key", "asks"), [("C", "Rewrite 9 files as about 3, same rows?"), ("X", "Expire 1 snapshot")])
async def test_what_changes_a_table_is_planned_asked_about_and_only_then_done(key: str, asks: str) -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press(key)
        await found.until(lambda: asks in line(found, TableFooter))
        await found.press("escape")
        assert asks not in line(found, TableFooter) and found.client.maintenance.done == []
        await found.press(key)
        await found.until(lambda: asks in line(found, TableFooter))
        await found.press("y")
        await found.until(lambda: found.client.maintenance.done)
        assert found.client.maintenance.done[0].table == MART


async def test_a_rollback_goes_to_the_moment_that_is_looked_at_after_a_look_at_the_plan() -> None:
    client = looking()
    before, after = TableHead("uuid", THIRD, 1, 0, 0), TableHead("uuid", SECOND, 1, 0, 0)
    taken = TakeBack("marts/mart_customer_360", HeadMove(MART, before, after), 500, 497, 3, 0)
    client.undoing.plan_made = UndoPlan(UndoKind.UNDO, "everything after …6476", (taken,), together=True)
    async with stage(client) as found:
        await opened(found)
        await found.press("R")
        assert "this is now; [ goes to an earlier snapshot" in line(found, TableFooter)
        await found.press("left_square_bracket")
        await read(found)
        await found.press("R")
        await found.until(lambda: isinstance(found.app.screen, UndoScreen))
        assert client.undoing.asked == [f"{MART} to {SECOND}"] and client.undoing.applied == []
        await found.press("enter")
        await found.until(lambda: client.undoing.applied)
        assert isinstance(found.app.screen, TableScreen)


async def test_nothing_to_do_is_said_and_not_asked() -> None:
    client = looking()
    client.maintenance.idle = True
    async with stage(client) as found:
        await opened(found)
        await found.press("C")
        await found.until(lambda: "there is nothing to do" in line(found, TableFooter))
        assert found.app.view.question is None


async def test_a_table_that_was_written_to_is_read_again() -> None:
    async with stage(looking()) as found:
        await opened(found)
        before = len(found.client.anatomy.asked)
        found.client.tell(TablesChanged((shop.table(MART, 4711, 501),)))
        await found.until(lambda: len(found.client.anatomy.asked) > before)
        await read(found)
        assert box(found, CatalogTree).count("marts") == 1


async def test_what_another_table_answers_late_is_not_shown_for_this_one() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("g")
        await found.press("right", "down")
        await read(found)
        assert found.app.view.looking is not None and found.app.view.looking.table == "finance.archive.empty"
        assert "finance.archive › empty" in line(found, TableHeader)


async def test_without_an_engine_what_was_not_read_before_is_not_waited_for() -> None:
    async with stage(looking()) as found:
        await opened(found)
        found.client.go_away()
        await found.until(lambda: found.app.view.lost is not None)
        await found.press("g", "right", "down")
        await found.until(lambda: "The engine is away" in box(found, AboutBox))


async def test_what_can_be_done_about_a_tab_stands_in_its_border_in_a_narrow_terminal_too() -> None:
    async with stage(looking(), size=NARROW) as found:
        await opened(found)
        await found.press("tab")
        said = {}
        for _ in TABS:
            await read(found)
            view = found.app.view.looking
            assert view is not None
            said[view.tab] = str(found.app.screen.query_one(AboutBox).border_subtitle)
            await found.press("L")
        assert "p plot · m metadata" in said[OVERVIEW] and "p plot · d schemas · A alter" in said[SCHEMA]
        assert all("H L tab" in each for each in said.values()) and "O orphans" in said[HEALTH]
        await found.press("left_square_bracket")
        await read(found)
        assert "drop" not in str(found.app.screen.query_one(AboutBox).border_subtitle)


async def test_the_command_behind_the_screen_is_copied() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("L", "left_square_bracket", "Y")
        assert found.app.clipboard == f"floe-bench schema {MART} --at {SECOND}"


async def test_ten_thousand_tables_are_listed_without_a_hitch() -> None:
    many = tuple(shop.table(f"ns{number % 100:02}.t{number:05}", 7) for number in range(10_000))
    async with stage(looking(many)) as found:
        await found.settled()
        await found.press("t")
        await read(found)
        assert len(found.app.screen.query_one(CatalogTree).lines.items) == 200
        await found.press("slash", *"t09999")
        await found.until(lambda: box(found, CatalogTree).split() == ["▾", "ns99", "1.0", "kB", "1", "t09999", "500"])


# Names, properties, orphans


async def agreed(found: Stage, *keys: str) -> object:
    """What was carried out after these keys and a yes."""
    await found.press(*keys)
    await found.until(lambda: found.app.view.question is not None)
    await found.press("y")
    await found.until(lambda: found.client.maintenance.done)
    return found.client.maintenance.done.pop()


async def test_the_snapshot_that_is_looked_at_gets_a_tag_or_a_branch_and_loses_it_again() -> None:
    async with stage(looking()) as found:
        await opened(found)
        plan = await agreed(found, "T", *"month", "enter")
        assert plan == RefPlan(MART, "uuid", "month", "tag", None, THIRD)
        found.app.explorer.change(snapshot_id=FIRST)
        await read(found)
        plan = await agreed(found, "B", *"fix", "enter")
        assert plan == RefPlan(MART, "uuid", "fix", "branch", None, FIRST)
        plan = await agreed(found, "T", "down", "enter")
        assert plan == RefPlan(MART, "uuid", "audit", "tag", FIRST, None)


async def test_a_name_is_not_given_without_one_and_not_twice() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("T", "enter")
        assert isinstance(found.app.screen, TableScreen) and found.app.view.question is None
        found.app.explorer.change(snapshot_id=FIRST)
        await read(found)
        await found.press("T", *"audit", "enter")
        await found.until(lambda: found.app.view.notice is not None and "nothing to do" in found.app.view.notice.text)


async def test_a_property_is_set_changed_and_taken_away() -> None:
    async with stage(looking()) as found:
        await opened(found)
        plan = await agreed(found, "P", *"a=b", "enter")
        assert plan == PropertyPlan(MART, "uuid", {}, {"a": "b"})
        await found.press("P", "down", "enter")
        await found.until(lambda: isinstance(found.app.screen, PropertySheet))
        plan = await agreed(found, "x", "enter")
        before = "One row per customer."
        assert plan == PropertyPlan(MART, "uuid", {"comment": before}, {"comment": f"{before}x"})
        plan = await agreed(found, "P", *"comment=", "enter")
        assert plan == PropertyPlan(MART, "uuid", {"comment": before}, {})


async def test_orphans_go_after_a_question_and_not_from_the_past() -> None:
    async with stage(looking()) as found:
        await opened(found)
        plan = await agreed(found, "O")
        assert isinstance(plan, OrphanPlan) and len(plan.orphans) == 1
        found.app.explorer.change(snapshot_id=FIRST)
        await read(found)
        await found.press("O")
        assert found.app.view.question is None and found.client.maintenance.done == []


# What a table is


async def reshaped(found: Stage, key: str, *typed: str) -> object:
    """What was carried out after the key, what was typed, and a yes."""
    await found.press(key, *typed)
    await found.until(lambda: found.app.view.question is not None)
    await found.press("y")
    done = found.client.picking.done if key == "K" else found.client.reshaping.done
    await found.until(lambda: done)
    return done.pop()


async def test_a_view_stands_in_the_tree_with_a_word_of_its_own_and_is_found_by_the_filter() -> None:
    async with stage(with_a_view(looking())) as found:
        await opened(found)
        assert "≡ spend_by_customer" in box(found, CatalogTree)
        assert next(row for row in box(found, CatalogTree).splitlines() if "spend_by" in row).rstrip().endswith("view")
        await found.press("slash", *(KEYS.get(key, key) for key in "by_customer"))
        await found.until(lambda: "mart_customer_360" not in box(found, CatalogTree))
        assert "≡ spend_by_customer" in box(found, CatalogTree)


async def test_a_view_is_told_of_in_its_own_tabs_and_goes_back_to_those_of_a_table() -> None:
    async with stage(with_a_view(looking())) as found:
        await opened(found)
        await found.press("H")
        await read(found)
        await found.press("down")
        await found.until(lambda: found.app.view.looking.table == VIEW)
        await read(found)
        assert "a query under a name" in box(found, AboutBox), "a view has no health: it is told what it is"
        assert "a view has no snapshots" in line(found, Timeline)
        await found.press("L", "L")
        await found.until(lambda: "sum(amount) as total_spend" in box(found, AboutBox))
        await found.press("up")
        await found.until(lambda: found.app.view.looking.table == MART)
        await read(found)
        assert "live, deletes subtracted" in box(found, AboutBox)


@pytest.mark.parametrize(
    ("odd", "overview", "schema", "sql"),
    [
        (in_substrait_too, "spark, a dialect that is not named  and substrait", "total_spend", "substrait  is no SQL"),
        (headless, "✗ version 7, the current one", "✗ version 7, the current one", "✗ version 7, the current one"),
    ],
    ids=["no SQL", "no current version"],
)
async def test_a_view_whose_metadata_is_odd_shows_what_can_be_shown(
    odd: Callable[[str], ViewDefinition], overview: str, schema: str, sql: str
) -> None:
    client = with_a_view(looking())
    client.views.known[VIEW] = odd(VIEW)
    async with stage(client) as found:
        await opened(found)
        await found.press("down")
        await found.until(lambda: found.app.view.looking.table == VIEW)
        await read(found)
        assert overview in box(found, AboutBox) and "s3://warehouse" in box(found, AboutBox)
        await found.press("L")
        await found.until(lambda: schema in box(found, AboutBox) and "schema 1" in box(found, AboutBox))
        await found.press("L")
        await found.until(lambda: sql in box(found, AboutBox))
        await found.press("L")
        await found.until(lambda: "spark 3.5.1" in box(found, AboutBox))


@pytest.mark.parametrize(
    "key", ["R", "C", "X", "O", "T", "B", "P", "W", "A", "M", "K", "N", "D", "left_square_bracket"]
)
async def test_what_cannot_be_done_to_a_view_says_that_it_is_one(key: str) -> None:
    async with stage(with_a_view(looking())) as found:
        await opened(found)
        await found.press("down")
        await found.until(lambda: found.app.view.looking.table == VIEW)
        await read(found)
        await found.press(key)
        await found.until(lambda: "this is a view: it has no rows" in line(found, TableFooter))
        assert isinstance(found.app.screen, TableScreen)


async def test_a_view_that_is_dropped_leaves_the_tree() -> None:
    async with stage(with_a_view(looking())) as found:
        await opened(found)
        found.client.tell(ViewsChanged(()))
        await found.until(lambda: "spend_by_customer" not in box(found, CatalogTree))


async def test_columns_and_partitioning_change_as_they_are_typed() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("A", *"add note:string", "enter")
        await found.until(lambda: "add note string?" in line(found, TableFooter))
        assert "makes this table" in line(found, TableFooter) and found.client.reshaping.done == []
        await found.press("escape")
        plan = await reshaped(found, "A", *"widen spend:double", "enter")
        assert isinstance(plan, SchemaPlan) and plan.changes == (ColumnChange("widen", "spend", "double"),)
        plan = await reshaped(found, "A", *"partition day(seen)", "enter")
        assert isinstance(plan, PartitionPlan) and plan.changes == (PartitionChange("add", "day(seen)"),)
        plan = await reshaped(found, "A", *"sort spend desc, bucket(4, id)", "enter")
        assert isinstance(plan, SortPlan) and plan.fields == ("spend desc", "bucket(4, id)")
        plan = await reshaped(found, "A", *"schema 0", "enter")
        assert isinstance(plan, SchemaPlan) and plan.schema_id == 0
        await found.press("A", *"explode it", "enter")
        await found.until(lambda: "is no change" in line(found, TableFooter))
        assert found.app.view.question is None


async def test_a_column_is_taken_from_the_list_to_be_renamed() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("A", "down", "enter")
        await found.until(lambda: "rename " in found.app.screen.query_one(Input).value)
        plan = await reshaped(found, "x", "enter")
        assert isinstance(plan, SchemaPlan) and plan.changes == (ColumnChange("rename", "customer_id", "x"),)


async def test_manifest_files_are_rewritten_after_a_question() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("W")
        await found.until(lambda: "Write 40 manifest files anew as 1" in line(found, TableFooter))
        await found.press("y")
        await found.until(lambda: found.client.maintenance.done)


async def test_a_new_name_is_asked_about_with_who_would_miss_the_old_one() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("N", "2", "enter")
        await found.until(lambda: f"Rename to {MART}2?" in line(found, TableFooter))
        assert "marts/churn" in line(found, TableFooter)
        await found.press("y")
        await found.until(lambda: found.client.reshaping.done)
        assert found.client.reshaping.done == [
            RenamePlan(MART, "uuid", f"{MART}2", found.client.reshaping.done[0].notes)
        ]


async def test_a_table_is_dropped_only_when_its_name_was_typed() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("D")
        await found.until(lambda: isinstance(found.app.screen, DropSheet))
        told = text_of(found.app.screen.query_one(LineList))
        assert "3 snapshots, 500 rows" in told and "named audit" in told and "read by marts/churn" in told
        await found.press("y", "enter")
        await found.until(lambda: "nothing was dropped" in line(found, TableFooter))
        await found.press("D")
        await found.until(lambda: isinstance(found.app.screen, DropSheet))
        await found.press("escape")
        assert isinstance(found.app.screen, TableScreen) and found.client.reshaping.done == []
        await found.press("D")
        await found.until(lambda: isinstance(found.app.screen, DropSheet))
        await found.press(*(KEYS.get(each, each) for each in MART), "enter")
        await found.until(lambda: found.client.reshaping.done)


async def test_main_goes_forward_to_what_is_chosen() -> None:
    async with stage(looking()) as found:
        await opened(found)
        plan = await reshaped(found, "M", "enter")
        assert isinstance(plan, PromotePlan) and plan.ref == "audit"


async def test_a_snapshot_that_is_not_on_the_main_line_is_picked() -> None:
    async with stage(with_one_aside(looking())) as found:
        await opened(found)
        plan = await reshaped(found, "K", "enter")
        assert isinstance(plan, PickPlan) and (plan.snapshot_id, plan.onto) == (ASIDE, "main")
        await found.press("K", *"nobody", "enter")
        await found.until(lambda: "nobody" in line(found, TableFooter))
        assert found.app.view.question is None


async def test_where_there_are_branches_the_one_that_gets_it_is_chosen_first() -> None:
    client = with_one_aside(looking())
    *line_of_main, beside = client.tables_read[MART]
    client.tables_read = {**client.tables_read, MART: (*line_of_main, replace(beside, refs=("side",)))}
    client.anatomy.branches = (Ref("side", "branch", ASIDE),)
    async with stage(client) as found:
        await opened(found)
        await found.press("K")
        await found.until(lambda: isinstance(found.app.screen, OntoSheet))
        told = text_of(found.app.screen.query_one(LineList))
        assert "main" in told and "1 snapshot that it has not got" in told and "2 snapshots" in told
        await found.press("down", "down", "enter")
        await found.until(lambda: isinstance(found.app.screen, PickSheet))
        await found.press("enter")
        await found.until(lambda: found.app.view.question is not None)
        await found.press("y")
        await found.until(lambda: found.client.picking.done)
        plan = found.client.picking.done.pop()
        assert isinstance(plan, PickPlan) and (plan.snapshot_id, plan.onto) == (THIRD, "side")


@pytest.mark.parametrize("key", "AWNDMK")
async def test_in_the_past_a_table_is_not_changed(key: str) -> None:
    async with stage(with_one_aside(looking())) as found:
        await opened(found)
        await found.press("left_square_bracket")
        await read(found)
        await found.press(key)
        assert "in the past nothing can be written" in line(found, TableFooter)


async def test_where_there_is_nothing_to_pick_the_key_says_so() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("K")
        assert "every snapshot that is kept is on the main line" in line(found, TableFooter)


@SIZES
@pytest.mark.parametrize("key", "AMKD")
def test_what_is_asked_looks_like_this(snap_compare: Compare, key: str, size: tuple[int, int]) -> None:
    client = with_one_aside(looking())

    async def before(pilot: Pilot[None]) -> None:
        found = await opened(Stage(pilot, client))
        await found.press(key)
        await found.until(lambda: not isinstance(found.app.screen, TableScreen))

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)
