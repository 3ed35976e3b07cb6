"""What lies between two snapshots."""

from __future__ import annotations

import click

from floe_bench.cli.lookup import complete_table, find_snapshot
from floe_bench.cli.noun import DIFF
from floe_bench.cli.output import Cell, Column, Output, Style
from floe_bench.cli.session import Client, Session
from floe_bench.cli.text import count
from floe_bench.cli.verb import Verb
from floe_bench.errors import UsageError
from floe_bench.model.snapshot import Diff, Sample, SchemaChange
from floe_bench.model.table import TableName

_MARKS = {"added": ("+", Style.GOOD), "removed": ("−", Style.BAD), "changed": ("~", Style.WARN)}


@click.command(
    "diff",
    cls=Verb,
    json_form="one object",
    shapes=[DIFF],
    examples=[
        ("floe-bench diff marts.orders", "see what the last commit changed"),
        ("floe-bench diff marts.orders 6476 8841 --key order_id", "pair rows by key between two snapshots"),
        ("floe-bench diff marts.orders main audit", "compare two branches"),
        ("floe-bench diff marts.orders --at 2026-11-27", "see what changed since then"),
    ],
)
@click.argument("table", shell_complete=complete_table)
@click.argument("from_", metavar="[FROM]", required=False)
@click.argument("to", metavar="[TO]", required=False)
@click.option("--key", multiple=True, metavar="COLUMN", help="Column that identifies a row; may be given again.")
@click.option("--at", metavar="SNAPSHOT", help="What changed since: a snapshot, a branch or tag, or a time.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Sample rows of each kind.")
@click.pass_obj
def command(
    session: Session,
    table: str,
    from_: str | None,
    to: str | None,
    key: tuple[str, ...],
    at: str | None,
    limit: int,
) -> int:
    """Compare two snapshots of TABLE (namespace.name): schema, rows, files.

    FROM and TO are snapshot ids, the start of one, a branch or tag, or a time (2026-11-28, 2026-11-28T14:00): what was
    on the main line then. TO is the current snapshot by default, FROM the one before it.

    Counts are exact. Rows are paired by the key that the project declares, or by --key; without any, whole rows are
    compared as a multiset. Columns are matched by Iceberg's field id, so a renamed one is still compared. Data files
    that both snapshots have are not read, unless one of the two has row-level deletes.
    """
    TableName.parse(table)
    if at is not None and from_ is not None:
        raise UsageError("--at and FROM say the same thing twice", remedy="floe-bench diff --help")
    from_ = at or from_
    with session.bench() as client:
        older, newer = _ids(client, table, (from_, to))
        diff = client.diff(table, from_snapshot=older, to_snapshot=newer, key=key, limit=limit)
    if session.as_json:
        session.out.json(DIFF.of(diff))
    else:
        _show(session.out, diff)
    return 0


def _ids(client: Client, table: str, typed: tuple[str | None, str | None]) -> tuple[int | None, int | None]:
    if typed == (None, None):
        return None, None
    snapshots = client.snapshots(table)
    older, newer = (None if each is None else find_snapshot(snapshots, each, table=table) for each in typed)
    return older, newer


def _show(out: Output, diff: Diff) -> None:
    short = out.ids([diff.from_snapshot, diff.to_snapshot])
    out.line(
        Cell(diff.table, Style.BOLD),
        "  ",
        Cell(short(diff.from_snapshot) or "nothing", Style.ID),
        " → ",
        Cell(short(diff.to_snapshot), Style.ID),
    )
    rows = diff.rows
    keyed = f"by {', '.join(rows.key)}" if rows.key else "whole rows; pair them with --key"
    out.line(
        "rows    ",
        Cell(f"+{count(rows.added)}", Style.GOOD if rows.added else Style.DIM),
        Cell(f"  −{count(rows.removed)}", Style.BAD if rows.removed else Style.DIM),
        Cell(f"  ~{count(rows.changed)}", Style.WARN if rows.changed else Style.DIM),
        Cell(f"  {keyed}", Style.DIM),
    )
    if rows.columns:
        differ = sorted(rows.columns.items(), key=lambda found: -found[1])
        out.line("columns ", Cell("  ".join(f"{name} {count(many)}" for name, many in differ), Style.WARN))
    read = "only these were read" if rows.partial else "both snapshots were read whole"
    out.line("files   ", f"+{count(diff.files.added)}  −{count(diff.files.removed)}", Cell(f"  {read}", Style.DIM))
    _show_schema(out, diff.schema)
    if diff.samples:
        _show_samples(out, diff.samples)


def _show_schema(out: Output, schema: SchemaChange) -> None:
    if not (schema.added or schema.removed or schema.changed):
        out.line("schema  ", Cell("the same", Style.DIM))
    for column in schema.added:
        out.line("schema  ", Cell(f"+ {column.name} {column.type}", Style.GOOD))
    for column in schema.removed:
        out.line("schema  ", Cell(f"− {column.name} {column.type}", Style.BAD))
    for old, new in schema.changed:
        out.line("schema  ", Cell(f"~ {old.name} {old.type} → {new.name} {new.type}", Style.WARN))


def _show_samples(out: Output, samples: tuple[Sample, ...]) -> None:
    names = list(dict.fromkeys(name for sample in samples for name in sample.row))
    out.line()
    out.table(
        (Column(" "), *(Column(name, elastic=True) for name in names)),
        [(Cell(*_MARKS[sample.change]), *(_value(sample, name) for name in names)) for sample in samples],
    )


def _value(sample: Sample, name: str) -> Cell:
    new = _told(sample.row.get(name))
    old = new if sample.before is None else _told(sample.before.get(name))
    return Cell(new) if old == new else Cell(f"{old} → {new}", Style.WARN)


def _told(value: object) -> str:
    return "null" if value is None else str(value)
