"""From what was typed to what is meant: snapshots by prefix or ref, and words the shell may complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from floe_bench.cli.session import Session
from floe_bench.errors import BenchError, NoSuchNode
from floe_bench.model.asset import Asset
from floe_bench.model.command import to_type
from floe_bench.model.past import find_snapshot

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

at_option = click.option(
    "--at",
    metavar="SNAPSHOT|REF|TIME",
    help="Snapshot id, the start of one, a branch, a tag or a time. Default: now.",
)

lake_at_option = click.option(
    "--at",
    metavar="SNAPSHOT|REF|TIME",
    help="Every table as it was: at a time, when a snapshot was committed, or on a branch or tag. Default: now.",
)


def snapshot_at(client: BenchClient, table: str, at: str | None) -> int | None:
    """None for now. Raises NoSuchSnapshot."""
    return None if at is None else find_snapshot(client.snapshots(table), at, table=table)


def typed_run_id(typed: str) -> str:
    """As shown on a terminal, with or without the ellipsis."""
    return typed.rstrip("…")


def find_node(client: BenchClient, typed: str, *, run_id: str | None) -> tuple[str | None, str]:
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
    raise NoSuchNode(fault, remedy="floe-bench assets" if not run_id else to_type("runs", run_id))


def find_asset(client: BenchClient, typed: str) -> str:
    """The key of an asset, by name, key or dbt's unique id. Raises NoSuchNode."""
    found = [asset.asset for asset in _named(client, typed)]
    if len(found) == 1:
        return found[0]
    fault = f"'{typed}' fits {len(found)} assets" if found else f"there is no asset '{typed}'"
    raise NoSuchNode(fault, remedy="floe-bench assets")


def _named(client: BenchClient, typed: str) -> list[Asset]:
    return [asset for asset in client.assets() if typed in (asset.asset, asset.node_id, asset.asset.split("/")[-1])]


_RUNS_SEARCHED = 20

Completer = Callable[[click.Context, click.Parameter, str], list[str]]


def completing(read: Callable[[BenchClient], Iterable[str]]) -> Completer:
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
complete_name = completing(
    lambda client: [*(table.table for table in client.tables()), *(view.view for view in client.views.all())]
)
"""Of a table or a view."""
complete_run = completing(lambda client: [run.run_id for run in client.runs()])
complete_asset = completing(lambda client: [asset.asset.rpartition("/")[2] for asset in client.assets()])
