"""How an editor is told a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from floe_bench.tui.editor import command, takes_line

FILE = Path("/shop/a b.sql")


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("vi", ["vi", "+7", "/shop/a b.sql"]),
        ("/usr/bin/nvim -p", ["/usr/bin/nvim", "-p", "+7", "/shop/a b.sql"]),
        ("emacsclient -nw", ["emacsclient", "-nw", "+7", "/shop/a b.sql"]),
        ("hx", ["hx", "/shop/a b.sql:7"]),
        ("code --wait", ["code", "--wait", "--goto", "/shop/a b.sql:7"]),
        ("pycharm", ["pycharm", "--line", "7", "/shop/a b.sql"]),
        ("my-editor -x", ["my-editor", "-x", "/shop/a b.sql"]),
    ],
)
def test_each_editor_is_told_in_its_own_way_and_an_unknown_one_gets_the_file(editor: str, words: list[str]) -> None:
    assert command(editor, FILE, 7) == words
    assert takes_line(editor) is (len(words) - len(editor.split()) > 1 or words[-1].endswith(":7"))


def test_without_a_line_there_is_only_the_file() -> None:
    assert command("vim", FILE) == ["vim", "/shop/a b.sql"]
