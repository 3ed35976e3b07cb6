"""What a rehearsal tells Dagster: observations while it goes, materializations once it is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from floe_bench.errors import EngineError

if TYPE_CHECKING:
    from dagster import AssetExecutionContext, DagsterInstance

WORDS = "rehearsed: on a branch, not on main"


def rehearsed(events: Iterable[Any], context: AssetExecutionContext) -> Iterator[Any]:
    """An output or a check of a rehearsal is no materialization and no verdict: nobody sees the rows but itself."""
    import dagster as dg

    keys = context.assets_def.keys_by_output_name
    for found in events:
        if isinstance(found, dg.Output):
            key = keys[found.output_name]
            context.log_event(dg.AssetObservation(key, description=WORDS, metadata=dict(found.metadata)))
        elif isinstance(found, dg.AssetMaterialization):
            context.log_event(dg.AssetObservation(found.asset_key, description=WORDS, metadata=dict(found.metadata)))
    yield from ()


def adopt(instance: DagsterInstance, run_id: str, assets: Sequence[str]) -> None:
    """As ``ports.rehearsal.CanRehearse.adopt``: what was observed is told again, as a materialization by that run."""
    from dagster import AssetMaterialization, DagsterError, DagsterEvent, DagsterEventType
    from dagster._core.events import StepMaterializationData
    from sqlalchemy.exc import SQLAlchemyError

    try:
        run = instance.get_run_by_id(run_id)
        records = instance.get_records_for_run(run_id, of_type=DagsterEventType.ASSET_OBSERVATION).records
        for record in records if run is not None else ():
            seen = record.event_log_entry.asset_observation
            if run is None or seen is None or seen.asset_key.to_user_string() not in assets:
                continue
            made = AssetMaterialization(seen.asset_key, description="published", metadata=seen.metadata)
            event = DagsterEvent(
                event_type_value=DagsterEventType.ASSET_MATERIALIZATION.value,
                job_name=run.job_name,
                message=f"published {seen.asset_key.to_user_string()}",
                event_specific_data=StepMaterializationData(made, []),
            )
            instance.report_dagster_event(event, run_id)
    except (DagsterError, SQLAlchemyError) as error:
        raise EngineError(f"Dagster did not take what rehearsal run {run_id[:8]} made: {error}") from error
