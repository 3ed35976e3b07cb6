"""The app as lines: for a screen reader, a braille line, a slow link. Nothing is drawn, nothing is ever changed.

What is typed are the commands of the shell, without the program's name; what happens meanwhile is said between them.
"""

from __future__ import annotations

import shlex
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_bench.cli.output import Output
from floe_bench.cli.session import Session
from floe_bench.cli.terminal import Terminal
from floe_bench.cli.text import duration, plural
from floe_bench.errors import BenchError
from floe_bench.events import (
    Event,
    FilesSaved,
    NodeChanged,
    ProblemFound,
    ProblemSolved,
    ProjectReread,
    RunChanged,
    RunsListed,
)
from floe_bench.model.run import NodeRun, NodeStatus, Run, RunStatus

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

PROMPT = "floe-bench> "
_LEAVE = ("quit", "exit", "q")
_HELP = ("help", "?")
_GREETING = "Type a command: assets, run, runs, snapshots, diff, query. help lists all, quit or Ctrl-D leaves."


def lines_only(terminal: Terminal) -> Terminal:
    """No colour, no glyph that is not a letter's neighbour, no progress that is drawn over."""
    return replace(terminal, colour=False, unicode=False, err_is_tty=False)


def converse(session: Session, command: Callable[[list[str]], int]) -> int:
    """Until Ctrl-D or quit. ``command`` does one command line, start to end."""
    with session.bench() as client:
        session.out.line(summary(client, session.project.name))
        session.out.line(_GREETING)
        speaker = Speaker(session.out)
        threading.Thread(target=speaker.listen, args=(client,), name="plain", daemon=True).start()
        for words in _typed(session):
            with speaker.held():
                command(_meant(words))
    return 0


def summary(client: BenchClient, name: str) -> str:
    tally = Counter(str(asset.status) for asset in client.assets())
    said = ", ".join(f"{number} {status}" for status, number in tally.items()) or "none"
    running = sum(not run.status.over for run in client.runs())
    return f"{name}: {plural(tally.total(), 'asset')}: {said}. {plural(running, 'run')} going."


def _typed(session: Session) -> Iterator[list[str]]:
    with suppress(ImportError):  # line editing and history, where the system has them
        import readline  # noqa: F401
    while True:
        try:
            words = shlex.split(input(PROMPT))
        except EOFError:
            return
        except KeyboardInterrupt:
            session.out.line("")
            continue
        except ValueError as error:
            session.out.line(f"not a command line: {error}")
            continue
        if words and words[0] in _LEAVE:
            return
        if words:
            yield words


def _meant(words: list[str]) -> list[str]:
    if words[0] in _HELP:
        return [*words[1:], "--help"]
    return words[1:] if words[0] == "floe-bench" and len(words) > 1 else words


class Speaker:
    """Says what others do. What a command of this conversation does, that command says itself."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._held: list[tuple[str, str]] | None = None
        self._known: dict[str, Run] = {}
        self._told: set[tuple[str, str]] = set()

    def listen(self, client: BenchClient) -> None:
        with suppress(BenchError):
            for event in client.events():
                for by, line in self.words(event):
                    self._say(by, line)
        self._say("", "the engine is gone; quit, and start again")

    def held(self) -> Held:
        return Held(self)

    def hold(self) -> None:
        with self._lock:
            self._held = []

    def release(self) -> None:
        with self._lock:
            waiting, self._held = self._held or [], None
            for by, line in waiting:
                if by != "cli":
                    self._out.line(line)

    def words(self, event: Event) -> Iterator[tuple[str, str]]:
        """Lines, each with who launched the run that it is about; empty where it is about none."""
        match event:
            case RunsListed(runs=runs):
                self._known |= {run.run_id: run for run in runs}
            case RunChanged(run=run):
                before = self._known.get(run.run_id)
                self._known[run.run_id] = run
                if before is None or before.status is not run.status:
                    yield run.launched_by, _run(run)
            case NodeChanged(run_id=run_id, node=node):
                mark = (run_id, node.node_id)
                over = node.status is not NodeStatus.RUNNING
                worth = not node.is_check or node.status not in (NodeStatus.SUCCESS, NodeStatus.SKIPPED)
                if over and worth and mark not in self._told and run_id in self._known:
                    self._told.add(mark)
                    yield self._known[run_id].launched_by, _node(node)
            case FilesSaved(files=files):
                yield "", f"saved {', '.join(files[:5])}; the project is read again"
            case ProjectReread(added=added, changed=changed, removed=removed):
                parts = (("changed", changed), ("new", added), ("gone", removed))
                yield "", "; ".join(f"{word}: {', '.join(keys)}" for word, keys in parts if keys) or "no asset changed"
            case ProblemFound(about=about, message=message, remedy=remedy, where=where):
                at = f" at {where}" if where else ""
                yield "", f"problem with {about}{at}: {' '.join(message.split())}{f'; {remedy}' if remedy else ''}"
            case ProblemSolved(about=about):
                yield "", f"{about} is well again"

    def _say(self, by: str, line: str) -> None:
        with self._lock:
            if self._held is not None:
                self._held.append((by, line))
            else:
                self._out.line(line)


class Held:
    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker

    def __enter__(self) -> None:
        self._speaker.hold()

    def __exit__(self, *_: object) -> None:
        self._speaker.release()


def _run(run: Run) -> str:
    took = ""
    if run.status.over and run.started_at and run.ended_at:
        took = f" after {duration((run.ended_at - run.started_at).total_seconds())}"
    why = f": {' '.join(run.error.split())}" if run.error and run.status is RunStatus.FAILED else ""
    return f"run {run.run_id[:8]}, {run.selection or 'everything'}, by {run.launched_by}: {run.status}{took}{why}"


def _node(node: NodeRun) -> str:
    rows = "" if node.rows is None else f", {plural(node.rows, 'row')}"
    said = f": {' '.join(node.message.split())}" if node.message and node.status is not NodeStatus.SUCCESS else ""
    return f"{node.kind} {node.name}: {node.status}{rows}{said}"
