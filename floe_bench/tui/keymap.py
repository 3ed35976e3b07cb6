"""The user's own keys: from ``[keys]`` in the settings to a table without doubles."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from textual.binding import Binding, BindingError, BindingsMap, InvalidBinding

from floe_bench.tui.actions import ACTIONS, BY_NAME
from floe_bench.tui.panes.line_list import LineList


def keymap(given: Mapping[str, str]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """``given`` is action -> keys, with commas between them. What is wrong is left out and said, a sentence each."""
    own: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for name, text in given.items():
        keys = _normal(text)
        if name not in BY_NAME:
            near = get_close_matches(name, BY_NAME, n=1)
            problems.append(f"there is no action '{name}'" + (f"; did you mean {near[0]}?" if near else ""))
        elif not BY_NAME[name].keys:
            problems.append(f"{name} belongs to the list that has the focus and keeps its keys")
        elif not keys:
            problems.append(f"'{text}' is no key for {name}")
        else:
            own[name] = keys
    return _without_doubles(own, problems)


def _without_doubles(
    own: dict[str, tuple[str, ...]], problems: list[str]
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    kept = dict(own)
    taken = dict.fromkeys(_list_keys(), "moving in a list")
    for action in ACTIONS:
        for key in own.get(action.name, action.keys):
            holder = taken.get(key)
            if holder is None or (action.name not in own and holder not in own):
                taken.setdefault(key, action.name)
                continue
            # The one that the user moved gives way, to its own key.
            moved = action.name if action.name in own else holder
            kept.pop(moved, None)
            other = holder if moved == action.name else action.name
            problems.append(f"{key} cannot be {moved}: it is {other}")
    return kept, tuple(problems)


def _list_keys() -> frozenset[str]:
    return frozenset(BindingsMap(LineList.BINDINGS).key_to_bindings)


def _normal(text: str) -> tuple[str, ...]:
    try:
        return tuple(BindingsMap([Binding(text, "normal")]).key_to_bindings)
    except (BindingError, InvalidBinding):
        return ()
