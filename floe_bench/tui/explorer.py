"""What each action of the table screen does, and reading what it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.model.command import to_type
from floe_bench.tui.asking import quoted
from floe_bench.tui.drifting import DRIFT, Drifting
from floe_bench.tui.later import later
from floe_bench.tui.looking import (
    BOXES,
    CATALOG,
    FILES,
    HEALTH,
    PARTITIONS,
    PROFILE,
    SCHEMA,
    SNAPSHOTS,
    VIEW,
    LookOf,
    MetadataLook,
    TableLook,
    TableView,
    line_in_view,
    listed_unread,
    look_in_view,
    moved,
    tab_in_view,
    tabs_of,
    wanted,
)
from floe_bench.tui.reshaping import Reshaping
from floe_bench.tui.table_actions import TABLE_ACTIONS, TABLE_BY_NAME, not_from
from floe_bench.tui.taking_back import PLAN
from floe_bench.tui.upkeep import UPKEEP, Upkeep
from floe_bench.tui.upkeep_words import ALTER, NAME, SET
from floe_bench.tui.view import Link, Trouble

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp

LOOK, METADATA = "look", "metadata"
"""Keys of the numbered reads."""
_FILES = 200
_SETTLE_S = 0.08
_COMMANDS: dict[str, tuple[str, ...]] = {
    SCHEMA: ("schema",),
    PROFILE: ("profile",),
    SNAPSHOTS: ("snapshots",),
    FILES: ("files",),
    PARTITIONS: ("files", "--partitions"),
    HEALTH: ("health",),
}


class Explorer:
    """The one writer of ``view.looking``, and the ``TableDoer``."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._waits = False
        self._upkeep = Upkeep(app)
        self.reshape = Reshaping(app, self._upkeep)
        self.drift = Drifting(app)

    def begin(self) -> None:
        """At the table that the bench shows, else at the first there is; at a view where there are no tables."""
        from floe_bench.tui.screens.tables import TableScreen

        state, table = self._app.bench_state, self._app.view.table
        tables = state.tables or {}
        if table not in tables:
            table = next(iter(sorted(tables) or sorted(state.views)), None)
        known = tables.get(table or "") or state.views.get(table or "")
        opened = frozenset({known.namespace}) if known else frozenset()
        self._app.look(looking=TableView(table=table, snapshot_id=self._then(table), open=opened))
        self._tell_seen()
        if not isinstance(self._app.screen, TableScreen):
            self._app.push_screen(TableScreen())

    def change(self, **changed: object) -> None:
        """Fields of ``TableView``, as a part of the screen says."""
        looking = self._app.view.looking
        if looking is None:
            return
        if "table" in changed and changed.get("snapshot_id") is None:
            changed["snapshot_id"] = self._then(str(changed["table"]))
        self._app.look(looking=replace(looking, **changed))  # type: ignore[arg-type]
        if "open" in changed or "filter" in changed:
            self._tell_seen()

    def _tell_seen(self) -> None:
        """Of a large catalog much is known by name alone at first: what the tree lists comes before the rest."""
        names = listed_unread(self._app.bench_state, self._app.view.looking)
        if names:
            self._app.bridge.tell(lambda client: client.anatomy.seen(names))

    def _then(self, table: str | None) -> int | None:
        """The snapshot that the bench shows; None where that is the one of now."""
        known = (self._app.bench_state.tables or {}).get(table or "")
        return known.snapshot_id if known is not None and self._app.view.as_of is not None else None

    # What it looks at

    def follow(self) -> None:
        """Read what is wanted now; what is on its way for something else is given up."""
        looking = self._app.view.looking
        want = wanted(self._app.bench_state, looking)
        if looking is None or want is None or (looking.look is not None and looking.look.of == want):
            return
        if self._waits or self._app.view.link is not Link.LIVE:
            return
        self._waits = True
        later(self._app, _SETTLE_S, self._read)

    def _read(self) -> None:
        self._waits = False
        looking = self._app.view.looking
        want = wanted(self._app.bench_state, looking)
        if want is not None and looking is not None:
            self._app.bridge.inspect(LOOK, lambda client, cancelled: _look(client, want, cancelled))

    def take(self, answer: object) -> None:
        looking = self._app.view.looking
        want = wanted(self._app.bench_state, looking)
        if looking is None or want is None:
            return
        if isinstance(answer, Trouble):
            answer = TableLook(want, fault=answer.message, remedy=answer.remedy)
        if isinstance(answer, TableLook):
            # After a rollback the snapshot that was looked at is the current one.
            here = answer.anatomy is not None and answer.anatomy.current and self._app.view.as_of is None
            self._app.look(looking=replace(looking, look=answer, snapshot_id=None if here else looking.snapshot_id))

    # On the table screen

    def perform(self, name: str) -> None:
        question, looking = self._app.view.question, self._app.view.looking
        if question is not None:
            self._app.look(question=None)
            if name in (question.action, "yes"):
                self._upkeep.carry_out()
            return
        if name == "yes":
            return
        action = TABLE_BY_NAME[name]
        reason = not_from(self._app.view, action) or action.disabled_reason(self._app.bench_state, looking)
        if reason:
            self._app.say(f"{action.label}: {reason}", "warn")
        else:
            action.do(self)

    def move(self, by: int) -> None:
        looking = self._app.view.looking
        if looking is not None:
            there, then = moved(looking, by), self._then(looking.table)
            line = [each.snapshot_id for each in line_in_view(looking)]
            beyond = then in line and (there is None or line.index(there) > line.index(then or 0))
            self.change(snapshot_id=then if beyond else there)

    def go(self, snapshot_id: int) -> None:
        """To a snapshot; to now where that is the current one."""
        looking = self._app.view.looking
        known = (self._app.bench_state.tables or {}).get(looking.table or "" if looking is not None else "")
        current = known is not None and known.snapshot_id == snapshot_id
        self.change(snapshot_id=self._then(known.table) if current and known is not None else snapshot_id)

    def to_now(self) -> None:
        """Or to the moment that the bench is shown as of."""
        looking = self._app.view.looking
        self.change(snapshot_id=self._then(looking.table if looking is not None else None))

    def step_tab(self, by: int) -> None:
        looking = self._app.view.looking
        if looking is not None:
            tabs = tabs_of(self._app.bench_state, looking)
            here = tab_in_view(self._app.bench_state, looking)
            self.change(tab=tabs[(tabs.index(here) + by) % len(tabs)])

    def step_box(self, by: int) -> None:
        looking = self._app.view.looking
        if looking is not None:
            self.change(box=BOXES[(BOXES.index(looking.box) + by) % len(BOXES)], filtering=False)

    def start_filter(self) -> None:
        self.change(box=CATALOG, filtering=True)

    def copy(self) -> None:
        looking = self._app.view.looking
        if looking is None or looking.table is None:
            return
        tab = tab_in_view(self._app.bench_state, looking)
        word, *options = _COMMANDS.get(tab, ("table",))
        if tab == FILES and looking.bounds:
            options = ["--bounds"]
        scoped = tab not in (SNAPSHOTS, HEALTH) and looking.snapshot_id is not None
        at = ("--at", looking.snapshot_id) if scoped else ()
        self._app.copy_to_clipboard(to_type(word, looking.table, *options, *at))
        self._app.say("copied the command that shows this in a shell", "ok")

    def show_sql(self) -> None:
        looking = self._app.view.looking
        if looking is not None and looking.table is not None:
            at = "" if looking.snapshot_id is None else str(looking.snapshot_id)
            self._app.asker.begin(f"select * from {quoted(looking.table)}", at)

    def diff_schemas(self) -> None:
        from floe_bench.tui.screens.schema_diff import SchemaDiffSheet

        look = look_in_view(self._app.bench_state, self._app.view.looking)
        if look is not None:
            self._app.push_screen(SchemaDiffSheet(look.of.table, look.schemas))

    def show_metadata(self) -> None:
        from floe_bench.tui.screens.metadata_log import MetadataSheet

        look = look_in_view(self._app.bench_state, self._app.view.looking)
        if look is None or look.anatomy is None:
            return
        table = look.of.table
        self._app.push_screen(MetadataSheet(table, look.anatomy.metadata_log), self._left_metadata)
        self._app.bridge.read(METADATA, lambda client: MetadataLook(table, client.anatomy.metadata_log(table)))

    def take_metadata(self, answer: object) -> None:
        """Sizes; without them the files are listed all the same."""
        if isinstance(answer, Trouble):
            self._app.say(answer.message, "warn")
        elif isinstance(answer, MetadataLook):
            self.change(metadata=answer)

    def _left_metadata(self, _: None) -> None:
        self._app.bridge.drop(METADATA)
        self.change(metadata=None)

    def look_again(self) -> None:
        looking = self._app.view.looking
        if looking is not None:
            self.change(version=looking.version + 1)

    def changed(self, verb: str) -> None:
        """Names, properties, columns change no snapshot: nothing else says that there is something to see."""
        if verb in (NAME, SET, ALTER):
            self.look_again()

    def show_help(self) -> None:
        from floe_bench.tui.screens.screen_keys import ScreenKeys

        keys = ScreenKeys(TABLE_ACTIONS, lambda view: view.looking)
        self._app.push_screen(keys, lambda name: self.perform(name) if name else None)

    def leave(self) -> None:
        from floe_bench.tui.screens.tables import TableScreen

        looking = self._app.view.looking
        if looking is not None and looking.filter:
            self.change(filter="", filtering=False)
            return
        if isinstance(self._app.screen, TableScreen):
            self._app.pop_screen()
        self._app.bridge.drop(LOOK)
        self._app.bridge.drop(UPKEEP)
        self._app.bridge.drop(DRIFT)
        self._app.look(looking=None)

    def rollback(self) -> None:
        """Through the same look at the plan as an undo on the bench."""
        looking = self._app.view.looking
        if looking is not None and looking.table is not None and looking.snapshot_id is not None:
            table, snapshot_id = looking.table, looking.snapshot_id
            self._app.say("looking what a rollback would do …")
            self._app.bridge.read(PLAN, lambda client: client.undo.plan_rollback(table, snapshot_id))

    # Upkeep

    def compact(self) -> None:
        self._upkeep.ask(lambda client, table: client.maintenance.plan_compact(table))

    def expire(self) -> None:
        self._upkeep.ask(lambda client, table: client.maintenance.plan_expire(table))

    def delete_orphans(self) -> None:
        self._upkeep.ask(lambda client, table: client.maintenance.plan_orphans(table))

    def rewrite_manifests(self) -> None:
        self._upkeep.ask(lambda client, table: client.maintenance.plan_manifests(table))

    def name_snapshot(self, kind: str) -> None:
        self._upkeep.name(kind)

    def change_property(self) -> None:
        self._upkeep.change_property()

    def planned(self, answer: object) -> None:
        self._upkeep.planned(answer)


def _look(client: BenchClient, of: LookOf, cancelled: Callable[[], bool]) -> TableLook:
    if of.part == VIEW:
        return TableLook(of, definition=client.views.definition(of.table))
    found = TableLook(
        of,
        anatomy=client.anatomy.table(of.table, of.snapshot_id),
        snapshots=client.snapshots(of.table),
        schemas=client.anatomy.schemas(of.table),
    )
    if of.part == FILES:
        return replace(found, files=client.anatomy.files(of.table, of.snapshot_id, 0, _FILES))
    if of.part == PROFILE:
        return replace(found, profile=client.profile.table(of.table, of.snapshot_id, cancelled=cancelled))
    if of.part == HEALTH:
        return replace(found, health=client.maintenance.health(of.table, of.snapshot_id))
    return found
