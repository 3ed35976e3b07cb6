"""What is written about keys, held against the table of actions."""

from __future__ import annotations

from pathlib import Path

from floe_bench.tui.actions import ACTIONS, GROUPS
from floe_bench.tui.key_reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "keys.md"


def test_the_written_page_is_the_generated_one() -> None:
    assert PAGE.read_text() == reference(), "run: python -m floe_bench.tui.key_reference > docs/reference/keys.md"


def test_every_action_is_on_the_page_under_its_group() -> None:
    page = reference()
    assert all(action.help in page for action in ACTIONS)
    assert [group for group in GROUPS if f"## {group}" not in page] == []
    assert {action.group for action in ACTIONS} == set(GROUPS)
