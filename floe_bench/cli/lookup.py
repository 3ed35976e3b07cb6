"""From what was typed to what is meant: snapshots by prefix or ref, and words the shell may complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import click

from floe_bench.cli.session import Client, Session
from floe_bench.errors import BenchError, NoSuchNode, NoSuchSnapshot
from floe_bench.model.asset import Asset
from floe_bench.model.snapshot import Snapshot


def find_snapshot(snapshots: Sequence[Snapshot], typed: str, *, table: str) -> int:
    """A snapshot id, the unique start of one, a branch or tag, or a time: what was on the main line then.

    Raises:
        NoSuchSnapshot: none fits, or several do.
    """
    moment = _moment(typed)
    if moment is not None:
        return _at(snapshots, moment, typed, table=table)
    wanted = typed.rstrip("…")
    by_ref = [each.snapshot_id for each in snapshots if wanted in each.refs]
    exact = [each.snapshot_id for each in snapshots if str(each.snapshot_id) == wanted]
    found = exact or by_ref or [each.snapshot_id for each in snapshots if str(each.snapshot_id).startswith(wanted)]
    if len(found) == 1:
        return found[0]
    fault = f"'{typed}' fits {len(found)} snapshots of {table}" if found else f"{table} has no snapshot '{typed}'"
    raise NoSuchSnapshot(fault, remedy=f"floe-bench snapshots {table}")


at_option = click.option(
    "--at", metavar="SNAPSHOT", help="Snapshot id, the start of one, a branch, a tag or a time. Default: now."
)


def snapshot_at(client: Client, table: str, at: str | None) -> int | None:
    """None for now. Raises NoSuchSnapshot."""
    return None if at is None else find_snapshot(client.snapshots(table), at, table=table)


def _moment(typed: str) -> datetime | None:
    """Without a zone it is the user's own. A bare number is the start of an id, not a year."""
    if "-" not in typed and ":" not in typed:
        return None
    try:
        return datetime.fromisoformat(typed).astimezone(UTC)
    except ValueError:
        return None


def _at(snapshots: Sequence[Snapshot], moment: datetime, typed: str, *, table: str) -> int:
    known = {each.snapshot_id: each for each in snapshots}
    each = next((found for found in snapshots if "main" in found.refs), None)
    while each is not None:
        if each.committed_at <= moment:
            return each.snapshot_id
        each = known.get(each.parent_id) if each.parent_id is not None else None
    raise NoSuchSnapshot(f"{table} had no snapshot at {typed}", remedy=f"floe-bench snapshots {table}")


def typed_run_id(typed: str) -> str:
    """As shown on a terminal, with or without the ellipsis."""
    return typed.rstrip("…")


def find_node(client: Client, typed: str, *, run_id: str | None) -> tuple[str | None, str]:
    """The run and the id of a node: of an asset or test by name, key or dbt's unique id.

    Without a run, a name that is no asset's is looked for in the newest runs.

    Raises:
        NoSuchNode: none fits, or several do.
    """
    found = {asset.node_id for asset in _named(client, typed) if asset.node_id}
    if not found:
        for each in [run_id] if run_id else [run.run_id for run in client.runs(_RUNS_SEARCHED)]:
            found = {node.node_id for node in client.run(each).nodes if typed in (node.node_id, node.name)}
            if found:
                run_id = each
                break
    if len(found) == 1:
        return run_id, found.pop()
    fault = f"'{typed}' fits {len(found)} nodes" if found else f"there is no asset or test '{typed}'"
    raise NoSuchNode(fault, remedy="floe-bench assets" if not run_id else f"floe-bench runs {run_id}")


def find_asset(client: Client, typed: str) -> str:
    """The key of an asset, by name, key or dbt's unique id. Raises NoSuchNode."""
    found = [asset.asset for asset in _named(client, typed)]
    if len(found) == 1:
        return found[0]
    fault = f"'{typed}' fits {len(found)} assets" if found else f"there is no asset '{typed}'"
    raise NoSuchNode(fault, remedy="floe-bench assets")


def _named(client: Client, typed: str) -> list[Asset]:
    return [asset for asset in client.assets() if typed in (asset.asset, asset.node_id, asset.asset.split("/")[-1])]


_RUNS_SEARCHED = 20

Completer = Callable[[click.Context, click.Parameter, str], list[str]]


def completing(read: Callable[[Client], Iterable[str]]) -> Completer:
    """Words from the engine that runs already; pressing Tab never starts one and never complains."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        session = context.find_object(Session)
        if session is None:
            return []
        try:
            with session.running_bench() as client:
                words = () if client is None else read(client)
                return [word for word in words if word.startswith(incomplete)]
        except BenchError:
            return []

    return complete


complete_table = completing(lambda client: [table.table for table in client.tables()])
complete_run = completing(lambda client: [run.run_id for run in client.runs()])
complete_asset = completing(lambda client: [asset.asset.rpartition("/")[2] for asset in client.assets()])
