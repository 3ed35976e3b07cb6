"""The one place that writes rows: a result becomes one snapshot of one table."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from floe_bench.adapters.iceberg.branch import redirect, seen_from
from floe_bench.adapters.iceberg.catalog import came_second, commit_unknown, translated
from floe_bench.adapters.iceberg.creating import alone
from floe_bench.adapters.iceberg.digest import Digest
from floe_bench.adapters.iceberg.evolution import evolved_schema, new_schema
from floe_bench.adapters.iceberg.files import delete_files, write_files
from floe_bench.adapters.iceberg.layout import Layout, apply_wanted, clear_stale, resolved
from floe_bench.adapters.iceberg.mark import EMPTY, EMPTY_WORDS, MADE_FOR
from floe_bench.adapters.iceberg.misplaced import forget, is_misplaced
from floe_bench.adapters.iceberg.newer_format import refuse_newer
from floe_bench.adapters.iceberg.producer import AppendFiles, ReplaceFiles, discard, stage
from floe_bench.adapters.iceberg.types import LakeColumn
from floe_bench.errors import CommitConflict, TableError
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.catalog import Catalog
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table, Transaction

DIGEST = "floe.data-hash"
COMMENT = "comment"
ATTEMPTS = 12
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 2.0


class Rows(Protocol):
    """A result that can be read more than once: a retry writes from the start."""

    @property
    def columns(self) -> Sequence[LakeColumn]: ...

    @property
    def digest(self) -> Digest: ...

    def batches(self, order_by: str) -> Iterable[pa.RecordBatch]:
        """Columns in the order of ``columns``. ``order_by`` is empty or an SQL clause with its keyword."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a write wants besides rows. ``comment`` None leaves the table's as it is.

    ``base`` is the snapshot the rows were computed from; any other head at commit is a conflict. ANY: the rows do not
    depend on what is there. ``branch`` takes the snapshot in place of main: a table's schema, partitioning, order and
    properties stay as they are then, and a table that is not there yet begins with an empty main.
    """

    ANY = -1

    layout: Layout | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None
    summary: Mapping[str, str] = field(default_factory=dict)
    base: int | None = ANY
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """``rows``, ``bytes`` and ``files`` are those added; ``total_rows`` are live ones, None if that would need a scan.

    ``unchanged``: the table holds the same multiset of rows as before.
    """

    snapshot_id: int
    parent_id: int | None
    operation: str
    rows: int
    bytes: int
    files: int
    unchanged: bool
    attempts: int


def replace(catalog: Catalog, name: TableName, rows: Rows, intent: Intent) -> Committed:
    """The table holds exactly ``rows`` afterwards: one overwrite snapshot, older ones stay readable.

    Creates namespace and table with the first rows; a failed first write leaves no table behind.

    Raises:
        CommitConflict: retryable; the head is not ``intent.base``, or others wrote in between too often.
        CommitUnknown: the answer was lost, and the catalog does not say what became of it. No file is deleted.
        TypeNotSupported, CatalogUnreachable, AccessDenied, TableError
    """
    return _write(catalog, name, rows, intent, appends=False)


def append(catalog: Catalog, name: TableName, rows: Rows, intent: Intent) -> Committed:
    """``rows`` are added: one append snapshot. New columns are added to the table, missing ones are null.

    Raises as ``replace``.
    """
    return _write(catalog, name, rows, intent, appends=True)


def _write(catalog: Catalog, name: TableName, rows: Rows, intent: Intent, *, appends: bool) -> Committed:
    with translated(f"table {name}"):
        write = _Write(catalog, name, rows, intent, appends)
        for attempt in range(1, ATTEMPTS + 1):
            done = write.attempt(attempt)
            if done is not None:
                return done
            time.sleep(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt) * random.uniform(0.5, 1))
    if write.unsure:
        raise commit_unknown(f"table {name}")
    write.abandon()
    if write.misplaced:
        raise TableError(
            f"the catalog keeps the metadata of {name} beside its location, and lends no key for its data",
            remedy="drop the table and run it again",
        )
    raise CommitConflict(f"others wrote to {name} in between, {ATTEMPTS} times in a row", remedy="run it again")


@dataclass(frozen=True, slots=True)
class _NoRows:
    columns: Sequence[LakeColumn]
    digest: Digest

    def batches(self, order_by: str) -> Iterable[pa.RecordBatch]:
        return ()


class _Write:
    """One write over its attempts: remembers the snapshots it tried and the files it wrote."""

    def __init__(self, catalog: Catalog, name: TableName, rows: Rows, intent: Intent, appends: bool) -> None:
        self._catalog, self._name, self._rows, self._intent, self._appends = catalog, name, rows, intent, appends
        self._tried: dict[int, Committed] = {}
        self._files: tuple[DataFile, ...] = ()
        self._files_fit: tuple[object, ...] = ()
        self._table: Table | None = None
        self._answer_lost = False
        self.misplaced = self.unsure = False
        """The last attempt had no answer, or the catalog none to the question what became of it."""

    def attempt(self, number: int) -> Committed | None:
        """None: somebody was faster, try again."""
        with ExitStack() as held:
            return self._attempt(number, held)

    def _attempt(self, number: int, held: ExitStack) -> Committed | None:
        import requests
        from pyiceberg import exceptions as theirs

        from floe_bench.adapters.iceberg.transaction import Steady

        try:
            table = self._found()
            if table is None and self._intent.branch is None:  # a branch has its table created by a write of its own
                held.enter_context(alone(self._catalog.properties.get("uri", ""), self._name))
                table = self._found()
            self._table = table
        except (theirs.ServerError, theirs.ServiceUnavailableError, requests.RequestException):
            if not self.unsure:
                raise
            return None
        if table is not None and (landed := self._landed(table)):
            return landed
        self.unsure = False
        self.misplaced = table is not None and is_misplaced(table)
        if self.misplaced:
            return None  # whoever created it so is about to drop it
        self._check_base(table)
        try:
            transaction = Steady(table) if table else self._creation()
        except theirs.TableAlreadyExistsError:
            self._check_view()
            raise
        producer = self._prepare(transaction, number, created=table is None)
        if self._intent.branch is not None:
            redirect(transaction, self._intent.branch)
        try:
            _send(transaction)
        except (theirs.CommitFailedException, theirs.ValidationException, theirs.NoSuchTableError):
            discard(producer)
            if table is None:
                self._check_view()
            return None
        except theirs.BadRequestError as error:
            discard(producer)
            if not came_second(error):
                raise
            return None
        except (theirs.CommitStateUnknownException, theirs.ServerError, requests.RequestException):
            # It may have landed. The next attempt looks; ours carries the same parent, so only one of them can.
            self.unsure = self._answer_lost = True
            return None
        if table is None and is_misplaced(transaction._table):
            forget(self._catalog, transaction._table)
            return None
        return self._tried[producer.snapshot_id]

    def _found(self) -> Table | None:
        table, branch = _load(self._catalog, self._name), self._intent.branch
        if branch is None:
            return table
        if table is None:
            # Without any main some engines read the newest snapshot there is.
            nothing = _NoRows(self._rows.columns, Digest(self._rows.digest.shape, 0, 0))
            _write(
                self._catalog,
                self._name,
                nothing,
                Intent(summary={EMPTY: EMPTY_WORDS, MADE_FOR: branch}),
                appends=False,
            )
            table = _load(self._catalog, self._name)
        return seen_from(table, branch) if table is not None else None

    def _landed(self, table: Table) -> Committed | None:
        return next((done for id_, done in self._tried.items() if table.snapshot_by_id(id_)), None)

    def _check_base(self, table: Table | None) -> None:
        if table:
            refuse_newer(self._name, table)
        head = table.metadata.current_snapshot_id if table else None
        if self._intent.base not in (Intent.ANY, head):
            self.abandon()
            raise CommitConflict(
                f"{self._name} was written by somebody else while the model ran (snapshot {head})",
                remedy="run it again",
            )

    def _check_view(self) -> None:
        """What is in the way of a new table may be no table."""
        from pyiceberg.exceptions import RESTError

        found = False
        with suppress(RESTError):  # a catalog that serves no views, or none to us, has said enough
            found = self._catalog.view_exists(self._name.parts)
        if found:
            raise TableError(
                f"{self._name} is a view of the catalog: no table can have that name",
                remedy="give the model another name, or drop the view",
            )

    def _creation(self) -> Transaction:
        from pyiceberg.exceptions import NoSuchNamespaceError

        schema, format_version = new_schema(self._rows.columns), {"format-version": "2"}
        try:
            return self._catalog.create_table_transaction(self._name.parts, schema, properties=format_version)
        except NoSuchNamespaceError:
            self._catalog.create_namespace_if_not_exists(self._name.namespace)
            return self._catalog.create_table_transaction(self._name.parts, schema, properties=format_version)

    def _prepare(self, transaction: Transaction, number: int, *, created: bool) -> ReplaceFiles | AppendFiles:
        layout = self._intent.layout
        if layout is not None:
            layout = resolved(layout, tuple(column.name for column in self._rows.columns))
            clear_stale(transaction, layout)
        if not created:
            metadata = transaction.table_metadata
            set_schema(transaction, evolved_schema(metadata, self._rows.columns, keep_missing=self._appends))
        if layout is not None:
            apply_wanted(transaction, layout)
        self._set_properties(transaction)
        files = self._written(transaction, layout.order_by() if layout else "")
        parent = transaction.table_metadata.current_snapshot()
        before = (
            Digest.parse(parent.summary.additional_properties.get(DIGEST, "")) if parent and parent.summary else None
        )
        after = self._digest_after(before, first=parent is None)
        summary = {**self._intent.summary, **({DIGEST: str(after)} if after else {})}
        producer = (AppendFiles if self._appends else ReplaceFiles)(transaction, files, summary)
        snapshot_id = stage(producer)
        self._tried[snapshot_id] = Committed(
            snapshot_id=snapshot_id,
            parent_id=parent.snapshot_id if parent else None,
            operation=str(producer._operation.value),
            rows=self._rows.digest.rows,
            bytes=sum(file.file_size_in_bytes for file in files),
            files=len(files),
            unchanged=after is not None and after == before,
            attempts=number,
        )
        return producer

    def _digest_after(self, before: Digest | None, *, first: bool) -> Digest | None:
        if not self._appends or first:
            return self._rows.digest
        return before.plus(self._rows.digest) if before else None

    def _set_properties(self, transaction: Transaction) -> None:
        wanted = dict(self._intent.properties)
        if self._intent.comment is not None:
            wanted[COMMENT] = self._intent.comment
        present = transaction.table_metadata.properties
        changed = {key: value for key, value in wanted.items() if present.get(key, "") != value}
        if changed:
            transaction.set_properties(changed)

    def _written(self, transaction: Transaction, order_by: str) -> tuple[DataFile, ...]:
        """Files of an earlier attempt serve again as long as schema, partitioning and table are the same."""
        metadata = transaction.table_metadata
        fit = (metadata.table_uuid, metadata.location, metadata.schema().as_struct(), metadata.spec())
        if fit != self._files_fit:
            io = transaction._table.io
            delete_files(self._files, io)
            batches = self._rows.batches(order_by)
            self._files = tuple(write_files(batches, self._rows.columns, metadata=metadata, io=io))
            self._files_fit = fit
        return self._files

    def abandon(self) -> None:
        """Delete what was written, unless an attempt may have landed unseen, or may land yet: some servers go on."""
        if self._table is not None and not self._answer_lost and not self._landed(self._table):
            delete_files(self._files, self._table.io)
        self._files, self._files_fit = (), ()


def _load(catalog: Catalog, name: TableName) -> Table | None:
    from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

    with suppress(NoSuchTableError, NoSuchNamespaceError):
        return catalog.load_table(name.parts)
    return None


def _send(transaction: Transaction) -> None:
    transaction.commit_transaction()


def set_schema(transaction: Transaction, schema: Schema) -> None:
    """Make ``schema`` the current one; one that the table had before is used again."""
    from pyiceberg.schema import Schema
    from pyiceberg.table.update import AddSchemaUpdate, AssertCurrentSchemaId, SetCurrentSchemaUpdate

    metadata = transaction.table_metadata
    if schema == metadata.schema():
        return
    same = next((each.schema_id for each in metadata.schemas if each == schema), None)
    # Their models take field names as well as aliases, their types know the aliases only.
    require = AssertCurrentSchemaId(current_schema_id=metadata.current_schema_id)  # type: ignore[call-arg]
    if same is not None:
        transaction._stage((SetCurrentSchemaUpdate(schema_id=same),), (require,))  # type: ignore[call-arg]
        return
    fresh_id = 1 + max(each.schema_id for each in metadata.schemas)
    fresh = Schema(*schema.fields, schema_id=fresh_id, identifier_field_ids=schema.identifier_field_ids)
    made_current = SetCurrentSchemaUpdate(schema_id=-1)  # type: ignore[call-arg]
    transaction._stage((AddSchemaUpdate(schema=fresh), made_current), (require,))
