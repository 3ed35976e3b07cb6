"""The project's assets."""

from __future__ import annotations

from collections import Counter

import click

from floe_bench.cli.noun import ASSET
from floe_bench.cli.output import Cell, Column, Style
from floe_bench.cli.session import Session
from floe_bench.cli.status import face
from floe_bench.cli.text import age, count
from floe_bench.cli.verb import Verb
from floe_bench.model.asset import Asset, AssetStatus

_COLUMNS = (
    Column("status"),
    Column("asset", elastic=True),
    Column("kind", spare=True),
    Column("rows", right=True),
    Column("age", right=True),
    Column("checks"),
    Column("run", spare=True),
    Column("snapshot"),
    Column("why", elastic=True),
)


@click.command(
    "assets",
    cls=Verb,
    json_form="a list of",
    shapes=[ASSET],
    examples=[
        ("floe-bench assets", "see what is fresh, stale, failed or was never made"),
        ("floe-bench assets --json | jq -r '.[] | select(.status==\"stale\") | .asset'", "list what is stale"),
    ],
)
@click.pass_obj
def command(session: Session) -> int:
    """List the project's assets with status, rows, run and snapshot."""
    with session.bench() as client:
        assets = client.assets()
    if session.as_json:
        session.out.json([ASSET.of(asset) for asset in assets])
    elif assets:
        _show(session, assets)
    else:
        session.out.line("this project has no assets yet: add a model or a seed")
    return 0


def _show(session: Session, assets: tuple[Asset, ...]) -> None:
    out, now = session.out, session.now()
    run_id = out.ids([asset.last_run_id for asset in assets])
    snapshot_id = out.ids([asset.snapshot_id for asset in assets])
    out.table(
        _COLUMNS,
        [
            (
                face(asset.status),
                asset.asset,
                Cell(asset.kind, Style.DIM),
                count(asset.rows),
                Cell(age(asset.materialized_at, now), Style.DIM),
                _checks(asset),
                Cell(run_id(asset.last_run_id), Style.ID),
                Cell(snapshot_id(asset.snapshot_id), Style.ID),
                Cell("; ".join(asset.why_stale), Style.WARN),
            )
            for asset in assets
        ],
    )
    _tell_work(session, assets)


def _tell_work(session: Session, assets: tuple[Asset, ...]) -> None:
    tally = Counter(asset.status for asset in assets)
    told = ((AssetStatus.FAILED, "failed"), (AssetStatus.STALE, "stale"), (AssetStatus.NEVER, "never made"))
    work = [f"{tally[status]} {words}" for status, words in told if tally[status]]
    if work:
        session.say(f"{', '.join(work)}; materialize: floe-bench run")


def _checks(asset: Asset) -> Cell:
    if not asset.checks_total:
        return Cell("")
    style = Style.BAD if asset.checks_failed else Style.WARN if asset.checks_warned else Style.DIM
    return Cell(f"{asset.checks_passed}/{asset.checks_total}", style)
