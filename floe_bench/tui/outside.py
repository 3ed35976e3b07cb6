"""What leaves the screen: a file in the user's editor, a page in their browser, a picture of the screen on disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from floe_bench.config.project import DBT_FILE, STATE_FOLDER
from floe_bench.model.code import Code, failing_line, source_line
from floe_bench.tui.browser import browsed
from floe_bench.tui.editor import command, takes_line
from floe_bench.tui.messages import Copied
from floe_bench.tui.source import Source, source_of
from floe_bench.tui.view import RUNS, Selection

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient
    from floe_bench.tui.app import BenchApp

SCREENS = "screens"


class Outside:
    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def open_source(self) -> None:
        wanted = source_of(self._app.bench_state, self._app.view)
        if wanted is not None:
            self.open(wanted)

    def open(self, wanted: Source, *, then: Callable[[], None] = lambda: None) -> None:
        """The engine is asked for the line, where there may be one and it is there to be asked.

        ``then`` is called when the editor has ended.
        """
        node_id = wanted.node_id
        if wanted.is_whole or node_id is None or (wanted.path and self._app.view.lost is not None):
            self._open(wanted, None, then)
            return

        def ask(client: BenchClient) -> str:
            code = client.code(wanted.run_id, node_id)
            self._app.call_later(self._open, wanted, code, then)
            return ""

        self._app.bridge.do("open", ask)

    def _open(self, wanted: Source, code: Code | None, then: Callable[[], None]) -> None:
        project = self._app.bench_state.project
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
        name = code.path if code is not None else wanted.path
        if project is None:
            return
        path = source_path(Path(project.root), name)
        if path is None:
            where = f"{name} is not in {project.root} any more; r looks again" if name else "it has no file"
            self._app.say(where, "warn")
            return
        line = _line(wanted, code, path)
        if not editor.strip():
            self._app.say(f"set EDITOR to open {path}{f':{line}' if line else ''}", "warn")
        else:
            self._edit(editor, path, line)
            then()

    def _edit(self, editor: str, path: Path, line: int | None) -> None:
        """Give the terminal to the editor, and take it back when that has ended."""
        name = f"{path.name}:{line}" if line else path.name
        try:
            with self._app.suspend():
                code = subprocess.run(command(editor, path, line), check=False).returncode
        except SuspendNotSupported:
            self._app.say(f"this terminal cannot be handed to an editor; the file is {path}", "warn")
        except (OSError, ValueError) as error:
            self._app.say(f"EDITOR={editor} cannot be started: {error}", "bad")
        else:
            said = f"{name}: the editor ended with {code}" if code else f"edited {name}"
            untold = line is not None and not takes_line(editor)
            self._app.say(f"{said}; how {editor} is told a line is not known" if untold else said, "soft")

    def open_console(self) -> None:
        """Seconds where it has to be started; the page that is opened is of what was selected when the key was hit."""
        asset, run_id = console_subject(self._app.view.selection)

        def show(client: BenchClient) -> str:
            link = client.console.open(asset=asset, run_id=run_id).link
            if self._app.is_web:
                self._app.call_from_thread(self._app.open_url, link)
            elif not browsed(link):
                self._app.post_message(Copied(link, link))
                return ""
            return f"opened {link}"

        self._app.say("Dagster's web interface …")
        self._app.bridge.do("web", show)

    def save_screen(self) -> None:
        project = self._app.bench_state.project
        if project is None:
            return
        folder = Path(project.root) / STATE_FOLDER / SCREENS
        path = folder / f"{self._app.now():%Y-%m-%d-%H%M%S}.svg"
        try:
            folder.mkdir(exist_ok=True)
            path.write_text(self._app.export_screenshot(title="floe-bench"), encoding="utf-8")
        except OSError as error:
            self._app.say(f"the screen could not be saved: {error}", "bad")
        else:
            self._app.say(f"saved {path}", "ok")


def _line(wanted: Source, code: Code | None, path: Path) -> int | None:
    """As told, as declared, or the failing line where it is certain which line of the file that is."""
    if wanted.line is not None or code is None or code.line is not None:
        return wanted.line or (code.line if code is not None else None)
    failing = failing_line(code.compiled, wanted.message) if wanted.message and code.compiled else None
    if failing is None:
        return None
    # The file as it is now, which may have been changed since the run: what is not there any more is not found.
    compiled = code.compiled.strip("\n")
    return source_line(path.read_text(encoding="utf-8", errors="replace"), compiled, failing)


def console_subject(chosen: Selection) -> tuple[str | None, str | None]:
    """The asset or the run whose page is wanted: a run only where it was selected as one."""
    if chosen.origin == RUNS and chosen.run_id and chosen.node_id is None:
        return None, chosen.run_id
    return chosen.asset, None


def source_path(root: Path, path: str) -> Path | None:
    """Where ``path`` of an asset is: in the opened folder, or in the dbt folder one level below."""
    if not path or Path(path).is_absolute():
        return None
    below = sorted(each.parent for each in root.glob(f"*/{DBT_FILE}"))
    for folder in (root, *below):
        found = (folder / path).resolve()
        if found.is_file() and found.is_relative_to(root.resolve()):
            return found
    return None
