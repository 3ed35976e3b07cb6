"""The README's commands are what CI runs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def console_lines(section: str) -> list[str]:
    text = (ROOT / "README.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"^\$ (.+)$", text, flags=re.MULTILINE)


def test_ci_runs_the_readmes_test_command() -> None:
    assert console_lines("Tests")[0] in (ROOT / ".ci/run").read_text().splitlines()


def test_both_commands_install_from_the_locks() -> None:
    assert "-r requirements.lock" in console_lines("Start")[0]
    assert "-r requirements-dev.lock" in console_lines("Tests")[0]


def test_the_locks_name_no_download_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / lock).read_text()


def test_no_two_test_files_have_the_same_name() -> None:
    """pytest imports them by name alone: of two in one call it refuses the second."""
    names = [file.name for file in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
