"""Pictures of what lies over or in front of the bench, wide and narrow, and of every theme of ours."""

from __future__ import annotations

import pytest
from stage import SIZES, app_on, playing
from test_screens import TICKETS, Compare, settled

SHEETS = {
    "lineage": ("l",),
    "menu": ("M",),
    "preview": ("M", "a", "f"),
    "filter": ("slash", *"status:st"),
    "grouped": ("v",),
    "jump": ("ctrl+o",),
}


@SIZES
@pytest.mark.parametrize("sheet", SHEETS)
def test_sheet(snap_compare: Compare, sheet: str, size: tuple[int, int]) -> None:
    client = playing()
    run_before = settled(client, *SHEETS[sheet], select="intermediate/int_customer_support")
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=run_before)


@SIZES
@pytest.mark.parametrize("presses", [1, 2], ids=["light", "contrast"])
def test_theme(snap_compare: Compare, presses: int, size: tuple[int, int]) -> None:
    client = playing(over=False)
    run_before = settled(client, *["T"] * presses, "escape", select=TICKETS)
    assert snap_compare(app_on(lambda: client), terminal_size=size, run_before=run_before)
