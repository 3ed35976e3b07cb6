"""Data that travels with the package: the demo project and the stacks."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from floe_bench.errors import BenchError

Bundle = Literal["demo", "stacks"]

_PACKAGE = Path(__file__).parents[1]
_IN_TREE: dict[Bundle, str] = {"demo": "dbt", "stacks": "stacks"}
_MARKER: dict[Bundle, str] = {"demo": "dbt_project.yml", "stacks": "embedded/stack.toml"}


def bundled(kind: Bundle, *, package: Path = _PACKAGE) -> Path:
    """The folder of that kind: the source tree's when the package runs from one, else the copy inside the wheel.

    The source tree is only believed with floe-bench's ``pyproject.toml`` beside the package: in site-packages a folder
    named ``dbt`` is the dbt package.
    """
    in_wheel = package / "_data" / kind
    in_tree = package.parent / _IN_TREE[kind]
    candidates = (in_tree, in_wheel) if (package.parent / "pyproject.toml").is_file() else (in_wheel,)
    for folder in candidates:
        if (folder / _MARKER[kind]).is_file():
            return folder
    raise BenchError(
        f"the {kind} folder is missing from this installation, looked in {' and '.join(map(str, candidates))}",
        remedy="pip install --force-reinstall floe-bench",
    )
