"""What the table screen looks at: one table of the catalog, as of one snapshot, or a view; and what was read of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from floe_bench.dataclass import dataclass
from floe_bench.model.anatomy import Anatomy, FilePage, MetadataFile, SchemaVersion
from floe_bench.model.health import Health
from floe_bench.model.profile import Profile
from floe_bench.model.snapshot import Snapshot
from floe_bench.model.table import Table
from floe_bench.model.view import LakeView, ViewDefinition
from floe_bench.state import BenchState

CATALOG, ABOUT = "catalog", "about"
BOXES = (CATALOG, ABOUT)
OVERVIEW, SCHEMA, PROFILE, SNAPSHOTS, FILES, PARTITIONS, PROPERTIES, HEALTH = (
    "overview", "schema", "profile", "snapshots", "files", "partitions", "properties", "health",
)  # fmt: skip
SQL, VERSIONS = "sql", "versions"
TABS = (OVERVIEW, SCHEMA, PROFILE, SNAPSHOTS, FILES, PARTITIONS, PROPERTIES, HEALTH)
VIEW_TABS = (OVERVIEW, SCHEMA, SQL, VERSIONS, PROPERTIES)
VIEW = "view"


@dataclass(frozen=True, slots=True)
class LookOf:
    """``part`` is what a tab needs beyond the anatomy: files, profile, health, or empty; "view" for one.
    ``head`` is the snapshot that was current when it was read: another one is looked at again."""

    table: str
    snapshot_id: int | None
    part: str = ""
    head: int | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class TableLook:
    """``fault`` and ``remedy`` say why there is nothing else."""

    of: LookOf
    anatomy: Anatomy | None = None
    snapshots: tuple[Snapshot, ...] = ()
    schemas: tuple[SchemaVersion, ...] = ()
    files: FilePage | None = None
    health: Health | None = None
    profile: Profile | None = None
    definition: ViewDefinition | None = None
    fault: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class TableView:
    """``snapshot_id`` None is now. ``open`` are namespaces whose tables are listed. ``version`` grows when the user
    asks to look again. ``bounds`` of the columns stand below each file."""

    table: str | None = None
    snapshot_id: int | None = None
    open: frozenset[str] = frozenset()
    filter: str = ""
    filtering: bool = False
    tab: str = OVERVIEW
    box: str = CATALOG
    version: int = 0
    bounds: bool = False
    look: TableLook | None = None
    metadata: MetadataLook | None = None


@dataclass(frozen=True, slots=True)
class MetadataLook:
    """The metadata files of a table with their sizes, as they were last asked for."""

    table: str
    files: tuple[MetadataFile, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A namespace of the tree, with those of its tables and views that are listed, by name."""

    namespace: str
    inside: tuple[Table | LakeView, ...]
    open: bool

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(each for each in self.inside if isinstance(each, Table))


def branches(state: BenchState, view: TableView) -> tuple[Branch, ...]:
    """By namespace. A filter opens what it finds."""
    words, found = view.filter.casefold().split(), dict[str, list[Table | LakeView]]()
    known: Mapping[str, Table | LakeView] = {**state.views, **(state.tables or {})}
    for name in sorted(known):
        if all(word in name.casefold() for word in words):
            found.setdefault(known[name].namespace, []).append(known[name])
    return tuple(
        Branch(namespace, tuple(inside), bool(words) or namespace in view.open)
        for namespace, inside in sorted(found.items())
    )


def listed_unread(state: BenchState, view: TableView | None) -> tuple[str, ...]:
    """Tables of open namespaces of which only the name is known; the first thousand."""
    found = (table for branch in (branches(state, view) if view else ()) if branch.open for table in branch.tables)
    return tuple(islice((each.table for each in found if not each.is_read), 1_000))


def is_view(state: BenchState, view: TableView | None) -> bool:
    return view is not None and view.table in state.views and view.table not in (state.tables or {})


def tabs_of(state: BenchState, view: TableView | None) -> tuple[str, ...]:
    return VIEW_TABS if is_view(state, view) else TABS


def tab_in_view(state: BenchState, view: TableView) -> str:
    """A tab that a view, or a table, has not is its overview."""
    return view.tab if view.tab in tabs_of(state, view) else OVERVIEW


def wanted(state: BenchState, view: TableView | None) -> LookOf | None:
    if view is not None and view.table is not None and is_view(state, view):
        return LookOf(view.table, None, VIEW, None, view.version)
    if view is None or view.table is None or view.table not in (state.tables or {}):
        return None
    part = {FILES: FILES, PARTITIONS: FILES, HEALTH: HEALTH, PROFILE: PROFILE}.get(view.tab, "")
    head = (state.tables or {})[view.table].snapshot_id
    return LookOf(view.table, view.snapshot_id, part, head, view.version)


def look_in_view(state: BenchState, view: TableView | None) -> TableLook | None:
    """What was read, if it is of the table and the moment that are looked at; of another tab it will do."""
    want = wanted(state, view)
    if view is None or view.look is None or want is None or view.look.of.table != want.table:
        return None
    return view.look if view.look.of.snapshot_id == view.snapshot_id else None


def line_in_view(view: TableView | None) -> tuple[Snapshot, ...]:
    """The main line of the table that is looked at, also while another moment of it is being read."""
    if view is None or view.look is None or view.look.of.table != view.table:
        return ()
    return main_line(view.look.snapshots)


def main_line(snapshots: Sequence[Snapshot], branch: str = "main") -> tuple[Snapshot, ...]:
    """Oldest first, up to main, or to the head of another branch; every snapshot where there is none."""
    known = {each.snapshot_id: each for each in snapshots}
    at = next((each for each in snapshots if branch in each.refs), None)
    if at is None:
        return tuple(snapshots)
    line = [at]
    while line[-1].parent_id in known:
        line.append(known[line[-1].parent_id or 0])
    return tuple(reversed(line))


def aside(snapshots: Sequence[Snapshot], branch: str = "main") -> tuple[Snapshot, ...]:
    """Those that are not on the line of that branch: of others, staged, or taken back. Newest first."""
    line = {each.snapshot_id for each in main_line(snapshots, branch)}
    return tuple(each for each in reversed(snapshots) if each.snapshot_id not in line)


def branch_names(look: TableLook) -> tuple[str, ...]:
    """Main first, also where it has no snapshot yet."""
    refs = look.anatomy.refs if look.anatomy is not None else ()
    return ("main", *(ref.name for ref in refs if ref.kind == "branch" and ref.name != "main"))


def moved(view: TableView, by: int) -> int | None:
    """The snapshot that much later on the main line; None for the current one. It stops at either end."""
    ids = [each.snapshot_id for each in line_in_view(view)]
    if not ids:
        return view.snapshot_id
    here = ids.index(view.snapshot_id) if view.snapshot_id in ids else len(ids) - 1
    there = min(max(here + by, 0), len(ids) - 1)
    return None if there == len(ids) - 1 else ids[there]
