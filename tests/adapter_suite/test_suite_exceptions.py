from __future__ import annotations

from pathlib import Path

from suite_exceptions import REASONS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "dbt-adapter.md"


def test_every_exception_is_on_the_reference_page_with_its_reason() -> None:
    listed = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `Base")]
    assert listed == [f"| `{name}` | {reason} |" for name, reason in REASONS.items()]


def test_every_exception_is_used() -> None:
    used = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_suite_*.py"))
    assert [name for name in REASONS if f'excepted("{name}")' not in used] == []
