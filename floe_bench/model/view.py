"""Views that a catalog holds: a query under a name, without rows, files or snapshots of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from floe_bench.dataclass import dataclass
from floe_bench.model.anatomy import SchemaVersion

NO_DIALECT = "a dialect that is not named"


@dataclass(frozen=True, slots=True)
class LakeView:
    """A view as the catalog lists it."""

    view: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The query in one dialect, as it was stored; ``dialect`` is empty where none is named."""

    dialect: str
    sql: str


@dataclass(frozen=True, slots=True)
class ViewVersion:
    """``default_namespace`` is where the query's names without a namespace are looked for; ``default_catalog`` is empty
    where that is the view's own. ``summary`` says who wrote it. ``untold`` are the types of what is no SQL; ``since``
    and ``schema_id`` are None where the metadata does not say."""

    version_id: int
    since: datetime | None
    schema_id: int | None
    wordings: tuple[Wording, ...]
    untold: tuple[str, ...] = ()
    current: bool = False
    default_namespace: str = ""
    default_catalog: str = ""
    summary: Mapping[str, str] = field(default_factory=dict)

    @property
    def written_by(self) -> str:
        """The engine, as it signs; else the library that did the writing. Empty where nothing is said."""
        engine = (self.summary.get("engine-name", ""), self.summary.get("engine-version", ""))
        said = " ".join(filter(None, engine)) or self.summary.get("iceberg-version", "")
        return said.partition(" (commit")[0]


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """What a view is. ``schemas`` and ``versions`` are those that it still knows, oldest first. ``faults`` say what
    cannot be told.

    Source: Iceberg view specification, "View Metadata".
    """

    view: str
    view_uuid: str
    format_version: int
    location: str
    schemas: tuple[SchemaVersion, ...]
    versions: tuple[ViewVersion, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def version(self) -> ViewVersion | None:
        """The current one; None where the metadata lacks it."""
        return next((each for each in self.versions if each.current), None)

    @property
    def schema(self) -> SchemaVersion | None:
        """Of the current version; None where the metadata lacks it."""
        return next((each for each in self.schemas if each.current), None)
