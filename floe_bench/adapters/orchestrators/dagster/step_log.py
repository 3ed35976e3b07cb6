"""What Dagster's log is told of a stepped run beside its steps: that it started, where it stands, how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun


def started(instance: DagsterInstance, run: DagsterRun) -> None:
    _report(instance, run, "RUN_START", f'Started execution of run for "{run.job_name}", stepped.')


def succeeded(instance: DagsterInstance, run: DagsterRun) -> None:
    _report(instance, run, "RUN_SUCCESS", f'Finished execution of run for "{run.job_name}", stepped.')


def left_out(instance: DagsterInstance, run: DagsterRun, step_key: str, why: str) -> None:
    _report(instance, run, "STEP_SKIPPED", why, step_key=step_key)


def said(instance: DagsterInstance, run: DagsterRun, words: str) -> None:
    instance.report_engine_event(words, run)


def _report(instance: DagsterInstance, run: DagsterRun, kind: str, words: str, *, step_key: str | None = None) -> None:
    from dagster import DagsterEvent, DagsterEventType

    event = DagsterEvent(
        event_type_value=DagsterEventType[kind].value, job_name=run.job_name, message=words, step_key=step_key
    )
    instance.report_dagster_event(event, run.run_id)
