"""Puts the screen as the user left it in this project, and remembers how it is now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from floe_bench.config.project import STATE_FOLDER
from floe_bench.config.settings import load_settings
from floe_bench.errors import ConfigInvalid
from floe_bench.events import ProblemFound, ProblemSolved
from floe_bench.tui.desk import FILE, Desk, read_desk, write_desk
from floe_bench.tui.keymap import keymap
from floe_bench.tui.later import later
from floe_bench.tui.view import Selection

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

_SETTLE_S = 0.5
_KEYS = "keys"


class Arrangement:
    """Reads once per opened project; writes when something has changed and stayed so for a moment."""

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._path: Path | None = None
        self._kept = Desk()
        self._chosen_theme: str | None = None
        self._waits = False

    def restore(self, root: Path) -> None:
        path = root / STATE_FOLDER / FILE
        if path == self._path:
            return
        desk = read_desk(path)
        self._kept = desk
        selection = Selection(assets=(desk.asset,)) if desk.asset else self._app.view.selection
        self._app.look(shares=desk.shares, grouping=desk.grouping, filter=desk.filter, selection=selection)
        if desk.theme in self._app.available_themes:
            self._chosen_theme = self._app.theme = desk.theme
        self._path = path

    def choose_theme(self, name: str) -> None:
        self._chosen_theme = self._app.theme = name
        self.keep()

    def keep(self) -> None:
        if self._path is not None and not self._waits and self._now() != self._kept:
            self._waits = True
            later(self._app, _SETTLE_S, self.write)

    def write(self) -> None:
        self._waits = False
        desk = self._now()
        if self._path is not None and desk != self._kept:
            self._kept = desk
            write_desk(self._path, desk)

    def _now(self) -> Desk:
        view = self._app.view
        asset = view.selection.asset or self._kept.asset
        return Desk(self._chosen_theme, view.shares, view.grouping, view.filter, asset)

    def bind(self, root: Path) -> None:
        """The user's own keys; what is wrong with them is said, and the others hold."""
        try:
            settings = load_settings(root)
        except ConfigInvalid as error:
            self._app.tell(ProblemFound(_KEYS, error.message, error.remedy, error.where))
            return
        self._app.herald.listen(settings)
        own, problems = keymap(settings.keys)
        self._app.look(keys=own)
        self._app.set_keymap({name: ",".join(keys) for name, keys in own.items()})
        if problems:
            self._app.tell(ProblemFound(_KEYS, "; ".join(problems), "edit [keys] in floe-bench.toml"))
        else:
            self._app.tell(ProblemSolved(_KEYS))
