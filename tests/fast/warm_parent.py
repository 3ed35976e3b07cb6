"""A warm parent whose programs are quick to tell apart: ``python -m tests.fast.warm_parent SOCKET``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from floe_bench.adapters.orchestrators.warm.parent import Parent
from floe_bench.adapters.orchestrators.warm.program import Program


def tell(args: Sequence[str]) -> int:
    """Everything that a child is given, to its standard output."""
    mine = {name: value for name, value in os.environ.items() if name.startswith("TOLD")}
    print(json.dumps({"args": list(args), "env": mine, "cwd": str(Path.cwd()), "pid": os.getpid(), "spare": False}))
    return 7


def prepared_tell() -> Program:
    if os.environ.get("TOLD_BROKEN"):
        raise RuntimeError("this project cannot be read")

    def run(args: Sequence[str]) -> int:
        print(json.dumps({"spare": True}), flush=True)
        return tell(args)

    return run


def wait(args: Sequence[str]) -> int:
    print(os.getpid(), flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    Parent(Path(sys.argv[1]), programs={"tell": tell, "wait": wait}, prepared={"tell": prepared_tell}).serve()
