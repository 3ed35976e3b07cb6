"""Changing what the table that is looked at is: what is asked for first, then a plan like any other of ``Upkeep``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_bench.errors import NoSuchSnapshot, UsageError
from floe_bench.model.alteration import Alteration, alteration
from floe_bench.model.past import find_snapshot
from floe_bench.tui.inspection import TablePlan
from floe_bench.tui.looking import TableLook, aside, branch_names
from floe_bench.tui.upkeep import Upkeep

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp


class Reshaping:
    def __init__(self, app: BenchApp, upkeep: Upkeep) -> None:
        self._app, self._upkeep = app, upkeep

    def alter(self, text: str = "") -> None:
        from floe_bench.tui.screens.reshape_sheets import AlterSheet

        look = self._look()
        anatomy = look.anatomy if look is not None else None
        if look is None or anatomy is None:
            return
        columns = next((each.columns for each in look.schemas if each.current), ())

        def typed(answer: str | None) -> None:
            if answer is None:
                return
            if answer.startswith(AlterSheet.COLUMN):
                self.alter(f"rename {answer.removeprefix(AlterSheet.COLUMN)}=")
                return
            try:
                wanted = alteration(answer)
            except UsageError as error:
                self._app.say(error.message, "warn")
                return
            self._upkeep.ask(lambda client, table: _altered(client, table, wanted))

        self._app.push_screen(AlterSheet(columns, text), typed)

    def rename(self) -> None:
        from floe_bench.tui.screens.reshape_sheets import RenameSheet

        looking = self._app.view.looking
        if looking is not None and looking.table is not None:

            def typed(answer: str | None) -> None:
                if answer and answer != looking.table:
                    self._upkeep.ask(lambda client, table: client.reshaping.plan_rename(table, answer))

            self._app.push_screen(RenameSheet((), looking.table), typed)

    def drop(self) -> None:
        self._upkeep.ask(lambda client, table: client.reshaping.plan_drop(table))

    def promote(self) -> None:
        from floe_bench.tui.screens.reshape_sheets import PromoteSheet

        look = self._look()
        refs = look.anatomy.refs if look is not None and look.anatomy is not None else ()

        def chosen(ref: str | None) -> None:
            if ref is not None:
                self._upkeep.ask(lambda client, table: client.reshaping.plan_promote(table, ref))

        self._app.push_screen(PromoteSheet([each for each in refs if each.name != "main"]), chosen)

    def pick(self) -> None:
        """Onto which branch is asked where there is more than one."""
        from floe_bench.tui.screens.reshape_sheets import OntoSheet

        look = self._look()
        if look is None:
            return
        known = branch_names(look)
        if len(known) == 1:
            self._pick_onto(look, known[0])
            return

        def chosen(branch: str | None) -> None:
            if branch is not None:
                self._pick_onto(look, branch)

        sheet = OntoSheet([(branch, len(aside(look.snapshots, branch))) for branch in known])
        self._app.push_screen(sheet, chosen)

    def _pick_onto(self, look: TableLook, branch: str) -> None:
        from floe_bench.tui.screens.reshape_sheets import PickSheet

        def chosen(typed: str | None) -> None:
            if typed is None:
                return
            try:
                wanted = find_snapshot(look.snapshots, typed, table=look.of.table)
            except (NoSuchSnapshot, UsageError) as error:
                self._app.say(error.message, "warn")
                return
            self._upkeep.ask(lambda client, table: client.picking.plan_pick(table, wanted, branch))

        self._app.push_screen(PickSheet(aside(look.snapshots, branch), branch), chosen)

    def _look(self) -> TableLook | None:
        looking = self._app.view.looking
        return looking.look if looking is not None else None


def _altered(client: BenchClient, table: str, wanted: Alteration) -> TablePlan:
    if wanted.partitions or wanted.spec_id is not None:
        return client.reshaping.plan_partitioning(table, wanted.partitions, wanted.spec_id)
    if wanted.sorting or wanted.order_id is not None:
        return client.reshaping.plan_sorting(table, wanted.sorting, wanted.order_id)
    return client.reshaping.plan_schema(table, wanted.columns, wanted.schema_id)
