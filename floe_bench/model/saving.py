"""A statement that becomes a model of the project."""

from __future__ import annotations

from floe_bench.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Select:
    """One statement that finds rows, without its end. ``tables`` as it names them, with their namespace; ``loose`` are
    names that it gives without one; ``fault`` says why it would not run over the tables as they are."""

    sql: str
    tables: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ModelRead:
    """A table that the statement reads, and what the project calls it: ``ref('stg_orders')``. ``word`` is empty for a
    table that the project does not know."""

    table: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """``text`` is the whole file at ``path``, which is absolute and not there yet; ``shown`` is the same from the
    project's root, ``folder`` from the dbt folder. ``text`` ends in the statement as it was given."""

    name: str
    folder: str
    path: str
    shown: str
    sql: str
    text: str
    reads: tuple[ModelRead, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedModel:
    """``asset`` is the key of what it became; empty where dbt was told to leave that folder out."""

    path: str
    shown: str
    asset: str = ""
