"""The page of keys in the docs, from the table of actions: ``python -m floe_bench.tui.key_reference``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from floe_bench.tui.action import ScreenAction, UserAction, written
from floe_bench.tui.actions import ACTIONS, GROUPS
from floe_bench.tui.sql_actions import SQL_ACTIONS
from floe_bench.tui.stack_actions import STACK_ACTIONS
from floe_bench.tui.step_actions import STEP_ACTIONS
from floe_bench.tui.table_actions import TABLE_ACTIONS

_HEAD = """# Keys

Every user action of the app, from the table that the footer, the help screen (`?`) and the palette (`:`) are drawn
from. A key that cannot do anything now says why.

To give an action other keys, name it in `floe-bench.toml` of the project, or in `floe-bench/config.toml` in the user's
configuration folder (`$XDG_CONFIG_HOME`, or `~/.config`). Several keys have commas between them:

```toml
[keys]
materialize = "ctrl+r"
quit = "q,ctrl+x"
```

An unknown action, or a key that something else has, is said on the screen, and that one line does not count. Keys
without a name to rebind belong to the list that has the focus. `theme` in either file names the theme to start with.
"""

_SCREENS: Mapping[str, Sequence[ScreenAction[Any, Any]]] = {
    "Step screen": STEP_ACTIONS, "Table screen": TABLE_ACTIONS, "Stack screen": STACK_ACTIONS,
    "SQL screen": SQL_ACTIONS,
}  # fmt: skip


def reference() -> str:
    parts = [_HEAD]
    for group in GROUPS:
        parts.append(f"## {group}\n\n| Keys | Action | What it does |\n|---|---|---|\n" + "".join(
            f"| {_keys(action)} | {f'`{action.name}`' if action.keys else ''} | {action.help} |\n"
            for action in ACTIONS
            if action.group == group
        ))  # fmt: skip
    for title, actions in _SCREENS.items():
        parts.append(f"## {title}\n\n| Keys | What it does |\n|---|---|\n" + "".join(
            f"| {' '.join(f'`{written(key)}`' for key in action.keys)} | {action.help} |\n" for action in actions
        ))  # fmt: skip
    return "\n".join(parts)


def _keys(action: UserAction) -> str:
    keys = [action.shown] if action.shown else []
    keys += [written(key) for key in action.keys if not action.shown or written(key) not in action.shown.split()]
    return " ".join(f"`{key}`" for text in keys for key in text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
