"""Commands that are printed or copied run as they are pasted."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import floe_bench
from floe_bench.model.command import last, to_type

ODD = 'shop."it\'s; rm -rf $HOME `a`\n| b"'


def in_bash(command: str) -> list[str]:
    """The words that the program would get."""
    script = f"floe-bench() {{ printf '%s\\0' \"$@\"; }}\n{command}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, text=True)
    assert done.stderr == ""
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize("name", [ODD, "ns.odd table", "a;b", "größe", 'say "so"', "*", "", "~", "#x", "\\", "!!"])
def test_a_name_stays_one_word_whatever_is_in_it(name: str) -> None:
    assert in_bash(to_type("drift", name, 1, "--limit", name)) == ["drift", name, "1", "--limit", name]


def test_a_plain_name_is_not_quoted() -> None:
    assert to_type("compact", "marts.orders") == "floe-bench compact marts.orders"


def test_a_text_that_begins_with_a_dash_is_no_option() -> None:
    assert last("-- the orders\nselect 1") == ("--", "-- the orders\nselect 1")
    assert last("a.b", "c") == ("a.b", "c")


def put_together(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            if re.search(r"floe-bench [a-z]*( [\w<>./=-]+)* ?\{", text):
                yield text


def test_no_command_with_a_name_in_it_is_put_together_by_hand() -> None:
    found = {
        f"{file.name}: {text}"
        for file in Path(floe_bench.__file__).parent.rglob("*.py")
        for text in put_together(ast.parse(file.read_text()))
    }
    assert found == set()
