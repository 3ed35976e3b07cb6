"""JSON shapes of saving a statement as a model: ``{"plan": …, "done": …}``."""

from __future__ import annotations

from floe_bench.cli.noun import each
from floe_bench.cli.shape import Field, Shape

READ = Shape(
    "read",
    Field("table", "full name, as namespace.name"),
    Field("word", "what dbt calls it, as ref('orders'); empty for one that it does not know"),
)
MODEL_PLAN = Shape(
    "plan",
    Field("name", "the model's name"),
    Field("folder", "its folder, from the dbt folder"),
    Field("path", "the file, which is not there yet"),
    Field("text", "all that will be in it"),
    Field("reads", "list of {table, word}: what the statement reads", each("reads", READ)),
    Field("notes", "what else is to be known, as sentences", lambda plan: list(plan.notes)),
)
SAVED_MODEL = Shape(
    "done",
    Field("path", "the file; deleting it takes this back"),
    Field("asset", "key of the asset that it is; empty where dbt leaves that folder out"),
)
