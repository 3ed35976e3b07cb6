"""``floe-bench-dbt``: the dbt command, from a warm parent where there is one, else the stock executable.

What ``DbtCliResource`` starts: same arguments, environment, output, signals and exit codes as ``dbt``. It imports
little of the standard library, and what the request does not need only behind it: dbt waits for its start.
"""

from __future__ import annotations

import os
import sys

from floe_bench.adapters.orchestrators.warm.wire import SOCKET_VARIABLE, ask, ended, started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    path = os.environ.get(SOCKET_VARIABLE)
    connection = None
    if path:
        args, cwd = sys.argv[1:], os.getcwd()  # noqa: PTH109 - pathlib takes half of Python's own start
        connection = ask(path, "dbt", args, env=os.environ, cwd=cwd, files=(0, 1, 2), session=False)
    pid = None if connection is None else started(connection)
    if connection is None or pid is None:
        stock = f"{sys.executable.rpartition(os.sep)[0]}{os.sep}dbt"
        os.execv(stock, [stock, *sys.argv[1:]])

    import signal

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
