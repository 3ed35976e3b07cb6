"""Why an asset is as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING

import click

from floe_bench.cli.lookup import complete_asset
from floe_bench.cli.noun import SNAPSHOT
from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.status import face
from floe_bench.cli.text import clock
from floe_bench.cli.verb import Verb
from floe_bench.dataclass import dataclass
from floe_bench.errors import NoSuchNode, NoSuchTable
from floe_bench.model.asset import Asset
from floe_bench.model.snapshot import Snapshot

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient


@dataclass(frozen=True, slots=True)
class Input:
    """``newer`` are the snapshots of the table since the one that was read, oldest first."""

    table: str
    read: int | None
    now: int | None
    newer: tuple[Snapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasons:
    """``code`` is a unified diff, from the text that the last run read to that of now; empty when it is the same."""

    asset: Asset
    code: str
    inputs: tuple[Input, ...]


_INPUT = Shape(
    "input",
    Field("table", "table that it reads"),
    Field("read", "snapshot that the last materialization read; null if it was not recorded"),
    Field("now", "its current snapshot; null when it has none"),
    Field("newer", "list of the snapshots since, oldest first", lambda each: [SNAPSHOT.of(one) for one in each.newer]),
)
WHY = Shape(
    "why",
    Field("asset", "key, as Dagster writes it", lambda why: why.asset.asset),
    Field("status", "never, fresh, stale, failed, running or external", lambda why: str(why.asset.status)),
    Field("reasons", "why it is stale, in words; empty when it is not", lambda why: list(why.asset.why_stale)),
    Field("run_id", "run that made it last; null if none did", lambda why: why.asset.last_run_id),
    Field("code", "unified diff of its code since that run; empty when it is the same"),
    Field("inputs", "list of inputs", lambda why: [_INPUT.of(each) for each in why.inputs]),
)


@click.command(
    "why",
    cls=Verb,
    json_form="one object",
    shapes=[WHY, _INPUT, SNAPSHOT],
    examples=[
        ("floe-bench why mart_customers", "see what changed since it was made: code, inputs and who wrote them"),
        ("floe-bench why mart_customers --json | jq -r '.reasons[]'", "only the reasons"),
    ],
)
@click.argument("asset", shell_complete=complete_asset)
@click.pass_obj
def command(session: Session, asset: str) -> int:
    """Say why ASSET is stale.

    What changed in its code since it was made, which inputs are newer and who wrote them, and what failed above it.
    """
    with session.bench() as client:
        why = _why(client, _found(client.assets(), asset))
    if session.as_json:
        session.out.json(WHY.of(why))
    else:
        _show(session, why)
    return 0


def _found(assets: Sequence[Asset], typed: str) -> Asset:
    found = [each for each in assets if typed in (each.asset, each.table, each.asset.rpartition("/")[2])]
    if len(found) != 1:
        fault = f"'{typed}' fits {len(found)} assets" if found else f"there is no asset '{typed}'"
        raise NoSuchNode(fault, remedy="floe-bench assets")
    return found[0]


def _why(client: BenchClient, asset: Asset) -> Reasons:
    by_key = {each.asset: each for each in client.assets()}
    tables = [by_key[key].table for key in asset.upstream if key in by_key]
    inputs = tuple(_input(client, table, asset.inputs.get(table)) for table in tables)
    return Reasons(asset, _code(client, asset), inputs)


def _input(client: BenchClient, table: str, read: int | None) -> Input:
    try:
        snapshots = client.snapshots(table)
    except NoSuchTable:
        return Input(table, read, None)
    line = list(_main_line(snapshots))
    now = line[0] if line else None
    ids = [each.snapshot_id for each in line]
    newer = line[: ids.index(read)] if read in ids else []
    return Input(table, read, None if now is None or now.empty else now.snapshot_id, tuple(reversed(newer)))


def _main_line(snapshots: Sequence[Snapshot]) -> Iterator[Snapshot]:
    known = {each.snapshot_id: each for each in snapshots}
    each = next((found for found in snapshots if "main" in found.refs), None)
    while each is not None:
        yield each
        each = known.get(each.parent_id) if each.parent_id is not None else None


def _maker(snapshot: Snapshot) -> tuple[str, str]:
    """Who, and in which run."""
    if snapshot.typed:
        return "typed SQL", ", a statement of your own"
    by = snapshot.asset or snapshot.written_by or "somebody else"
    return by, f" in run {snapshot.run_id[:8]}" if snapshot.run_id else "" if snapshot.asset else ", not by us"


def _code(client: BenchClient, asset: Asset) -> str:
    if asset.node_id is None or asset.last_run_id is None or asset.kind in ("seed", "source", "python"):
        return ""
    before, now = client.code(asset.last_run_id, asset.node_id), client.code(None, asset.node_id)
    lines = unified_diff(
        before.source.splitlines(), now.source.splitlines(), f"run {asset.last_run_id[:8]}", "now", lineterm="", n=2
    )
    return "\n".join(lines)


def _show(session: Session, why: Reasons) -> None:
    out, now = session.out, session.now()
    out.line(Cell(why.asset.asset, Style.BOLD), "  ", face(why.asset.status))
    for reason in why.asset.why_stale:
        out.line("  ", Cell(reason, Style.WARN))
    if not why.asset.why_stale:
        out.line("  ", Cell("nothing is newer than it", Style.DIM))
    short = out.ids([each.snapshot_id for one in why.inputs for each in one.newer])
    for each in why.inputs:
        for snapshot in each.newer:
            by, run = _maker(snapshot)
            out.line(
                f"  {each.table}  ",
                Cell(short(snapshot.snapshot_id), Style.ID),
                Cell(f"  {clock(snapshot.committed_at, now)}  {snapshot.operation} by {by}{run}", Style.DIM),
            )
    if why.code:
        out.line()
    for line in why.code.splitlines():
        style = Style.GOOD if line.startswith("+") else Style.BAD if line.startswith("-") else Style.DIM
        out.line(Cell(line, style))
