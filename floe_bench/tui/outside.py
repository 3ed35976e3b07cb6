"""What leaves the screen: a file in the user's editor, a page in their browser, a picture of the screen on disk."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from floe_bench.config.project import DBT_FILE, STATE_FOLDER
from floe_bench.tui.browser import browsed
from floe_bench.tui.messages import Copied
from floe_bench.tui.view import RUNS, Selection

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp
    from floe_bench.tui.bridge import BenchClient

SCREENS = "screens"


class Outside:
    def __init__(self, app: BenchApp) -> None:
        self._app = app

    def open_source(self) -> None:
        """Give the terminal to the editor, and take it back when that has ended."""
        self.open_source_of(self._app.view.selection.asset or "")

    def open_source_of(self, key: str) -> None:
        project, asset = self._app.bench_state.project, (self._app.bench_state.assets or {}).get(key)
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
        if project is None or asset is None:
            return
        path = source_path(Path(project.root), asset.path)
        if path is None:
            self._app.say(f"{asset.path} is not in {project.root} any more; r looks again", "warn")
        elif not editor.strip():
            self._app.say(f"set EDITOR to open {path}", "warn")
        else:
            self._edit(editor, path)

    def _edit(self, editor: str, path: Path) -> None:
        try:
            with self._app.suspend():
                code = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
        except SuspendNotSupported:
            self._app.say(f"this terminal cannot be handed to an editor; the file is {path}", "warn")
        except (OSError, ValueError) as error:
            self._app.say(f"EDITOR={editor} cannot be started: {error}", "bad")
        else:
            self._app.say(f"{path.name}: the editor ended with {code}" if code else f"edited {path.name}", "soft")

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
