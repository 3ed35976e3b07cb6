"""Run tags of ours: how a run was asked for."""

JOB = "__ASSET_JOB"
"""Dagster's name of the implicit job over all assets."""

SELECT = "floe/select"
EXCLUDE = "floe/exclude"
FULL_REFRESH = "floe/full_refresh"
VARIABLES = "floe/vars"
PYTHON_ASSET = "asset:"
"""Starts a word of a selection that names a Python asset by its key; dbt never sees it."""

LAUNCHED_BY = "floe/launched_by"

REPEATS, REPEATS_FIRST = "dagster/parent_run_id", "dagster/root_run_id"
"""Dagster's own, on a run that was executed again, here or in its web interface: the run before it, and the first."""

REHEARSAL = "floe/rehearsal"
"""Id of the rehearsal that a run is."""

STEP = "floe/step_id"
"""On every run of one stepped run: itself, and the ordinary run that was paused."""
STOPPED = "floe/stopped"
"""Where a stepped run stands, in words; empty while it goes."""
