"""Tables' metadata, fetched again only when it is another."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from floe_bench.model.stack import Watermark
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.table import Table as IcebergTable

T = TypeVar("T")

_KEPT_SNAPSHOTS = 30_000
"""Of all tables whose metadata is kept; one snapshot takes some 3 kB."""
SETTLED_S = 1.0
"""So long after its last write a watermark covers every commit that it stands for."""
_LENT_S = 600.0
"""Keys that came with a table's metadata are good for an hour at least."""


class Version(NamedTuple):
    """Which metadata of a table it is. The file's name alone does not say: some servers use it again for a table that
    was dropped and made anew. The time of the last change does not either: SeaweedFS answers now for it where it leaves
    the history out.
    """

    location: str | None
    uuid: str
    sequence_number: int
    snapshot_id: int | None
    refs: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Look:
    """What a catalog said of a table without its history: ``table`` has only the snapshots that a ref points at.

    ``table`` is None where it is the version that was known already.
    """

    version: Version
    etag: str
    table: IcebergTable | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """``table`` is never handed out: a commit through a table changes what it holds. Its metadata never changes."""

    look: Look
    table: IcebergTable
    at_s: float
    level: Watermark | None
    """When it was asked for last; None where something was written a moment before."""
    made: dict[object, object]
    """Of the table, by what made it."""


class Metadata:
    """Thread-safe. ``lent``: the catalog lends keys of the object store with each table.

    ``watermark``: see ``ports.stack.CanWatermark``.
    """

    def __init__(
        self, session: Callable[[], RestCatalog], *, lent: bool = False, watermark: Callable[[], Watermark | None]
    ) -> None:
        self._session, self._lent, self._watermark = session, lent, watermark
        self._lock = threading.Lock()
        self._kept: OrderedDict[TableName, _Kept] = OrderedDict()
        self._snapshots = 0

    def look(self, name: TableName, known: Look | None = None) -> Look:
        """What the catalog says now; the small answer, or none at all where the server knows that it is the same.

        Raises what PyIceberg raises.
        """
        from pyiceberg.catalog.rest import TableResponse

        catalog = self._session()
        place = catalog._split_identifier_for_path(name.parts)
        # Servers that compress give the compressed answer a tag of its own, which they then do not know again.
        headers = {"Accept-Encoding": "identity", "X-Iceberg-Access-Delegation": ""}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        answer = catalog._session.get(
            catalog.url("namespaces/{namespace}/tables/{table}", **place), params={"snapshots": "refs"}, headers=headers
        )
        if answer.status_code == 304 and known is not None:
            return known
        if answer.status_code != 200:
            # Raises what it means, or asks again with a fresh token.
            table = catalog.load_table(name.parts)
            return Look(_version_of(table), "", table)
        etag = answer.headers.get("ETag", "")
        if known is not None and _version_in(json.loads(answer.text)) == known.version:
            return Look(known.version, etag, None)
        table = catalog._response_to_table(name.parts, TableResponse.model_validate_json(answer.text))
        return Look(_version_of(table), etag, table)

    def load(self, name: TableName) -> IcebergTable:
        """With its history, as the catalog has it now; a table of the caller's own. Raises what PyIceberg raises."""
        return copy(self._now(name).table)

    def made(self, name: TableName, make: Callable[[IcebergTable], T]) -> T:
        """What ``make`` makes of the table, once for each version of it. Raises as ``load``."""
        kept = self._now(name)
        made = kept.made
        if make not in made:
            made[make] = make(kept.table)
        return made[make]  # type: ignore[return-value]  # what that function returned

    def _now(self, name: TableName) -> _Kept:
        level = self._watermark()
        if level is not None and level.age_s < SETTLED_S:
            level = None
        kept = self._of(name)
        if kept is not None:
            if level is not None and kept.level is not None and level.value == kept.level.value:
                return kept
            found = self.look(name, kept.look)
            if found.version == kept.look.version:
                return self._keep(name, replace(kept, look=found, level=level))
        self._forget(name)
        table: IcebergTable = self._session().load_table(name.parts)
        return self._keep(name, _Kept(Look(_version_of(table), "", None), copy(table), time.monotonic(), level, {}))

    def _of(self, name: TableName) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or (self._lent and time.monotonic() - kept.at_s > _LENT_S):
                return None
            self._kept.move_to_end(name)
            return kept

    def _keep(self, name: TableName, kept: _Kept) -> _Kept:
        with self._lock:
            self._drop(name)
            self._kept[name] = kept
            self._snapshots += _size(kept)
            while self._snapshots > _KEPT_SNAPSHOTS and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))
            return kept

    def _forget(self, name: TableName) -> None:
        with self._lock:
            self._drop(name)

    def _drop(self, name: TableName) -> None:
        gone = self._kept.pop(name, None)
        if gone is not None:
            self._snapshots -= _size(gone)


def _size(kept: _Kept) -> int:
    """A table without snapshots takes room as well."""
    return 1 + len(kept.table.metadata.snapshots)


def _version_of(table: IcebergTable) -> Version:
    metadata = table.metadata
    return Version(
        table.metadata_location,
        str(metadata.table_uuid),
        getattr(metadata, "last_sequence_number", 0),
        metadata.current_snapshot_id,
        frozenset((name, ref.snapshot_id) for name, ref in metadata.refs.items()),
    )


def _version_in(said: Mapping[str, Any]) -> Version:
    """Without reading all of the metadata. Source: Iceberg REST specification, LoadTableResult."""
    metadata: Mapping[str, Any] = said.get("metadata", {})
    current = metadata.get("current-snapshot-id")
    refs = {name: ref["snapshot-id"] for name, ref in metadata.get("refs", {}).items()}
    return Version(
        said.get("metadata-location"),
        metadata.get("table-uuid", ""),
        metadata.get("last-sequence-number", 0),
        # Java writes -1 for a table that was never written, and a table of format 1 need not name its main line.
        None if current == -1 else current,
        frozenset(({} if current in (None, -1) else {"main": current} | refs).items()),
    )
