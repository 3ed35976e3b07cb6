"""``python -m …leash COMMAND…``: the command, in a process group that ends when standard input does.

Whoever started it holds the other end of that pipe; when they are gone, killed or not, the group is gone soon after.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

PATIENCE_S = 5.0
"""How long the group may take after SIGTERM."""
_POLL_S = 0.05


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, process_group=0)

    def end(number: int = 0, frame: FrameType | None = None) -> None:
        threading.Thread(target=_end, args=(child.pid,), name="end").start()

    def watch() -> None:
        sys.stdin.buffer.read()
        end()

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=watch, name="watch", daemon=True).start()
    code = child.wait()
    _end(child.pid)  # its children too, however it ended
    return code


def _end(group: int) -> None:
    for number, patience_s in ((signal.SIGTERM, PATIENCE_S), (signal.SIGKILL, 0.0)):
        if not _signalled(group, number):
            return
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            time.sleep(_POLL_S)
            if not _signalled(group, 0):
                return


def _signalled(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # The thread that waits for the end of standard input would be waited for.
    os._exit(code if code >= 0 else 128 - code)
