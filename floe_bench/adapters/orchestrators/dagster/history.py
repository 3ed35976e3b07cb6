"""Reading Dagster's instance: runs, materializations, Python assets' steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from floe_bench.adapters.dbt.pause import WORDS as PAUSED
from floe_bench.adapters.orchestrators.dagster.event_log import recognize
from floe_bench.adapters.orchestrators.dagster.journal import JournalReader
from floe_bench.adapters.orchestrators.dagster.node import DBT_STEPS
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.dagster.tag import (
    EXCLUDE,
    FULL_REFRESH,
    LAUNCHED_BY,
    REHEARSAL,
    REPEATS,
    SELECT,
    STEP,
    STOPPED,
)
from floe_bench.errors import EngineError, NoSuchRun
from floe_bench.model.materialization import Materialization
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus

if TYPE_CHECKING:
    from dagster import AssetKey, DagsterInstance, DagsterRun, EventLogRecord, RunRecord

_STATUS = {
    "SUCCESS": RunStatus.SUCCESS,
    "FAILURE": RunStatus.FAILED,
    "CANCELED": RunStatus.CANCELLED,
    "CANCELING": RunStatus.CANCELLING,
    "STARTED": RunStatus.RUNNING,
}
DBT_STEP = "dbt"


class History:
    """One open instance; thread-safe as Dagster's SQLite storage is."""

    def __init__(self, place: Place) -> None:
        from dagster import DagsterInstance

        from floe_bench.adapters.orchestrators.dagster.sqlite import keep_engines, spare_the_disk

        spare_the_disk()
        keep_engines()
        place.prepare()
        self._place = place
        self.instance: DagsterInstance = DagsterInstance.from_config(str(place.home))

    def close(self) -> None:
        self.instance.dispose()

    def runs(self, limit: int) -> tuple[Run, ...]:
        """Newest first, without nodes."""
        return tuple(_run(record) for record in self.instance.get_run_records(limit=limit))

    def find(self, prefix: str) -> Run:
        """Raises NoSuchRun when no run, or more than one, starts like that."""
        record = self.instance.get_run_record_by_id(prefix)
        if record:
            return _run(record)
        found = [run for run in self.runs(1000) if run.run_id.startswith(prefix)]
        if len(found) != 1:
            how = "more than one run starts" if found else "no run starts"
            raise NoSuchRun(f"{how} with '{prefix}'", remedy="floe-bench runs")
        return found[0]

    def nodes(self, run_id: str) -> tuple[NodeRun, ...]:
        """In start order; dbt nodes from the journal, Python assets from the event log."""
        journal = JournalReader(self._place.run(run_id))
        for _ in journal.read():
            pass
        steps = PythonSteps(run_id)
        list(steps.read(self.instance))
        found = [*journal.nodes.values(), *steps.nodes.values()]
        return tuple(sorted(found, key=lambda node: node.started_at or datetime.max.replace(tzinfo=UTC)))

    def error(self, run_id: str) -> str:
        """Why a run failed, when no node of it says so: one message, empty if there is none."""
        from dagster import DagsterEventType

        kinds = {DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}
        found = ""
        for record in self.instance.get_records_for_run(run_id, of_type=kinds).records:
            event = record.event_log_entry.dagster_event
            if event is None:
                continue
            if event.event_type == DagsterEventType.STEP_FAILURE:
                return _failure(event.step_failure_data.error)
            found = found or event.message or ""
        return found

    def observe(self, asset: str, description: str, facts: Mapping[str, str]) -> None:
        from dagster import AssetKey, AssetObservation, DagsterError
        from sqlalchemy.exc import SQLAlchemyError

        event = AssetObservation(AssetKey(asset.split("/")), description=description, metadata=dict(facts))
        try:
            self.instance.report_runless_asset_event(event)
        except (DagsterError, SQLAlchemyError) as error:
            raise EngineError(f"Dagster did not take the observation of {asset}: {error}") from error

    def materializations(self, assets: Iterable[str]) -> dict[str, Materialization]:
        from dagster import AssetKey

        keys = [AssetKey(asset.split("/")) for asset in assets]
        found = {}
        for record in self.instance.get_asset_records(keys):
            entry = record.asset_entry.last_materialization_record
            if entry is not None:
                each = _materialization(entry)
                found[each.asset] = each
        return found


class PythonSteps:
    """The steps of one run that are not dbt's, as nodes; each ``read`` returns what changed."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._cursor: str | None = None
        self._assets: dict[str, str] = {}
        self._planned: set[bool] = set()
        self.nodes: dict[str, NodeRun] = {}

    @property
    def none(self) -> bool:
        """There will not be any: what Dagster planned, which it writes down before a run begins, dbt makes all of."""
        return self._planned == {True}

    def read(self, instance: DagsterInstance) -> Iterator[NodeRun]:
        from dagster import DagsterEventType as Kind

        kinds = {
            Kind.ASSET_MATERIALIZATION_PLANNED,
            Kind.STEP_START,
            Kind.STEP_RESTARTED,
            Kind.STEP_SUCCESS,
            Kind.STEP_FAILURE,
            Kind.ASSET_MATERIALIZATION,
        }
        if self._cursor is None:
            recognize(instance, self._run_id)
        page = instance.get_records_for_run(self._run_id, cursor=self._cursor, of_type=kinds)
        self._cursor = page.cursor
        for record in page.records:
            event = record.event_log_entry.dagster_event
            name = event.step_key if event is not None else None
            if event is None or name is None:
                continue
            by_dbt = name == DBT_STEP or name.startswith(DBT_STEPS)
            if event.event_type_value == "ASSET_MATERIALIZATION_PLANNED":
                self._planned.add(by_dbt)
            if by_dbt:
                continue
            node = self._take(event, record)
            if node is not None:
                self.nodes[node.node_id] = node
                yield node

    def _take(self, event: Any, record: EventLogRecord) -> NodeRun | None:
        name, at = event.step_key, datetime.fromtimestamp(record.timestamp, UTC)
        if event.event_type_value == "ASSET_MATERIALIZATION_PLANNED":
            # A step's name alone does not tell a/b from a__b.
            self._assets[name] = event.asset_materialization_planned_data.asset_key.to_user_string()
            return None
        asset = self._assets.get(name, name.replace("__", "/"))
        known = self.nodes.get(f"python.{asset}")
        if event.event_type_value in ("STEP_START", "STEP_RESTARTED"):
            attempt = known.attempt + 1 if known is not None else 1
            name = asset.rpartition("/")[2]
            return NodeRun(f"python.{asset}", name, "python", NodeStatus.RUNNING, asset, at, attempt=attempt)
        if known is None:
            return None
        took = round((at - known.started_at).total_seconds(), 3) if known.started_at else None
        if event.event_type_value == "ASSET_MATERIALIZATION":
            metadata = event.step_materialization_data.materialization.metadata
            return _replace(known, rows=_rows(metadata), snapshot_id=_snapshot(metadata))
        if event.event_type_value == "STEP_SUCCESS":
            return _replace(known, status=NodeStatus.SUCCESS, duration_s=took)
        message = _failure(event.step_failure_data.error)
        status = NodeStatus.SKIPPED if PAUSED in message else NodeStatus.FAILED
        return _replace(known, status=status, duration_s=took, message=message)


def _replace(node: NodeRun, **changes: Any) -> NodeRun:
    from dataclasses import replace

    return replace(node, **changes)


def _failure(error: Any) -> str:
    """The innermost cause in one line: the user's exception, not Dagster's wrapper around it."""
    while error is not None and error.cause is not None:
        error = error.cause
    return str(error.message).strip() if error is not None else ""


def _run(record: RunRecord) -> Run:
    run = record.dagster_run
    launched = run.tags.get(LAUNCHED_BY, "dagster")
    return Run(
        run_id=run.run_id,
        status=RunStatus.STOPPED if _stands(run) else _STATUS.get(run.status.value, RunStatus.QUEUED),
        launched_by=launched,
        selection=run.tags.get(SELECT, "") or _asset_selection(run.asset_selection),
        exclude=run.tags.get(EXCLUDE, ""),
        full_refresh=bool(run.tags.get(FULL_REFRESH)),
        queued_at=record.create_timestamp.astimezone(UTC)
        if record.create_timestamp.tzinfo
        else record.create_timestamp.replace(tzinfo=UTC),
        started_at=_time(record.start_time),
        ended_at=_time(record.end_time),
        step_id=run.tags.get(STEP),
        repeats=run.tags.get(REPEATS),
        rehearsal=run.tags.get(REHEARSAL),
    )


def _stands(run: DagsterRun) -> bool:
    return run.status.value == "STARTED" and bool(run.tags.get(STOPPED))


def _asset_selection(keys: AbstractSet[AssetKey] | None) -> str:
    return " ".join(sorted(key.path[-1] for key in keys)) if keys and len(keys) <= 5 else ""


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _materialization(record: EventLogRecord) -> Materialization:
    found = record.asset_materialization
    assert found is not None
    metadata = found.metadata
    inputs: Any = metadata["floe/inputs"].value if "floe/inputs" in metadata else {}
    return Materialization(
        asset=found.asset_key.to_user_string(),
        run_id=record.run_id,
        at=datetime.fromtimestamp(record.timestamp, UTC),
        snapshot_id=_snapshot(metadata),
        rows=_rows(metadata),
        inputs={str(table): int(each) for table, each in (inputs or {}).items()},
        checksum=str(metadata["floe/checksum"].value) if "floe/checksum" in metadata else "",
        ingredients=_texts(metadata.get("floe/ingredients")),
    )


def _texts(found: Any) -> dict[str, str]:
    value = found.value if found is not None else {}
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _snapshot(metadata: Mapping[str, Any]) -> int | None:
    """Ours, or dagster-iceberg's dump of the snapshot."""
    for name in ("iceberg/snapshot_id", "snapshot_id", "snapshot-id"):
        if name in metadata and metadata[name].value is not None:
            return int(metadata[name].value)
    return None


def _rows(metadata: Mapping[str, Any]) -> int | None:
    if "dagster/row_count" in metadata:
        return int(metadata["dagster/row_count"].value)
    summary = metadata.get("summary")
    if summary is not None and isinstance(summary.value, dict):
        total = summary.value.get("total-records") or summary.value.get("additional_properties", {}).get(
            "total-records"
        )
        return int(total) if total is not None else None
    return None
