"""dbt-duckdb, with tables that are Iceberg tables."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dbt.adapters.base.impl import ConstraintSupport
from dbt.adapters.base.meta import available
from dbt.adapters.base.relation import BaseRelation
from dbt.adapters.capability import Capability, CapabilityDict, CapabilitySupport, Support
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.contracts.relation import RelationType
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.impl import DuckDBAdapter
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.contracts.constraints import ConstraintType
from dbt_common.exceptions import DbtRuntimeError

from floe_bench.adapters.dbt.lake import Lake, in_dbt_words, snapshots_after
from floe_bench.adapters.dbt.pause import PauseGate
from floe_bench.adapters.dbt.branch_name import branch
from floe_bench.adapters.dbt.rehearsal import LIVE, Views, tables_of
from floe_bench.adapters.dbt.relation import FloeRelation
from floe_bench.adapters.dbt.response import FloeResponse
from floe_bench.adapters.dbt.search_path import look_in
from floe_bench.adapters.dbt.stage import StagedRows, conform
from floe_bench.adapters.dbt.work import INPUTS, NODE, Work, settings, stage_name, summary, table_name, upstream
from floe_bench.adapters.iceberg import commit
from floe_bench.adapters.iceberg.mark import EMPTY
from floe_bench.adapters.iceberg.naming import safe_name
from floe_bench.adapters.iceberg.types import quoted
from floe_bench.errors import CommitConflict
from floe_bench.model.table import TableName

if TYPE_CHECKING:
    import agate  # type: ignore[import-untyped]

LOG = AdapterLogger("Floe")


class FloeAdapter(DuckDBAdapter):
    """Builds in DuckDB, commits with PyIceberg.

    A result is made in a native table of the in-memory database first, with dbt-duckdb's own SQL, and becomes one
    snapshot afterwards. Methods marked ``available`` are what the macros of ``include`` call.
    """

    # A subclass would not do: dbt-duckdb keeps its one environment on this class.
    ConnectionManager = DuckDBConnectionManager
    Relation = FloeRelation

    _capabilities = CapabilityDict(
        {
            Capability.SchemaMetadataByRelations: CapabilitySupport(support=Support.Full),
            # Batches of one model replace the same table: one after another.
            Capability.MicrobatchConcurrency: CapabilitySupport(support=Support.Unsupported),
        }
    )
    CONSTRAINT_SUPPORT = {  # noqa: RUF012 - dbt's own class attribute
        # Held against the rows of a build. Of these only not-null lives on in the table, as a required field.
        ConstraintType.check: ConstraintSupport.ENFORCED,
        ConstraintType.not_null: ConstraintSupport.ENFORCED,
        ConstraintType.unique: ConstraintSupport.ENFORCED,
        ConstraintType.primary_key: ConstraintSupport.ENFORCED,
        ConstraintType.foreign_key: ConstraintSupport.NOT_SUPPORTED,
    }

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._lake = Lake(config.credentials.catalog, branch=branch())
        self._staged = threading.local()
        self._attaching = threading.Lock()
        self._gate = PauseGate()
        self._views: Views | None = None
        if self._lake.branch is not None:
            self._views = Views(config.credentials.database, self._lake, self._duck)

    @classmethod
    def type(cls) -> str:
        return "floe"

    # Building

    @available
    def start_work(
        self, target: BaseRelation, node: Mapping[str, Any], graph: Mapping[str, Any], invocation: str
    ) -> Work:
        """Ends the open transaction: DuckDB pins what it read, and writes to one database per transaction."""
        self.commit_if_has_connection()
        with in_dbt_words():
            wanted = settings(node)
        work = Work(
            target=target,
            stage=self._local_relation(target, "stage"),
            temp=self._local_relation(target, "temp"),
            checked=self._local_relation(target, "checked"),
            settings=wanted,
            summary=summary(node, target, invocation=invocation),
            reads=upstream(node, graph, self.config.credentials.database),
        )
        self._look(work)
        return work

    def _look(self, work: Work) -> None:
        """What is there to be read, just before it is read."""
        with in_dbt_words():
            work.summary[INPUTS] = json.dumps(self._lake.heads(work.reads), sort_keys=True)
            head = self._lake.find(work.table)
        work.base = head.metadata.current_snapshot_id if head else None

    def _local_relation(self, target: BaseRelation, part: str) -> BaseRelation:
        database = self.config.credentials.path_derived_database_name(self.config.credentials.path)
        name = stage_name(str(target.identifier), part)
        relation = self.Relation.create(database=database, schema="main", identifier=name, type=RelationType.Table)
        self._own_stages().append(relation)
        return relation

    def _own_stages(self) -> list[BaseRelation]:
        if not hasattr(self._staged, "relations"):
            self._staged.relations = []
        found: list[BaseRelation] = self._staged.relations
        return found

    @available
    def copy_target(self, work: Work, with_rows: bool = True) -> None:
        """Fill the stage from the table, or give it the table's columns only."""
        limit = "" if with_rows else " limit 0"
        self._duck(f"create table {work.stage.render()} as select * from {work.target.render()}{limit}")

    @available
    def conform(self, relation: BaseRelation) -> None:
        with in_dbt_words():
            conform(self._cursor(), relation.render())

    @available
    def replace(self, work: Work, relation: BaseRelation) -> None:
        """Commit ``relation`` as the table's whole content."""
        self._commit(work, relation, base=commit.Intent.ANY, appends=False)

    @available
    def change(self, work: Work, relation: BaseRelation) -> None:
        """Commit ``relation``, which was computed from the table itself.

        If somebody else wrote to the table since, nothing is committed: ``work`` has another turn, from what is there
        now. Too many turns fail the node.
        """
        try:
            self._commit(work, relation, base=work.base, appends=False)
        except DbtRuntimeError as error:
            if work.last_turn or not isinstance(error.__cause__, CommitConflict):
                raise
            LOG.info(f"{work.table} was written by others meanwhile: computed again from what is there now")
            self._drop_stages(keep=True)
            self._look(work)

    @available
    def is_taken_back(self, relation: BaseRelation) -> bool:
        """Its first materialization was undone: for a model it is as if the table had never been made."""
        with in_dbt_words():
            table = self._lake.find(table_name(relation))
        current = table.current_snapshot() if table else None
        return current is not None and current.summary is not None and EMPTY in current.summary.additional_properties

    @available
    def append(self, work: Work, relation: BaseRelation) -> None:
        self._commit(work, relation, base=commit.Intent.ANY, appends=True)

    def _commit(self, work: Work, relation: BaseRelation, *, base: int | None, appends: bool) -> None:
        self.commit_if_has_connection()
        intent = commit.Intent(
            layout=work.settings.layout,
            properties=work.settings.properties,
            comment=work.settings.comment,
            summary=work.summary,
            base=base,
            branch=self._lake.branch,
        )
        with in_dbt_words():
            rows = StagedRows(self._cursor(), relation.render(), work.settings)
            queried_at = time.perf_counter()
            write = commit.append if appends else commit.replace
            work.committed = write(self._lake.catalog, work.table, rows, intent)
        if self._views is not None:
            self._show(self._views, work, work.committed.snapshot_id)
        work.query_s = queried_at - work.started_at
        work.commit_s = time.perf_counter() - queried_at
        self._drop_stages()

    def _show(self, views: Views, work: Work, snapshot_id: int) -> None:
        """For those who read it in this rehearsal; the others read main."""
        attach = next(each.to_sql() for each in self.config.credentials.attach or [] if each.alias == LIVE)
        with self._attaching:
            views.show(work.table, snapshot_id, attach=attach)

    @contextmanager
    def connection_named(self, name: str, *given: Any, **named: Any) -> Iterator[None]:
        """``name`` is the node that begins. Its SQL is compiled inside, and may read while it is."""
        with super().connection_named(name, *given, **named):
            if self._views is not None and (found := tables_of(name, self._macro_resolver, self.config.credentials.database)):
                with in_dbt_words():
                    self._views.lay(found)
            yield

    def execute(self, sql: str, *given: Any, **named: Any) -> tuple[AdapterResponse, agate.Table]:
        while True:
            try:
                found: tuple[AdapterResponse, agate.Table] = super().execute(sql, *given, **named)
                return found
            except DbtRuntimeError as error:
                if self._views is None:
                    raise
                with in_dbt_words():
                    another_turn = self._views.lay_missing(str(error))
                if not another_turn:
                    raise

    @available
    def finish_work(self, work: Work, hooked: bool = False) -> FloeResponse:
        """The answer of the node. ``hooked``: hooks ran after the commit and may have written too."""
        done = work.committed
        if done is None:
            raise AssertionError(f"{work.table} was not committed")
        hooks: list[int] = []
        if hooked:
            self.commit_if_has_connection()
            with in_dbt_words():
                table = self._lake.find(work.table)
            hooks = snapshots_after(table, done.snapshot_id, mark=NODE) if table else []
        message = f"snapshot {done.snapshot_id} {done.rows} {'row' if done.rows == 1 else 'rows'}"
        return FloeResponse(
            _message=f"{message}, view as table" if work.settings.materialized == "view" else message,
            code=done.operation.upper(),
            rows_affected=done.rows,
            snapshot_id=str(done.snapshot_id),
            table=str(work.table),
            operation=done.operation,
            materialized=work.settings.materialized,
            rows=done.rows,
            bytes=done.bytes,
            files=done.files,
            data_unchanged=done.unchanged,
            hook_snapshot_ids=[str(id_) for id_ in hooks],
            inputs=work.summary[INPUTS],
            query_s=round(work.query_s, 3),
            commit_s=round(work.commit_s, 3),
        )

    def pre_model_hook(self, config: Any) -> Any:
        self._gate.enter(config.model)
        # Schemas may have been created since this thread's cursor was opened.
        look_in(self._cursor(), self.config.credentials.database)
        return super().pre_model_hook(config)

    def post_model_hook(self, config: Any, context: Any) -> None:
        try:
            self._drop_stages()
        finally:
            super().post_model_hook(config, context)

    def _drop_stages(self, *, keep: bool = False) -> None:
        """``keep``: their names are used again."""
        stages = self._own_stages()
        again = [*stages] if keep else []
        while stages and self.connections.get_if_exists() is not None:
            self._duck(f"drop table if exists {stages.pop().render()}")
        stages += again

    # Names

    @available
    def safe_name(self, name: str) -> str:
        return safe_name(name)

    @available
    def in_lake(self, relation: BaseRelation | None) -> bool:
        """A relation that says no database lies in the lake; one that says no schema either is a temporary table."""
        if relation is None or (relation.database is None and relation.schema is None):
            return False
        return relation.database is None or str(relation.database) == self.config.credentials.database

    # The catalog

    def list_schemas(self, database: str) -> list[str]:
        if database.strip('"') != self.config.credentials.database:
            return list(super().list_schemas(database))
        with in_dbt_words():
            return self._lake.namespaces()

    def check_schema_exists(self, database: str, schema: str) -> bool:
        return schema.lower() in self.list_schemas(database)

    def list_relations_without_caching(self, schema_relation: BaseRelation) -> list[BaseRelation]:
        if not self.in_lake(schema_relation):
            return list(super().list_relations_without_caching(schema_relation))
        with in_dbt_words():
            names = self._lake.tables(str(schema_relation.schema).lower())
        return [self._lake_relation(str(schema_relation.schema).lower(), name) for name in names]

    def _lake_relation(self, namespace: str, name: str) -> BaseRelation:
        return self.Relation.create(
            database=self.config.credentials.database,
            schema=namespace,
            identifier=name,
            type=RelationType.Table,
            quote_policy={"database": True, "schema": True, "identifier": True},
        )

    @available
    def lake_create_schema(self, relation: BaseRelation) -> None:
        """Known to DuckDB and to the catalog afterwards. DuckDB never looks again for one that it once did not find."""
        self.commit_if_has_connection()
        namespace = str(relation.schema).lower()
        if namespace == "main":
            raise_hidden_schema()
        with self._attaching:
            self._duck(f"create schema if not exists {self._in_lake(namespace)}")
            with in_dbt_words():
                self._lake.create_namespace(namespace)
            if not self._known_to_duckdb(namespace):
                self._attach_again()
            look_in(self._cursor(), self.config.credentials.database)

    def _in_lake(self, *names: str) -> str:
        return ".".join(quoted(name) for name in (self.config.credentials.database, *names))

    def _known_to_duckdb(self, namespace: str) -> bool:
        found = self._cursor().execute(
            "select 1 from duckdb_schemas() where database_name = ? and schema_name = ?",
            [self.config.credentials.database, namespace],
        )
        return found.fetchone() is not None

    def _attach_again(self) -> None:
        database = self.config.credentials.database
        self._duck(f"detach {quoted(database)}")
        for attachment in self.config.credentials.attach or []:
            if attachment.alias == database:
                self._duck(attachment.to_sql())

    @available
    def lake_drop_schema(self, relation: BaseRelation) -> None:
        self._refuse_in_rehearsal(f"schema {relation.schema}")
        self.commit_if_has_connection()
        namespace = str(relation.schema).lower()
        with in_dbt_words(), self._attaching:
            for name in self._lake.tables(namespace):
                self._lake.drop(table_name(self._lake_relation(namespace, name)))
            if namespace in self._lake.namespaces() and self._known_to_duckdb(namespace):
                self._duck(f"drop schema if exists {self._in_lake(namespace)}")
            self._lake.drop_namespace(namespace)

    def _refuse_in_rehearsal(self, what: str) -> None:
        if self._lake.branch is not None:
            raise DbtRuntimeError(f"a rehearsal neither drops nor renames: {what} is everybody's")

    @available
    def lake_drop(self, relation: BaseRelation) -> None:
        self._refuse_in_rehearsal(str(table_name(relation)))
        self.commit_if_has_connection()
        with in_dbt_words():
            self._lake.drop(table_name(relation))

    @available
    def lake_rename(self, before: BaseRelation, after: BaseRelation) -> None:
        self._refuse_in_rehearsal(str(table_name(before)))
        self.commit_if_has_connection()
        with in_dbt_words():
            self._lake.rename(table_name(before), table_name(after))

    @available
    def lake_catalog(self, schemas: list[str], identifiers: list[tuple[str, str]] | None = None) -> agate.Table:
        """Tables and columns with their comments, as `dbt docs` wants them."""
        from dbt_common.clients.agate_helper import table_from_rows

        rows: list[tuple[object, ...]] = []
        with in_dbt_words():
            for namespace in sorted({schema.lower() for schema in schemas}):
                for name in self._lake.tables(namespace):
                    if identifiers is None or (namespace, name) in identifiers:
                        rows += self._catalog_rows(namespace, name)
        return table_from_rows(rows, CATALOG_COLUMNS, text_only_columns=TEXT_COLUMNS)

    def _catalog_rows(self, namespace: str, name: str) -> list[tuple[object, ...]]:
        relation = self._lake_relation(namespace, name)
        table = self._lake.find(table_name(relation))
        if table is None:
            return []
        docs = {field.name: field.doc for field in table.schema().fields}
        comment = table.properties.get(commit.COMMENT)
        owner = table.properties.get("owner")
        described = self._cursor().execute(f"describe {relation.render()}").fetchall()
        return [
            (relation.database, namespace, name, "BASE TABLE", comment, column, place, type_, docs.get(column), owner)
            for place, (column, type_, *_) in enumerate(described, start=1)
        ]

    # DuckDB

    def _cursor(self) -> Any:
        return self.connections.get_thread_connection().handle.cursor()

    def _duck(self, sql: str) -> None:
        self.execute(sql, auto_begin=False, fetch=False)


CATALOG_COLUMNS = [
    "table_database",
    "table_schema",
    "table_name",
    "table_type",
    "table_comment",
    "column_name",
    "column_index",
    "column_type",
    "column_comment",
    "table_owner",
]
TEXT_COLUMNS = [name for name in CATALOG_COLUMNS if name != "column_index"]


def raise_hidden_schema() -> None:
    raise DbtRuntimeError("a schema named 'main' cannot be used: DuckDB hides that one; set another +schema")
