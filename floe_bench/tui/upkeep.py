"""Changes of the table that is looked at: the plan is read, then asked about, then carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from floe_bench.model.maintenance import CompactPlan, ExpirePlan, OrphanPlan, PropertyPlan, RefPlan
from floe_bench.tui.bridge import BenchClient
from floe_bench.tui.render import unit
from floe_bench.tui.screens.table_sheets import PropertySheet, RefSheet
from floe_bench.tui.view import Question, Trouble

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

UPKEEP = "upkeep"
"""Key of the numbered read of a plan."""
NAME, SET = "name", "set"
"""Verbs that change no snapshot."""
UpkeepPlan = CompactPlan | ExpirePlan | OrphanPlan | PropertyPlan | RefPlan


@dataclass(frozen=True, slots=True)
class _Change:
    """``told`` is the question, empty where there is nothing to do; ``done`` carries it out and says what was."""

    verb: str
    doing: str
    told: Callable[[Any], str]
    done: Callable[[BenchClient, Any], str]


class Upkeep:
    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._plan: UpkeepPlan | None = None

    def ask(self, plan: Callable[[BenchClient, str], UpkeepPlan]) -> None:
        table = self._table()
        if table is not None:
            self._app.say("seeing what that would do …")
            self._app.bridge.read(UPKEEP, lambda client: plan(client, table))

    def name(self, kind: str) -> None:
        """A branch or tag at the snapshot that is looked at; one that is chosen from those there are is removed."""
        looking = self._app.view.looking
        anatomy = looking.look.anatomy if looking is not None and looking.look is not None else None
        if looking is None or anatomy is None or anatomy.snapshot_id is None:
            self._app.say(f"{kind}: the table was never written", "warn")
            return
        at = anatomy.snapshot_id
        refs = tuple(ref for ref in anatomy.refs if ref.kind == kind and ref.name != "main")

        def named(name: str | None) -> None:
            if name is not None:
                target = None if name.startswith(RefSheet.GONE) else at
                wanted = name.removeprefix(RefSheet.GONE)
                self.ask(lambda client, table: client.maintenance.plan_ref(table, wanted, kind, target))

        self._app.push_screen(RefSheet(kind, at, refs), named)

    def change_property(self, text: str = "") -> None:
        looking = self._app.view.looking
        anatomy = looking.look.anatomy if looking is not None and looking.look is not None else None
        if anatomy is None:
            return
        now = dict(anatomy.properties)

        def typed(answer: str | None) -> None:
            if answer is None:
                return
            key, given, value = answer.partition("=")
            if not given:
                self.change_property(f"{key}={now.get(key, '')}")
            elif value:
                self.ask(lambda client, table: client.maintenance.plan_properties(table, {key: value}))
            else:
                self.ask(lambda client, table: client.maintenance.plan_properties(table, {}, (key,)))

        self._app.push_screen(PropertySheet(now, text), typed)

    def planned(self, answer: object) -> None:
        if isinstance(answer, Trouble):
            self._app.say(answer.message + (f" → {answer.remedy}" if answer.remedy else ""), "bad")
        if not isinstance(answer, UpkeepPlan) or self._table() != answer.table:
            return
        change = _CHANGES[type(answer)]
        text = change.told(answer)
        if not text:
            self._app.say(f"{change.verb}: there is nothing to do in {answer.table}", "ok")
            return
        self._plan = answer
        self._app.look(question=Question(change.verb, text, f"{change.verb} it"), notice=None)

    def carry_out(self) -> None:
        plan, self._plan = self._plan, None
        if plan is not None:
            change = _CHANGES[type(plan)]
            self._app.say(f"{change.doing} …")
            self._app.bridge.do(change.verb, lambda client: change.done(client, plan))

    def _table(self) -> str | None:
        looking = self._app.view.looking
        return looking.table if looking is not None else None


def _compact(plan: CompactPlan) -> str:
    return "" if plan.idle else f"Rewrite {unit.plural(plan.files, 'file')} as about {plan.files_after}, same rows?"


def _expire(plan: ExpirePlan) -> str:
    if not plan.going:
        return ""
    gone = unit.plural(plan.files, "file") + (f" with {unit.size(plan.bytes)}" if plan.bytes else " of metadata")
    return f"Expire {unit.plural(len(plan.going), 'snapshot')} for good, and delete {gone}? {plan.staying} stay."


def _orphans(plan: OrphanPlan) -> str:
    if not plan.orphans:
        return ""
    files = unit.plural(len(plan.orphans), "file")
    return f"Delete {files} with {unit.size(plan.bytes)} that nothing reaches, for good?"


def _ref(plan: RefPlan) -> str:
    if plan.after is None:
        return f"Remove {plan.kind} {plan.name}? Its snapshots stay until they expire."
    at = unit.short_snapshot(plan.after)
    if plan.before is None:
        return f"Make {plan.kind} {plan.name} at {at}?"
    return "" if plan.before == plan.after else f"Move {plan.kind} {plan.name} to {at}?"


def _property(plan: PropertyPlan) -> str:
    if plan.idle:
        return ""
    return "; ".join(
        f"{key}: {plan.before.get(key, 'not set')} → {plan.after.get(key, 'not set')}"
        for key in sorted({**plan.before, **plan.after})
    )


def _compacted(client: BenchClient, plan: CompactPlan) -> str:
    done = client.maintenance.compact(plan)
    return f"{done.files_before} files → {done.files_after}, the same {unit.plural(done.rows, 'row')}"


def _expired(client: BenchClient, plan: ExpirePlan) -> str:
    done = client.maintenance.expire(plan)
    return f"{unit.plural(done.snapshots, 'snapshot')} expired, {unit.plural(done.files, 'file')} deleted"


def _deleted(client: BenchClient, plan: OrphanPlan) -> str:
    done = client.maintenance.delete_orphans(plan)
    return f"{unit.plural(done.files, 'file')} deleted, {unit.size(done.bytes)}"


def _named(client: BenchClient, plan: RefPlan) -> str:
    client.maintenance.set_ref(plan)
    return f"{plan.kind} {plan.name} {'removed' if plan.after is None else 'set'}"


def _set(client: BenchClient, plan: PropertyPlan) -> str:
    client.maintenance.set_properties(plan)
    return f"{', '.join(sorted({**plan.before, **plan.after}))} changed"


_CHANGES: dict[type, _Change] = {
    CompactPlan: _Change("compact", "compacting", _compact, _compacted),
    ExpirePlan: _Change("expire", "expiring", _expire, _expired),
    OrphanPlan: _Change("delete", "deleting", _orphans, _deleted),
    RefPlan: _Change(NAME, "naming", _ref, _named),
    PropertyPlan: _Change(SET, "changing the property", _property, _set),
}
