"""Following a column over snapshots, comparing two schemas, and the metadata files: what the table screen opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from threading import Event as Flag

import pytest
from scripted_client import ScriptedClient
from stage import SIZES, Stage, app_on, stage, text_of
from table_stage import MART, NEW, OLD, looking, readings
from test_tables import opened, read
from textual.pilot import Pilot

from floe_bench.errors import CatalogUnreachable, TableError
from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.table import Column
from floe_bench.tui.panes.line_list import Item, LineList
from floe_bench.tui.panes.line_view import LineView
from floe_bench.tui.screens.drift import ColumnSheet, DriftSheet
from floe_bench.tui.screens.metadata_log import MetadataSheet
from floe_bench.tui.screens.schema_diff import SchemaDiffSheet
from floe_bench.tui.screens.sheet import Sheet
from floe_bench.tui.screens.tables import TableFooter, TableScreen

Compare = Callable[..., bool]
WIDER = SchemaVersion(
    2,
    (Column(7, "churn_risk", "double", True, "probability, 0 to 1"), Column(1, "customer_id", "string", True),
     Column(2, "spend", "decimal(14, 2)", False, "net of refunds"), Column(9, "tier", "string")),
)  # fmt: skip


def title(found: Stage) -> str:
    return str(found.app.screen.query_one(".sheet").border_title)


def hint(found: Stage) -> str:
    return str(found.app.screen.query_one(".sheet").border_subtitle)


def lines(found: Stage, which: str = "LineList") -> str:
    return text_of(found.app.screen.query_one(which, LineList))


def plot(found: Stage) -> str:
    return text_of(found.app.screen.query_one("#plot", LineView))


async def followed(found: Stage, column: str = "total_spend") -> Stage:
    await opened(found)
    await found.press("p")
    await found.until(lambda: isinstance(found.app.screen, ColumnSheet))
    await found.press(*column.partition("_")[2], "enter")
    await found.until(lambda: isinstance(found.app.screen, DriftSheet))
    return found


async def whole(found: Stage) -> Stage:
    await followed(found)
    await found.until(lambda: found.app.view.drift is not None and found.app.view.drift.asked_at is None)
    await found.until(lambda: "20 snapshots" in title(found))
    return found


def showing(client: ScriptedClient, *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        found = await whole(Stage(pilot, client))
        await found.press(*keys)

    return run


# The drift of a column


@SIZES
@pytest.mark.parametrize("keys", [(), ("right", "x")], ids=["mean", "over_time"])
def test_it_looks_like_this(snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    client = looking()
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=showing(client, *keys))


@SIZES
def test_it_looks_like_this_while_snapshots_are_read(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looking()
    client.profile.held = Flag()

    async def before(pilot: Pilot[None]) -> None:
        found = await followed(Stage(pilot, client))
        await found.until(lambda: "7 of 20" in title(found))

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)


async def test_a_column_is_found_by_a_part_of_its_name_and_gone_ones_are_offered() -> None:
    client = looking()
    async with stage(client) as found:
        await opened(found)
        await found.press("left_square_bracket", "left_square_bracket")
        await read(found)
        await found.press("p")
        await found.until(lambda: "customer_id" in lines(found))
        assert "address.city" in lines(found), "what lies in a struct is followed, too"
        assert "churn_risk" in lines(found) and "not there any more" in lines(found)
        await found.press(*"risk")
        await found.until(lambda: "customer_id" not in lines(found))
        await found.press("enter")
        await found.until(lambda: isinstance(found.app.screen, DriftSheet))
        assert client.profile.asked == [(MART, "churn_risk", found.app.view.looking.snapshot_id, 20)]


def test_what_lies_in_a_list_is_offered_as_what_cannot_be_followed() -> None:
    word, city = Column(12, "tags.element.word", "string"), Column(9, "address.city", "string")
    version = SchemaVersion(0, (Column(8, "address", "struct"), city, Column(11, "tags", "list"), word))
    sheet = ColumnSheet(version.columns, (word,), {each.field_id: version.inside(each) for each in version.columns})
    lines = ["".join(span.text for span in sheet.line(Item(each.name, each), 60).left) for each in version.columns]
    assert lines[3].endswith("string  in a list, cannot be followed, not there any more")
    assert lines[1].split() == ["address.city", "string"] and lines[2].split() == ["tags", "list"]


async def test_a_field_of_a_struct_is_followed_from_the_sheet() -> None:
    client = looking()
    async with stage(client) as found:
        await opened(found)
        await found.press("p")
        await found.until(lambda: isinstance(found.app.screen, ColumnSheet))
        await found.press(*"city", "enter")
        await found.until(lambda: isinstance(found.app.screen, DriftSheet))
        assert client.profile.asked == [(MART, "address.city", found.app.view.looking.snapshot_id, 20)]


async def test_snapshots_are_seen_as_they_come_and_escape_gives_up_the_rest() -> None:
    client = looking()
    client.profile.held = Flag()
    async with stage(client) as found:
        await followed(found)
        await found.until(lambda: "7 of 20" in title(found))
        assert "esc gives it up" in hint(found) and "◆" in plot(found)
        await found.press("escape")
        await found.until(lambda: isinstance(found.app.screen, TableScreen))
        assert found.app.view.drift is None
        await found.until(lambda: client.profile.gave_up == 1)


async def test_measures_are_chosen_by_keys_and_by_mouse() -> None:
    async with stage(looking()) as found:
        await whole(found)
        assert "80.5" in plot(found), "the mean is what is plotted first"
        await found.press("left")
        await found.until(lambda: "419" in plot(found))
        await found.pilot.click("#measures", offset=(1, 0))
        await found.until(lambda: "1,900" in plot(found))


async def test_each_snapshot_says_what_it_has_and_what_is_unusual() -> None:
    async with stage(looking(), size=(140, 60)) as found:
        await whole(found)
        told = {each: line for each in ("not there yet", "written anew", "object store", "half of a write", "◆")
                for line in lines(found).splitlines() if each in line}  # fmt: skip
        assert len(told) == 5
        assert "61.5" not in told["object store"] and "! also rows" in told["◆"]
        assert "as spend" in lines(found).splitlines()[1]


async def test_enter_goes_to_the_snapshot_and_y_copies_the_command() -> None:
    client = looking()
    client.tables_read = {**client.tables_read}
    async with stage(client) as found:
        await whole(found)
        await found.press("y")
        await found.until(lambda: found.app.clipboard == f"floe-bench drift --limit 20 {MART} total_spend")
        wanted = readings()[-2].snapshot_id
        await found.press("up", "enter")
        await found.until(lambda: isinstance(found.app.screen, TableScreen))
        assert found.app.view.looking is not None and found.app.view.looking.snapshot_id == wanted


async def test_older_ones_are_asked_for_until_there_are_none() -> None:
    client = looking()
    async with stage(client) as found:
        await whole(found)
        assert "o older" in hint(found) and "of 31" in title(found)
        await found.press("o")
        await found.until(lambda: "o older" not in hint(found) and "esc back" in hint(found))
        await found.press("o")
        assert [limit for *_, limit in client.profile.asked] == [20, 60]


async def test_what_fails_as_a_whole_is_said() -> None:
    client = looking()
    client.profile.fault = CatalogUnreachable("the catalog does not answer", remedy="floe-bench doctor")
    async with stage(client) as found:
        await followed(found)
        await found.until(lambda: "the catalog does not answer" in plot(found) and "floe-bench doctor" in plot(found))


# Two schemas


def with_three(client: ScriptedClient) -> ScriptedClient:
    client.anatomy.versions = (OLD, replace(NEW, current=False), replace(WIDER, current=True))
    return client


async def compared(found: Stage) -> Stage:
    await opened(found)
    await found.press("d")
    await found.until(lambda: isinstance(found.app.screen, SchemaDiffSheet) and "→" in lines(found, "#change"))
    return found


@SIZES
def test_two_schemas_look_like_this(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = with_three(looking())

    async def before(pilot: Pilot[None]) -> None:
        await compared(Stage(pilot, client))

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)


async def test_any_two_schemas_are_compared_by_keys_and_by_mouse() -> None:
    async with stage(with_three(looking())) as found:
        await compared(found)
        first, *rest = lines(found, "#change").splitlines()
        assert first.strip() == "schema 1 → 2  1 added, 2 removed, 3 changed, 1 moved"
        assert any(line.split()[:3] == ["+", "9", "tier"] for line in rest)
        assert any("renamed from total_spend, decimal(12, 2) → decimal(14, 2)" in line for line in rest)
        await found.press("down", "down", "enter", "up")
        await found.until(lambda: "schema 0 → 1" in lines(found, "#change"))
        assert "churn_risk" in lines(found, "#change")
        await found.press("y")
        await found.until(lambda: found.app.clipboard == f"floe-bench schema {MART} --diff 0 1")
        await found.pilot.click("#versions", offset=(12, 0))
        await found.until(lambda: "schema 0 → 2" in lines(found, "#change"))
        await found.pilot.click("#versions", offset=(12, 0))
        await found.until(lambda: "schema 2 → 2" in lines(found, "#change"))
        assert "the same columns" in lines(found, "#change")


async def test_where_there_is_one_schema_only_the_key_says_so() -> None:
    client = looking()
    client.anatomy.versions = (NEW,)
    async with stage(client) as found:
        await opened(found)
        await found.press("d")
        await found.until(lambda: "it never had another schema" in text_of(
            found.app.screen.query_one(TableFooter).query_one(LineView)))  # fmt: skip


# The metadata files


@SIZES
def test_metadata_files_look_like_this(snap_compare: Compare, size: tuple[int, int]) -> None:
    client = looking()

    async def before(pilot: Pilot[None]) -> None:
        found = await opened(Stage(pilot, client))
        await found.press("m")
        await found.until(lambda: isinstance(found.app.screen, MetadataSheet) and "25 kB" in lines(found))

    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=before)


async def test_metadata_files_are_newest_first_and_enter_copies_where_one_is() -> None:
    async with stage(looking()) as found:
        await opened(found)
        await found.press("m")
        await found.until(lambda: isinstance(found.app.screen, MetadataSheet) and "25 kB" in lines(found))
        assert lines(found).count(" gone ") == 3
        assert "14 metadata files" in title(found)
        first, second, *_ = lines(found).splitlines()
        assert "v14.metadata.json" in first and "current" in first and "v13" in second and "current" not in second
        await found.press("down", "enter")
        await found.until(lambda: found.app.clipboard == "s3://w/metadata/v13.metadata.json")
        sheet = found.app.screen
        assert isinstance(sheet, Sheet) and "s3://w/metadata/v13.metadata.json" in text_of(sheet.query_one(LineView))


async def test_metadata_files_are_listed_where_nobody_says_how_large_they_are() -> None:
    client = looking()
    async with stage(client) as found:
        await opened(found)
        client.anatomy.fault = TableError("the object store does not say")
        await found.press("m")
        await found.until(lambda: isinstance(found.app.screen, MetadataSheet) and "v14" in lines(found))
        await found.until(lambda: found.app.view.notice is not None)
        assert "current" in lines(found) and "kB" not in lines(found)
