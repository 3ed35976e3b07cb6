"""From what was typed to what is meant: snapshots by prefix or ref, and words the shell may complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import click

from floe_bench.cli.session import Client, Session
from floe_bench.errors import BenchError, NoSuchSnapshot
from floe_bench.model.snapshot import Snapshot


def find_snapshot(snapshots: Sequence[Snapshot], typed: str, *, table: str) -> int:
    """A snapshot id, the unique start of one, or a branch or tag.

    Raises:
        NoSuchSnapshot: none fits, or several do.
    """
    wanted = typed.rstrip("…")
    by_ref = [each.snapshot_id for each in snapshots if wanted in each.refs]
    exact = [each.snapshot_id for each in snapshots if str(each.snapshot_id) == wanted]
    found = exact or by_ref or [each.snapshot_id for each in snapshots if str(each.snapshot_id).startswith(wanted)]
    if len(found) == 1:
        return found[0]
    fault = f"'{typed}' fits {len(found)} snapshots of {table}" if found else f"{table} has no snapshot '{typed}'"
    raise NoSuchSnapshot(fault, remedy=f"floe-bench snapshots {table}")


def typed_run_id(typed: str) -> str:
    """As shown on a terminal, with or without the ellipsis."""
    return typed.rstrip("…")


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
