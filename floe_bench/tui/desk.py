"""What the user arranged, kept per project: theme, pane sizes, grouping, filter and selection."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from floe_bench.dataclass import dataclass
from floe_bench.tui.view import GROUPINGS, SHARES_DEFAULT, Shares

FILE = "ui.json"
_LARGEST = 65_536
_LEAST_SHARE, _MOST_SHARE = 6, 900
LEAST_PART = 0.15
"""Of the width that the three panes share."""
_STEP = 3
LEAST_DRAWER, MOST_DRAWER = 15, 75


@dataclass(frozen=True, slots=True)
class Desk:
    theme: str | None = None
    shares: Shares = SHARES_DEFAULT
    grouping: str = GROUPINGS[0]
    filter: str = ""
    asset: str | None = None
    """The selected one."""


def read_desk(path: Path) -> Desk:
    """The kept desk; whatever of it cannot be used is as if it had never been kept."""
    try:
        if path.stat().st_size > _LARGEST:
            return Desk()
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Desk()
    if not isinstance(data, dict):
        return Desk()
    grouping = data.get("grouping")
    return Desk(
        theme=_text(data, "theme"),
        shares=allowed(data.get("shares")),
        grouping=grouping if grouping in GROUPINGS else GROUPINGS[0],
        filter=_text(data, "filter") or "",
        asset=_text(data, "asset"),
    )


def write_desk(path: Path, desk: Desk) -> None:
    """In one step, so that a reader never sees half of it. Nothing is written where there is no state folder."""
    if not path.parent.is_dir():
        return
    with suppress(OSError):  # a full disk or a folder that is read only: the arrangement is not worth a word
        handle, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(desk), file, indent=2)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)


def resized(shares: Shares, place: int, by: int) -> Shares:
    """``shares`` with one pane, or the drawer (3), larger or smaller by a step; the same when that is too far."""
    changed = list(shares)
    changed[place] += by * _STEP
    return allowed(changed, otherwise=shares)


def allowed(value: object, otherwise: Shares = SHARES_DEFAULT) -> Shares:
    """``value`` if the screen can be divided so."""
    if not isinstance(value, list | tuple) or len(value) != len(SHARES_DEFAULT):
        return otherwise
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in value):
        return otherwise
    *panes, drawer = value
    if not LEAST_DRAWER <= drawer <= MOST_DRAWER:
        return otherwise
    if not all(_LEAST_SHARE <= each <= _MOST_SHARE and each >= sum(panes) * LEAST_PART for each in panes):
        return otherwise
    return (panes[0], panes[1], panes[2], drawer)


def _text(data: Mapping[str, object], key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) else None
