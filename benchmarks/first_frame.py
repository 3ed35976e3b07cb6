"""From the command to the first frame, beside the smallest Textual app there is.

python benchmarks/first_frame.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import pexpect

from floe_bench.core.demo import copy

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("the first frame")

Bare().run()
"""
WAIT_S = 60


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = copy(Path(folder) / "demo")
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        shown = {
            "floe-bench": (["-m", "floe_bench", "--project", str(project)], "Starting"),
            "a bare Textual app": ([str(bare)], "the first frame"),
        }
        times: dict[str, list[float]] = {name: [] for name in shown}
        for _ in range(rounds):
            for name, (command, word) in shown.items():
                times[name].append(frame(command, word))
    print(f"first frame, {rounds} rounds, seconds")
    for name, found in times.items():
        print(f"  {name:<32} min {min(found):6.2f}  median {statistics.median(found):6.2f}  max {max(found):6.2f}")


def frame(command: list[str], word: str) -> float:
    """Seconds until ``word`` is on the screen; the app is left again, and has ended when this returns."""
    start = time.perf_counter()
    app = pexpect.spawn(sys.executable, command, dimensions=(40, 140), timeout=WAIT_S)
    app.expect_exact(word)
    took = time.perf_counter() - start
    app.send("q" if "-m" in command else "\x11")
    app.expect(pexpect.EOF)
    app.close()
    return took


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
