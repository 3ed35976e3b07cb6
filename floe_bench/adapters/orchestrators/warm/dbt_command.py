"""``floe-bench-dbt``: the dbt command, from a warm parent where there is one, else the stock executable.

What ``DbtCliResource`` starts: same arguments, environment, output, signals and exit codes as ``dbt``. It imports
nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from floe_bench.adapters.orchestrators.warm.wire import SOCKET_VARIABLE, ask


def main() -> None:
    path = os.environ.get(SOCKET_VARIABLE)
    connection = None
    if path:
        connection = ask(
            Path(path), "dbt", sys.argv[1:], env=os.environ, cwd=str(Path.cwd()), files=(0, 1, 2), session=False
        )
    if connection is None:
        stock = Path(sys.executable).parent / "dbt"
        os.execv(stock, [str(stock), *sys.argv[1:]])
    answers = connection.makefile("rb")
    first = answers.readline()
    if not first:
        sys.exit(1)
    pid = json.loads(first)["pid"]

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(pid, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    last = answers.readline()
    code = json.loads(last)["exit"] if last else 1
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -code)
    sys.exit(code)
