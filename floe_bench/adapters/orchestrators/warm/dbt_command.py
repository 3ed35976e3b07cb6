"""``floe-bench-dbt``: the dbt command, from a warm parent where there is one, else the stock executable.

What ``DbtCliResource`` starts: same arguments, environment, output, signals and exit codes as ``dbt``. It imports
nothing but the standard library.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from floe_bench.adapters.orchestrators.warm.wire import SOCKET_VARIABLE, ask, ended, started


def main() -> None:
    path = os.environ.get(SOCKET_VARIABLE)
    connection = None
    if path:
        connection = ask(
            Path(path), "dbt", sys.argv[1:], env=os.environ, cwd=str(Path.cwd()), files=(0, 1, 2), session=False
        )
    pid = None if connection is None else started(connection)
    if connection is None or pid is None:
        stock = Path(sys.executable).parent / "dbt"
        os.execv(stock, [str(stock), *sys.argv[1:]])

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(pid, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    code = ended(connection)
    if code is None:
        sys.exit(1)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -code)
    sys.exit(code)
