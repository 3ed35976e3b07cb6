"""Fill docs/benchmarks.md with what the benchmarks print here and now. ``just bench [NAME …]``.

A line ``<!-- bench: NAME ARGUMENTS -->`` gets the output of ``benchmarks/NAME.py`` behind it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
MARK = re.compile(r"<!-- bench: (?P<name>\w+)(?P<arguments>[^\n]*) -->\n(?:```text\n.*?```\n)?", re.DOTALL)


def main(names: list[str]) -> None:
    def measured(found: re.Match[str]) -> str:
        if names and found["name"] not in names:
            return found[0]
        command = [sys.executable, str(HERE / f"{found['name']}.py"), *found["arguments"].split()]
        print("$", *command[1:], file=sys.stderr)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return (
            f"<!-- bench: {found['name']}{found['arguments']} -->\n```text\n{machine()}\n\n{done.stdout.strip()}\n```\n"
        )

    PAGE.write_text(MARK.sub(measured, PAGE.read_text()))


def machine() -> str:
    """Its size: nothing by which it could be told from another."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} processors, {memory:.0f} GiB of memory, Python {sys.version.split()[0]}"


if __name__ == "__main__":
    main(sys.argv[1:])
