"""What a table is made of, as JSON."""

from __future__ import annotations

from floe_bench.cli.noun import COLUMN, each, time
from floe_bench.cli.shape import Field, Shape

TOTALS = Shape(
    "totals",
    Field("data_files", "data files"),
    Field("delete_files", "files of row-level deletes"),
    Field("manifests", "manifest files"),
    Field("records", "records in data files, deleted ones included"),
    Field("deleted_records", "positions that delete files name"),
    Field("equality_deletes", "rows of equality delete files; each may delete any number of rows"),
    Field("bytes", "bytes in data files"),
    Field("delete_bytes", "bytes in delete files"),
)
SCHEMA = Shape(
    "schema",
    Field("schema_id", "Iceberg's id"),
    Field("current", "it is the schema of the table or view now"),
    Field(
        "since",
        "time of the first kept snapshot, or version of a view, that was written with it; null if none was",
        time("since"),
    ),
    Field("snapshot_id", "that snapshot; null if none was, and for a view"),
    Field("columns", "list of columns, nested ones with dots in their names", each("columns", COLUMN)),
)
SPEC = Shape(
    "spec",
    Field("spec_id", "Iceberg's id"),
    Field("fields", "list of transforms of columns; empty for none", lambda spec: list(spec.fields)),
    Field("current", "new files are written with it"),
)
REF = Shape(
    "ref",
    Field("name", "name"),
    Field("kind", "branch or tag"),
    Field("snapshot_id", "snapshot that it points to"),
    Field("max_age_s", "seconds after which it may be dropped; null for never"),
)
METADATA_FILE = Shape(
    "metadata file",
    Field("path", "where it is"),
    Field("since", "when it became the table's", time("since")),
    Field("bytes", "its size; null where it is gone, or nobody asked: --metadata-log does"),
    Field("gone", "it is not there; false where nobody asked"),
)
ANATOMY = Shape(
    "table",
    Field("table", "full name, as namespace.name"),
    Field("kind", "table", lambda found: "table"),
    Field("table_uuid", "Iceberg's id of the table"),
    Field("format_version", "1, 2 or 3"),
    Field("location", "where its files are"),
    Field("metadata_location", "its metadata file"),
    Field("snapshot_id", "snapshot it is told as of; null when never written"),
    Field("committed_at", "time of that snapshot", time("committed_at")),
    Field("current", "that snapshot is the current one"),
    Field("rows", "live rows, deletes subtracted; null when they could not be counted"),
    Field("totals", "{data_files, delete_files, …} of that snapshot", lambda found: TOTALS.of(found.totals)),
    Field("schema", "schema of that snapshot", lambda found: SCHEMA.of(found.schema)),
    Field("schemas", "schemas that the table knows"),
    Field("specs", "list of partitionings", each("specs", SPEC)),
    Field("sort_order", "{spec_id, fields, current}", lambda found: SPEC.of(found.sort_order)),
    Field("sort_orders", "list of sort orders, with those of before", each("sort_orders", SPEC)),
    Field("refs", "list of branches and tags", each("refs", REF)),
    Field("snapshots", "snapshots that the table keeps"),
    Field("oldest_at", "time of the oldest of them", time("oldest_at")),
    Field("metadata_files", "metadata files that it lists, with the current one"),
    Field("metadata_log", "list of metadata files, the current one last", each("metadata_log", METADATA_FILE)),
    Field("properties", "table properties", lambda found: dict(found.properties)),
    Field("faults", "list of what could not be read", lambda found: list(found.faults)),
)
BOUNDS = Shape(
    "bounds",
    Field("column", "name"),
    Field("nulls", "nulls in it; null where the file does not say"),
    Field("lower", "lower bound of its values as text; null where the file does not say"),
    Field("upper", "upper bound of its values as text; null where the file does not say"),
)
FILE = Shape(
    "file",
    Field("path", "where it is"),
    Field("content", "data, position deletes or equality deletes", lambda file: str(file.content)),
    Field("format", "parquet, orc, avro or puffin"),
    Field("partition", "partition, as name=value/…; empty without one"),
    Field("spec_id", "partitioning it was written with"),
    Field("records", "records in it"),
    Field("bytes", "its size"),
    Field("added_by", "snapshot that added it"),
    Field("bounds", "list of {column, nulls, lower, upper}", each("bounds", BOUNDS)),
)
MANIFEST = Shape(
    "manifest",
    Field("path", "where it is"),
    Field("content", "data or deletes"),
    Field("spec_id", "partitioning of its files"),
    Field("bytes", "its size"),
    Field("files", "live files in it"),
    Field("records", "records in them"),
    Field("added_by", "snapshot that added it"),
)
PARTITION = Shape(
    "partition",
    Field("partition", "as name=value/…; empty without one"),
    Field("spec_id", "partitioning"),
    Field("data_files", "data files"),
    Field("delete_files", "files of row-level deletes"),
    Field("records", "records in data files, deleted ones included"),
    Field("bytes", "bytes in all its files"),
)
FILES = Shape(
    "files",
    Field("table", "full name, as namespace.name"),
    Field("snapshot_id", "snapshot they belong to; null when never written"),
    Field("totals", "{data_files, delete_files, …}", lambda page: TOTALS.of(page.totals)),
    Field("manifests", "list of manifest files, all of them", each("manifests", MANIFEST)),
    Field("partitions", "list of partitions, all of them, the largest first", each("partitions", PARTITION)),
    Field("files", "list of files, a page of them", each("files", FILE)),
    Field("offset", "files passed over"),
    Field("faults", "list of what could not be read", lambda page: list(page.faults)),
)
