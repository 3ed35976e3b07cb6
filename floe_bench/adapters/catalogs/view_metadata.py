"""What a view's metadata says. Whatever of it cannot be told is named, and the rest is told.

PyIceberg's own model of a view takes it whole or not at all: one representation of a type that it does not know, or a
field that some servers leave out, and nothing of the view is read.

Source: Iceberg view specification, "View Metadata".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from floe_bench.adapters.catalogs.anatomy import all_columns
from floe_bench.adapters.catalogs.mapping import moment
from floe_bench.errors import TableError
from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.table import TableName
from floe_bench.model.view import ViewDefinition, ViewVersion, Wording

_SQL = "sql"
Raw = Mapping[str, Any]


def definition(name: TableName, answer: object) -> ViewDefinition:
    """Raises TableError where the answer is no view's."""
    metadata = answer.get("metadata") if isinstance(answer, dict) else None
    if not isinstance(metadata, dict):
        raise TableError(f"view {name}: the catalog answers without its metadata", remedy="floe-bench doctor")
    versions = tuple(sorted(_versions(metadata), key=_age))
    version = next((each for each in versions if each.current), None)
    schemas, unreadable = _schemas(metadata, versions, version)
    faults = (
        [] if version else [f"version {metadata.get('current-version-id')}, the current one, is not in its metadata"]
    )
    if version and all(each.schema_id != version.schema_id for each in schemas):
        why = unreadable.pop(version.schema_id, "is not in its metadata")
        faults.append(f"schema {version.schema_id}, that of its current version, {why}")
    return ViewDefinition(
        view=str(name),
        view_uuid=_text(metadata.get("view-uuid")),
        format_version=_number(metadata.get("format-version")) or 1,
        location=_text(metadata.get("location")),
        schemas=schemas,
        versions=versions,
        properties=_texts(metadata.get("properties")),
        faults=(*faults, *(f"schema {schema_id} {why}" for schema_id, why in unreadable.items())),
    )


def _age(version: ViewVersion) -> tuple[float, int]:
    """Those of which no time is known are before all others."""
    return version.since.timestamp() if version.since else 0.0, version.version_id


def _versions(metadata: Raw) -> Iterator[ViewVersion]:
    logged = {
        each.get("version-id"): _number(each.get("timestamp-ms")) for each in _objects(metadata.get("version-log"))
    }
    for each in _objects(metadata.get("versions")):
        version_id = each.get("version-id")
        if not isinstance(version_id, int):
            continue
        since = _number(each.get("timestamp-ms")) or logged.get(version_id)
        told, untold = _wordings(each.get("representations"))
        yield ViewVersion(
            version_id=version_id,
            since=None if since is None else moment(since),
            schema_id=_number(each.get("schema-id")),
            wordings=told,
            untold=untold,
            current=version_id == metadata.get("current-version-id"),
            default_namespace=".".join(map(str, _list(each.get("default-namespace")))),
            default_catalog=_text(each.get("default-catalog")),
            summary=_texts(each.get("summary")),
        )


def _wordings(found: object) -> tuple[tuple[Wording, ...], tuple[str, ...]]:
    """Those in SQL, and the types of the others."""
    told, untold = list[Wording](), list[str]()
    for each in _list(found):
        raw = each if isinstance(each, dict) else {}
        kind, sql = _text(raw.get("type")), raw.get("sql")
        if kind == _SQL and isinstance(sql, str):
            told.append(Wording(_text(raw.get("dialect")), sql))
        else:
            untold.append("sql without a query" if kind == _SQL else kind or "unknown")
    return tuple(told), tuple(untold)


def _schemas(
    metadata: Raw, versions: Sequence[ViewVersion], version: ViewVersion | None
) -> tuple[tuple[SchemaVersion, ...], dict[int | None, str]]:
    """By id; and why those cannot be read that cannot."""
    from pyiceberg.schema import Schema

    known, unreadable = dict[int, SchemaVersion](), dict[int | None, str]()
    for raw in _objects(metadata.get("schemas")):
        try:
            schema = Schema.model_validate(raw)
            columns = all_columns(schema)
        except (ValueError, TypeError, LookupError) as error:  # a type of a later format, a field without an id
            unreadable[_number(raw.get("schema-id"))] = f"cannot be read: {_said(error)}"
            continue
        current = version is not None and schema.schema_id == version.schema_id
        known[schema.schema_id] = SchemaVersion(
            schema.schema_id, columns, current, since=_first(versions, schema.schema_id)
        )
    return tuple(known[schema_id] for schema_id in sorted(known)), unreadable


def _first(versions: Sequence[ViewVersion], schema_id: int) -> datetime | None:
    return min((each.since for each in versions if each.schema_id == schema_id and each.since), default=None)


def _said(error: Exception) -> str:
    """Pydantic says in its second line where, in its third what."""
    return " ".join(line.strip() for line in str(error).splitlines()[1:3] or [str(error)])[:200]


def _objects(found: object) -> Iterator[Raw]:
    return (each for each in _list(found) if isinstance(each, dict))


def _list(found: object) -> Sequence[object]:
    return found if isinstance(found, list) else ()


def _text(found: object) -> str:
    return "" if found is None else str(found)


def _number(found: object) -> int | None:
    return found if isinstance(found, int) else None


def _texts(found: object) -> dict[str, str]:
    return {str(key): _text(value) for key, value in found.items()} if isinstance(found, dict) else {}
