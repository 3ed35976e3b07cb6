"""What a user can do on the table screen, as one list: footer, help and the key reference are drawn from it."""

from __future__ import annotations

from typing import Protocol

from floe_bench.state import BenchState
from floe_bench.tui.action import ScreenAction
from floe_bench.tui.looking import (
    FILES,
    HEALTH,
    OVERVIEW,
    PARTITIONS,
    PROFILE,
    PROPERTIES,
    SCHEMA,
    SNAPSHOTS,
    TableView,
    aside,
    branch_names,
    is_view,
    line_in_view,
    look_in_view,
    tab_in_view,
)
from floe_bench.tui.reason import in_the_past
from floe_bench.tui.view import View


class Reshaper(Protocol):
    """What the app can do to change what a table is."""

    def alter(self) -> None: ...
    def rename(self) -> None: ...
    def drop(self) -> None: ...
    def promote(self) -> None: ...
    def pick(self) -> None: ...


class Follower(Protocol):
    """What the app can do to show how something moved over snapshots."""

    def choose(self) -> None: ...


class TableDoer(Protocol):
    """What the app can do for an action of the table screen."""

    @property
    def reshape(self) -> Reshaper: ...
    @property
    def drift(self) -> Follower: ...

    def move(self, by: int) -> None: ...
    def to_now(self) -> None: ...
    def step_tab(self, by: int) -> None: ...
    def step_box(self, by: int) -> None: ...
    def start_filter(self) -> None: ...
    def rollback(self) -> None: ...
    def compact(self) -> None: ...
    def expire(self) -> None: ...
    def delete_orphans(self) -> None: ...
    def rewrite_manifests(self) -> None: ...
    def name_snapshot(self, kind: str) -> None: ...
    def change_property(self) -> None: ...
    def copy(self) -> None: ...
    def look_again(self) -> None: ...
    def diff_schemas(self) -> None: ...
    def show_metadata(self) -> None: ...
    def show_sql(self) -> None: ...
    def show_help(self) -> None: ...
    def leave(self) -> None: ...


TableAction = ScreenAction[TableDoer, TableView | None]


def _nothing(state: BenchState, view: TableView | None) -> str:
    known = view is not None and (view.table in (state.tables or {}) or view.table in state.views)
    return "" if known else "no table is selected"


def _no_table(state: BenchState, view: TableView | None) -> str:
    if is_view(state, view):
        return "this is a view: it has no rows, snapshots or files of its own"
    return _nothing(state, view)


def _cannot_ask(state: BenchState, view: TableView | None) -> str:
    return "this is a view, and DuckDB reads none of a catalog" if is_view(state, view) else _nothing(state, view)


def _no_columns(state: BenchState, view: TableView | None) -> str:
    if reason := _no_table(state, view):
        return reason
    look = look_in_view(state, view)
    if look is None or look.anatomy is None:
        return "its columns are not read yet"
    return "" if look.anatomy.snapshot_id is not None else "it was never written"


def _one_schema(state: BenchState, view: TableView | None) -> str:
    if reason := _no_table(state, view):
        return reason
    look = look_in_view(state, view)
    if look is None or not look.schemas:
        return "its schemas are not read yet"
    return "" if len(look.schemas) > 1 else "it never had another schema"


def _no_metadata(state: BenchState, view: TableView | None) -> str:
    if reason := _no_table(state, view):
        return reason
    look = look_in_view(state, view)
    return "" if look is not None and look.anatomy is not None else "its metadata is not read yet"


def _not_earlier(state: BenchState, view: TableView | None) -> str:
    if reason := _no_table(state, view):
        return reason
    line = line_in_view(view)
    if not line:
        return "its snapshots are not read yet"
    first = len(line) < 2 or (view is not None and view.snapshot_id == line[0].snapshot_id)
    return "this is the oldest snapshot that is kept" if first else ""


def _is_now(state: BenchState, view: TableView | None) -> str:
    if is_view(state, view):
        return _no_table(state, view)
    return "" if view is not None and view.snapshot_id is not None else "this is now"


def _cannot_write(state: BenchState, view: TableView | None) -> str:
    if reason := _no_table(state, view):
        return reason
    return "" if _is_now(state, view) else "in the past nothing can be written; n goes back to now"


def _no_other_ref(state: BenchState, view: TableView | None) -> str:
    if reason := _cannot_write(state, view):
        return reason
    anatomy = view.look.anatomy if view is not None and view.look is not None else None
    if anatomy is None:
        return "its branches are not read yet"
    return "" if any(ref.name != "main" for ref in anatomy.refs) else "it has no branch or tag but main"


def _nothing_aside(state: BenchState, view: TableView | None) -> str:
    if reason := _cannot_write(state, view):
        return reason
    if view is None or view.look is None or not view.look.snapshots:
        return "its snapshots are not read yet"
    if any(aside(view.look.snapshots, branch) for branch in branch_names(view.look)):
        return ""
    return "every snapshot that is kept is on the main line"


def _nowhere_to_go_back(state: BenchState, view: TableView | None) -> str:
    if reason := _no_table(state, view):
        return reason
    return "this is now; [ goes to an earlier snapshot" if _is_now(state, view) else ""


TABLE_ACTIONS: tuple[TableAction, ...] = (
    TableAction("earlier", ("left_square_bracket",), "earlier", "The snapshot before, on the main line.",
                lambda doer: doer.move(-1), _not_earlier, rank=1),
    TableAction("later", ("right_square_bracket",), "later", "The snapshot after.",
                lambda doer: doer.move(1), _is_now, rank=2),
    TableAction("now", ("n",), "now", "Back to the table as it is.", lambda doer: doer.to_now(), _is_now, rank=6),
    TableAction("next_tab", ("L", "t"), "next tab",
                "Overview, schema, profile, snapshots, files, partitions, properties, health, SQL: the next.",
                lambda doer: doer.step_tab(1), rank=3),
    TableAction("previous_tab", ("H",), "tab before", "The one before.", lambda doer: doer.step_tab(-1)),
    TableAction("next_box", ("tab",), "next box", "Catalog, or what is told of the table.",
                lambda doer: doer.step_box(1)),
    TableAction("previous_box", ("shift+tab",), "box before", "The one before.", lambda doer: doer.step_box(-1)),
    TableAction("drift", ("p",), "plot", "How a column moved over snapshots: a plot of what you choose of it.",
                lambda doer: doer.drift.choose(), _no_columns, rank=13),
    TableAction("schemas", ("d",), "schemas", "What one schema has that another had not: pick two.",
                lambda doer: doer.diff_schemas(), _one_schema, rank=14),
    TableAction("metadata", ("m",), "metadata", "Its metadata files, since when each, and where they are.",
                lambda doer: doer.show_metadata(), _no_metadata, rank=15),
    TableAction("filter", ("slash",), "filter", "Only tables with these words in their names; esc empties it.",
                lambda doer: doer.start_filter(), rank=4),
    TableAction("rollback", ("R",), "roll back",
                "Take the table back to the snapshot that is looked at: plan first; ^r on the bench brings it forward.",
                lambda doer: doer.rollback(), _nowhere_to_go_back, rank=7),
    TableAction("compact", ("C",), "compact",
                "Write small files anew as few, with the same rows. Says what it would do, and asks.",
                lambda doer: doer.compact(), _cannot_write, rank=8),
    TableAction("expire", ("X",), "expire",
                "Take old snapshots out, with the files that only they need. Says what would go, and asks.",
                lambda doer: doer.expire(), _cannot_write, rank=9),
    TableAction("orphans", ("O",), "orphans",
                "Delete files under the table's location that nothing reaches. Says which, and asks.",
                lambda doer: doer.delete_orphans(), _cannot_write),
    TableAction("tag", ("T",), "tag", "Give the snapshot that is looked at a name, so that it stays; or remove one.",
                lambda doer: doer.name_snapshot("tag"), _no_table),
    TableAction("branch", ("B",), "branch", "Start a branch at the snapshot that is looked at; or remove one.",
                lambda doer: doer.name_snapshot("branch"), _no_table),
    TableAction("property", ("P",), "property", "Set or take away a property of the table.",
                lambda doer: doer.change_property(), _cannot_write),
    TableAction("rewrite_manifests", ("W",), "manifests",
                "Tell of the same data files in fewer manifest files. Says how many, and asks.",
                lambda doer: doer.rewrite_manifests(), _cannot_write),
    TableAction("alter", ("A",), "alter",
                "Change its columns, partitioning or sort order. Says who is concerned, and asks.",
                lambda doer: doer.reshape.alter(), _cannot_write),
    TableAction("promote", ("M",), "promote", "Move main forward to a branch or tag that goes on from it.",
                lambda doer: doer.reshape.promote(), _no_other_ref),
    TableAction("pick", ("K",), "cherry-pick",
                "Add to main, or another branch, what a snapshot brought that it has not got.",
                lambda doer: doer.reshape.pick(), _nothing_aside),
    TableAction("rename", ("N",), "rename", "Give it another name. Says who reads it under this one, and asks.",
                lambda doer: doer.reshape.rename(), _cannot_write),
    TableAction("drop", ("D",), "drop", "Drop it, with all its snapshots, once its name is typed: that is for good.",
                lambda doer: doer.reshape.drop(), _cannot_write),
    TableAction("sql", ("Q",), "sql", "Ask this table in SQL, as of the snapshot that is looked at.",
                lambda doer: doer.show_sql(), _cannot_ask, rank=12),
    TableAction("copy", ("Y",), "copy", "Copy the command that shows the same in a shell.",
                lambda doer: doer.copy(), _nothing, rank=10),
    TableAction("look_again", ("r",), "look again", "Read the table again.",
                lambda doer: doer.look_again(), _nothing, rank=11),
    TableAction("help", ("question_mark", "f1"), "help", "These keys, searchable with /; enter does what the key does.",
                lambda doer: doer.show_help(), rank=5),
    TableAction("leave", ("escape", "q"), "bench", "Back to the bench.", lambda doer: doer.leave(), rank=7),
)  # fmt: skip
TABLE_BY_NAME = {action.name: action for action in TABLE_ACTIONS}

_READ = frozenset({
    "earlier", "later", "now", "next_tab", "previous_tab", "next_box", "previous_box", "filter", "sql", "copy",
    "drift", "schemas", "metadata", "look_again", "help", "leave",
})  # fmt: skip


def not_from(view: View, action: TableAction) -> str:
    """Why the bench's own moment forbids it; what only reads is allowed from everywhere."""
    return "" if action.name in _READ else in_the_past(view)


_OF_TAB = {
    OVERVIEW: ("drift", "metadata", "rename", "drop"),
    SCHEMA: ("drift", "schemas", "alter"),
    PROFILE: ("drift",),
    SNAPSHOTS: ("rollback", "tag", "branch", "promote", "pick", "expire"),
    FILES: ("compact", "rewrite_manifests"),
    PARTITIONS: ("alter", "compact"),
    PROPERTIES: ("property",),
    HEALTH: ("compact", "expire", "orphans", "rewrite_manifests"),
}


def of_tab(state: BenchState, view: View) -> tuple[TableAction, ...]:
    """What is done about what the tab shows, as far as it can be done now."""
    names = _OF_TAB.get(tab_in_view(state, view.looking), ()) if view.looking is not None else ()
    actions = tuple(TABLE_BY_NAME[name] for name in names)
    return tuple(each for each in actions if not (not_from(view, each) or each.disabled_reason(state, view.looking)))
