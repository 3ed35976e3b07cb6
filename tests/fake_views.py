"""Views of a catalog in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from floe_bench.errors import NoSuchTable
from floe_bench.model.anatomy import SchemaVersion
from floe_bench.model.table import Column, TableName
from floe_bench.model.view import LakeView, ViewDefinition, ViewVersion, Wording

_MADE_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
_FIRST = SchemaVersion(0, (Column(1, "customer_id", "string", False, "business key"),), since=_MADE_AT)
_SECOND = SchemaVersion(
    1,
    (*_FIRST.columns, Column(2, "total_spend", "decimal(12, 2)")),
    current=True,
    since=_MADE_AT + timedelta(days=1),
)
_SPARK = """select customer_id,
       sum(amount) as total_spend
from orders
group by customer_id"""


def a_view(name: str) -> ViewDefinition:
    """Of two versions, the second in two dialects."""
    first = ViewVersion(
        1, _MADE_AT, 0, (Wording("spark", "select customer_id from orders"),), default_namespace="marts",
        summary={"engine-name": "spark", "engine-version": "3.5.1"},
    )  # fmt: skip
    wordings = Wording("spark", _SPARK), Wording("trino", "SELECT customer_id, sum(amount) total_spend FROM orders")
    second = replace(
        first, version_id=2, since=_MADE_AT + timedelta(days=1), schema_id=1, wordings=wordings, current=True
    )
    return ViewDefinition(
        view=name,
        view_uuid="fa6506c3-7681-40c8-86dc-e36561f83385",
        format_version=1,
        location=f"s3://warehouse/{name.replace('.', '/')}",
        schemas=(_FIRST, _SECOND),
        versions=(first, second),
        properties={"comment": "What each customer spent."},
    )


def in_substrait_too(name: str) -> ViewDefinition:
    """Its current version is in SQL of two dialects, one unnamed, and in something else."""
    found = a_view(name)
    first, second = found.versions
    wordings = (second.wordings[0], Wording("", "select 1"))
    return replace(found, versions=(first, replace(second, wordings=wordings, untold=("substrait",))))


def headless(name: str) -> ViewDefinition:
    """Its metadata lacks the version that is the current one."""
    found = a_view(name)
    return replace(
        found,
        versions=tuple(replace(each, current=False) for each in found.versions),
        schemas=tuple(replace(each, current=False) for each in found.schemas),
        faults=("version 7, the current one, is not in its metadata",),
    )


@dataclass
class FakeViews:
    """Fills ``ports.view.ViewVerbs``."""

    known: dict[str, ViewDefinition] = field(default_factory=dict)

    def add(self, name: str) -> None:
        self.known[name] = a_view(name)

    def all(self) -> tuple[LakeView, ...]:
        names = sorted(map(TableName.parse, self.known))
        return tuple(LakeView(str(name), ".".join(name.namespace)) for name in names)

    def definition(self, view: str) -> ViewDefinition:
        if view not in self.known:
            raise NoSuchTable(f"there is no view {view}", remedy="floe-bench tables")
        return self.known[view]
