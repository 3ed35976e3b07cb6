"""The nouns of the bench as JSON."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.text import iso
from floe_bench.dataclass import dataclass
from floe_bench.model.run import Run
from floe_bench.model.snapshot import Diff
from floe_bench.model.step import Step


def time(attribute: str) -> Callable[[Any], str | None]:
    read = attrgetter(attribute)
    return lambda noun: iso(read(noun))


def each(attribute: str, shape: Shape) -> Callable[[Any], list[dict[str, object]]]:
    read = attrgetter(attribute)
    return lambda noun: [shape.of(part) for part in read(noun)]


def run_duration(run: Run) -> float | None:
    if run.started_at is None or run.ended_at is None:
        return None
    return round((run.ended_at - run.started_at).total_seconds(), 3)


SERVICE = Shape(
    "service",
    Field("name", "what it is called in the stack"),
    Field("state", "stopped, starting, ready, failed or stopping"),
    Field("pid", "process id; null where it is not a process of ours"),
    Field("ports", "ports on 127.0.0.1", lambda service: list(service.ports)),
    Field("since", "when it reached this state", time("since")),
    Field("service", "its word in commands"),
    Field("detail", "what else there is to say of its state; empty if nothing"),
    Field("image", "image reference, or program; empty where it does not run"),
    Field("digest", "content id of the image; empty for a program"),
    Field("memory_bytes", "memory it takes, without file cache; null where it was not measured"),
)
STACK = Shape(
    "stack",
    Field("stack", "name of the stack"),
    Field("state", "stopped, starting, ready, failed or stopping"),
    Field("services", "list of services", each("services", SERVICE)),
    Field("catalog_uri", "address of the Iceberg REST catalog; null until it is ready"),
    Field("kept", "it stays up when nobody uses it"),
    Field("waiting_since", "since when a run waits for an answer of it; null if none does", time("waiting_since")),
)
CARRIED = Shape(
    "carried table",
    Field("table", "full name, as namespace.name"),
    Field("rows", "rows of the copy, compared with the source's; null where it was left out"),
    Field("bytes", "bytes in data files of the copy"),
    Field("from_snapshot", "snapshot of the source that was copied; null when it was never written"),
    Field("snapshot_id", "snapshot of the copy"),
    Field("snapshots_left", "older snapshots of the source, which are not carried"),
    Field("there", "an earlier time had carried the same snapshot"),
    Field("fault", "why it was left out; empty when it was not"),
)
CARRIAGE = Shape(
    "carriage",
    Field("source", "stack that the tables come from"),
    Field("target", "stack that they are in now, too"),
    Field("tables", "list of tables", each("tables", CARRIED)),
)
OFFER = Shape(
    "stack on offer",
    Field("stack", "name of the stack"),
    Field("title", "what runs, in words"),
    Field("driver", "process, container or external"),
    Field("capabilities", "list of what it can do", lambda offer: list(offer.capabilities)),
    Field("starts", "it can start on this machine"),
    Field("reason", "why it cannot; empty when it can"),
    Field("remedy", "what to do about that; empty when it can"),
)
ASSET = Shape(
    "asset",
    Field("asset", "key, as Dagster writes it"),
    Field("kind", "seed, table, view, incremental, snapshot, python or source"),
    Field("group", "Dagster group"),
    Field("table", "Iceberg table, as namespace.name"),
    Field("status", "never, fresh, stale, failed, running or external"),
    Field("last_run_id", "run that touched it last; null if none did"),
    Field("snapshot_id", "snapshot of the last materialization; null if none"),
    Field("rows", "rows of the last materialization; null if unknown"),
    Field("materialized_at", "when it was materialized last", time("materialized_at")),
)
TABLE = Shape(
    "table",
    Field("table", "full name, as namespace.name"),
    Field("kind", "table, or view: of that the fields after namespace are null", lambda table: "table"),
    Field("namespace", "its namespace"),
    Field("snapshot_id", "current snapshot, or that of --at; null when never written"),
    Field("rows", "live rows; null where counting would mean reading data"),
    Field("files", "data files"),
    Field("bytes", "bytes in data files"),
    Field("updated_at", "time of that snapshot", time("updated_at")),
)
SNAPSHOT = Shape(
    "snapshot",
    Field("snapshot_id", "Iceberg's id"),
    Field("parent_id", "snapshot before it; null for the first"),
    Field("committed_at", "time of the commit", time("committed_at")),
    Field("operation", "append, overwrite, delete or replace"),
    Field("added_records", "records it added; null where the writer did not say"),
    Field("deleted_records", "records it deleted; null where the writer did not say"),
    Field("total_records", "records after it; null where the writer did not say"),
    Field("run_id", "run that made it; null when it is not by us"),
    Field("asset", "asset that made it; null when it is not by us"),
    Field("refs", "branches and tags that point to it", lambda snapshot: list(snapshot.refs)),
    Field("node_id", "dbt node that made it; null when none did"),
    Field("total_bytes", "bytes in data files after it; null where the writer did not say"),
    Field("total_files", "data files after it; null where the writer did not say"),
    Field("unchanged", "a rewrite that changed no row"),
    Field("written_by", "the other engine's own mark, when it is not by us"),
    Field("typed", "a statement of the project's SQL screen wrote it"),
)
NODE = Shape(
    "node",
    Field("node_id", "dbt's unique id, or the asset key"),
    Field("name", "short name"),
    Field("kind", "seed, model, snapshot, test, unit_test or python"),
    Field("asset", "asset it makes or checks; null for a test on several"),
    Field("status", "running, success, failed, warned or skipped"),
    Field("started_at", "when it started", time("started_at")),
    Field("duration_s", "seconds it took"),
    Field("rows", "rows written; for a test, rows that fail it"),
    Field("snapshot_id", "snapshot it committed; null if none"),
    Field("message", "what dbt said; empty if nothing"),
    Field("attempt", "which try of it in its run this was, from 1"),
)
_RUN_FIELDS = (
    Field("run_id", "Dagster's run id"),
    Field("status", "queued, running, stopped, cancelling, success, failed or cancelled"),
    Field("launched_by", "app, cli, step, or dagster for a run from outside"),
    Field("selection", "dbt selection; empty selects everything"),
    Field("exclude", "dbt selection that was left out"),
    Field("full_refresh", "incremental models were rebuilt"),
    Field("queued_at", "when it was queued", time("queued_at")),
    Field("started_at", "when it started", time("started_at")),
    Field("ended_at", "when it ended; null while it runs", time("ended_at")),
    Field("duration_s", "seconds from start to end; null while it runs", run_duration),
    Field("error", "why it failed, beyond its nodes; empty if it did not"),
    Field("step_id", "stepped run that it belongs to; null for an ordinary run"),
    Field("repeats", "run that it does again, in whole or in part; null if none"),
    Field("rehearsal", "rehearsal that it is, whose tables are branches; null for an ordinary run"),
)
RUN = Shape("run", *_RUN_FIELDS)
RUN_WITH_NODES = Shape("run", *_RUN_FIELDS, Field("nodes", "list of nodes, in start order", each("nodes", NODE)))
COLUMN = Shape(
    "column",
    Field("field_id", "Iceberg's id: it outlives a rename"),
    Field("name", "name"),
    Field("type", "Iceberg type"),
    Field("required", "it may not be null"),
    Field("doc", "description"),
)
SCHEMA_CHANGE = Shape(
    "schema",
    Field("added", "list of columns", each("added", COLUMN)),
    Field("removed", "list of columns", each("removed", COLUMN)),
    Field(
        "changed",
        "list of {before, after}, both columns",
        lambda change: [{"before": COLUMN.of(old), "after": COLUMN.of(new)} for old, new in change.changed],
    ),
    Field("moved", "list of columns that stand elsewhere among those beside them", each("moved", COLUMN)),
)
ROW_CHANGE = Shape(
    "rows",
    Field("added", "rows that are new"),
    Field("removed", "rows that are gone"),
    Field("changed", "rows with the same key and other values; 0 without a key"),
    Field("key", "columns that pair rows; empty when whole rows were compared", lambda change: list(change.key)),
    Field("columns", "in how many changed rows each column differs", lambda change: dict(change.columns)),
    Field("partial", "only the files that differ were read"),
    Field(
        "not_unique",
        "the project's key, where it is not unique and whole rows were compared",
        lambda change: list(change.not_unique),
    ),
)
FILE_CHANGE = Shape(
    "files",
    Field("added", "data files that are new"),
    Field("removed", "data files that are gone"),
    Field("kept", "data files that both have"),
    Field("added_bytes", "bytes in those that are new"),
    Field("removed_bytes", "bytes in those that are gone"),
    Field("before_bytes", "bytes in all before; null if the writer did not say"),
    Field("after_bytes", "bytes in all after; null if the writer did not say"),
    Field("deletes", "one of the two has row-level deletes"),
)
SAMPLE = Shape(
    "sample",
    Field("change", "added, removed or changed"),
    Field("row", "the row, column to value", lambda sample: dict(sample.row)),
    Field(
        "before",
        "the row as it was; null unless changed",
        lambda sample: None if sample.before is None else dict(sample.before),
    ),
)
DIFF = Shape(
    "diff",
    Field("from", "older snapshot; null before the first write", lambda diff: diff.from_snapshot),
    Field("to", "newer snapshot", lambda diff: diff.to_snapshot),
    Field("from_stack", "stack of the older snapshot, where it is another one; else null"),
    Field("schema", "{added, removed, changed, moved}: columns", lambda diff: SCHEMA_CHANGE.of(diff.schema)),
    Field(
        "rows", "{added, removed, changed, key, columns, partial}: exact counts", lambda diff: ROW_CHANGE.of(diff.rows)
    ),
    Field("samples", "list of {change, row, before}", each("samples", SAMPLE)),
    Field("files", "{added, removed, kept, added_bytes, …}: data files", lambda diff: FILE_CHANGE.of(diff.files)),
)
TAKEN = Shape(
    "table",
    Field("asset", "asset that it belongs to"),
    Field("table", "full name, as namespace.name"),
    Field("from", "snapshot that is current before; null when it reads as empty", lambda t: t.move.before.reads),
    Field("to", "snapshot that is current after; null when it reads as empty then", lambda t: t.move.after.reads),
    Field("rows_before", "rows before; null where the table cannot be read as it is"),
    Field("rows_after", "rows after"),
    Field("rows_lost", "rows that are there before and not after; exact, whole rows; null likewise"),
    Field("rows_regained", "rows that are there after and not before; exact, whole rows; null likewise"),
    Field("snapshots", "ids between the two, newest first", lambda t: [each.snapshot_id for each in t.passed]),
    Field("others", "those of them that somebody else made", lambda t: [each.snapshot_id for each in t.others]),
    Field("typed", "those of them that the SQL screen wrote", lambda t: [each.snapshot_id for each in t.typed]),
    Field("readers", "assets that read the table and stay as they are", lambda taken: list(taken.readers)),
)


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a stepped run stands, with the diff of the node that ran last, where it wrote."""

    step: Step
    diff: Diff | None = None


STOP = Shape(
    "stop",
    Field("kind", "start, next, breakpoint, failed, paused or interrupted"),
    Field("asset", "asset it is about; null if none is left"),
    Field("before", "that asset has not run yet; else it has just run"),
    Field("words", "in words"),
)
INPUT = Shape(
    "input",
    Field("table", "table that it read"),
    Field("snapshot_id", "snapshot that it was at; null when it was never written"),
    Field("last_snapshot_id", "snapshot that the materialization before read; null if none did"),
)
EFFECT = Shape(
    "effect",
    Field("from", "snapshot before; null before the first write", lambda effect: effect.from_snapshot),
    Field("to", "snapshot after", lambda effect: effect.to_snapshot),
    Field(
        "rows",
        "{added, removed, changed}: exact counts; null if they were not counted",
        lambda effect: _maybe(ROW_CHANGE, effect.rows),
    ),
    Field("schema_changes", "columns added, removed or changed"),
)
STEP_NODE = Shape(
    "node",
    Field("asset", "asset that it makes"),
    Field("node_id", "dbt's unique id, or python. and the asset key"),
    Field("kind", "as of the asset"),
    Field("place", "waiting, running, done, failed, skipped or blocked"),
    Field("attempts", "how often it ran"),
    Field("rows", "rows written; null before it ran"),
    Field("duration_s", "seconds it took; null before it ran"),
    Field("checks", "its tests' node ids", lambda node: [check.node_id for check in node.checks]),
    Field(
        "checks_s",
        "seconds that each test took, by node id; those that ran",
        lambda node: {each.node_id: each.duration_s for each in node.checks if each.duration_s is not None},
    ),
    Field("checks_passed", "tests that passed"),
    Field("checks_failed", "tests that failed"),
    Field("checks_warned", "tests that warned"),
    Field(
        "effect", "{from, to, rows, schema_changes}; null if it wrote nothing", lambda node: _maybe(EFFECT, node.effect)
    ),
    Field("inputs", "list of {table, snapshot_id, last_snapshot_id}; empty before it ran", each("inputs", INPUT)),
    Field("message", "why it failed, was skipped or is blocked; empty otherwise"),
)
_STEP_FIELDS = (
    Field("step_id", "id of the stepped run", attrgetter("step.step_id")),
    Field("run_id", "Dagster's run id", attrgetter("step.run_id")),
    Field("state", "running, stopped, success, failed or aborted", lambda stood: stood.step.state.value),
    Field("at", "asset that ran last; null before the first", attrgetter("step.at")),
    Field("next", "asset that would run next; null if none is left", attrgetter("step.next")),
    Field(
        "stop", "{kind, asset, before, words}; null unless it is stopped", lambda stood: _maybe(STOP, stood.step.stop)
    ),
    Field("diff", "diff of the asset that ran last; null if it wrote nothing", lambda stood: _maybe(DIFF, stood.diff)),
)
STEP = Shape("step", *_STEP_FIELDS)
STEP_WITH_NODES = Shape(
    "step",
    *_STEP_FIELDS,
    Field("nodes", "list of nodes, in order", lambda stood: each("nodes", STEP_NODE)(stood.step)),
)
BREAKPOINT = Shape(
    "breakpoint",
    Field("asset", "asset key, or * for every asset"),
    Field("condition", "always (before it), or after it: rows, checks, schema, slower"),
    Field("threshold", "rows for rows, times the usual for slower; else 0"),
)


def _maybe(shape: Shape, noun: object | None) -> dict[str, object] | None:
    return None if noun is None else shape.of(noun)


QUERY_ANSWER = Shape(
    "answer",
    Field("columns", "column names", lambda answer: list(answer.columns)),
    Field("rows", "list of rows, each a list of values", lambda answer: [list(row) for row in answer.rows]),
    Field(
        "snapshots", "with --at of a query: table to the snapshot it was read at", lambda found: dict(found.snapshots)
    ),
)
WRITTEN = Shape(
    "written table",
    Field("table", "full name, as namespace.name"),
    Field("before", "snapshot before; null if it had none, and cannot be taken back to that"),
    Field("after", "snapshot now"),
)
WRITING_PLAN = Shape(
    "statement",
    Field("sql", "the statement"),
    Field("writes", "whether it can change rows"),
    Field("steps", "how DuckDB would carry it out: an operator a line, indented under what it feeds"),
)
WRITING = Shape(
    "writing",
    Field(
        "rows",
        "what the statement answered: how many rows it changed",
        lambda page: QUERY_ANSWER.of(page.answer)["rows"],
    ),
    Field("written", "list of written tables", each("written", WRITTEN)),
)
CODE = Shape(
    "code",
    Field("node_id", "dbt's unique id, or python. and the asset key"),
    Field("kind", "model, seed, snapshot, test, unit_test, source or python"),
    Field("path", "file, from the project's folder"),
    Field("source", "as it was written; cut after 200,000 characters"),
    Field("run_id", "run that compiled it; null if none did"),
    Field("compiled", "as it was run; empty when it was not compiled"),
    Field("compiled_path", "file of the compiled text; empty when there is none"),
    Field("line", "line of its file that declares it; null where the whole file does"),
    Field("previous", "compiled text of the newest earlier run; null when there is none"),
    Field("previous_run_id", "that run; null when there is none"),
)
FINDING = Shape(
    "finding",
    Field("check", "what was looked at"),
    Field("state", "ok, warn, fail or skip"),
    Field("detail", "what was seen"),
    Field("fix", "the command or edit that mends it; empty when ok"),
)
LOG_LINE = Shape(
    "log line",
    Field("at", "when it was written; null where the file does not say", time("at")),
    Field("level", "debug, info, warn or error"),
    Field("source", "engine, stack, dbt or dagster"),
    Field("text", "the line"),
    Field("run_id", "run it belongs to; null outside runs"),
    Field("node_id", "node it belongs to; null outside nodes"),
)
