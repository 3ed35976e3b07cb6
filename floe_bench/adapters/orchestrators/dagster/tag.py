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
