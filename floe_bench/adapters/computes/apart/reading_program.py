"""``python -m …apart.reading_program FD``: calls a ``DuckDBReader`` for whoever holds the other end of that socket.

It ends when the other end is closed, whatever it is at.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from floe_bench.adapters.computes.apart.wire import Call, Fault, Hello, Said, Stop, hidden
from floe_bench.adapters.computes.reader import DuckDBReader
from floe_bench.errors import BenchError


class Desk:
    """A thread for each call."""

    def __init__(self, line: Connection, reader: DuckDBReader) -> None:
        self._line, self._reader = line, reader
        self._sending = threading.Lock()
        self._stops: dict[int, threading.Event] = {}

    def take(self, call: Call) -> None:
        stop = self._stops[call.number] = threading.Event()
        threading.Thread(target=self._answer, args=(call, stop), name=call.method, daemon=True).start()

    def stop(self, number: int) -> None:
        if stop := self._stops.get(number):
            stop.set()

    def _answer(self, call: Call, stop: threading.Event) -> None:
        named: dict[str, Any] = {**call.named}
        if call.method not in _AT_ONCE:
            named["cancelled"] = stop.is_set
        if call.paced:
            named["told"] = lambda percent: self._say(Said(call.number, percent=percent))
        try:
            said = Said(call.number, value=getattr(self._reader, call.method)(*call.given, **named))
        except BenchError as error:
            said = Said(call.number, fault=Fault(error.kind, error.message, error.remedy))
        except Exception as error:  # noqa: BLE001 - whoever asked waits for an answer
            traceback.print_exc()
            said = Said(call.number, fault=Fault("EngineError", f"reading failed: {error!r}", "floe-bench logs"))
        del self._stops[call.number]
        self._say(said)

    def _say(self, said: Said) -> None:
        with self._sending:
            self._line.send(said)


_AT_ONCE = ("names_in", "select_of")
"""What takes no time, and cannot be cancelled."""


def main() -> None:
    line: Connection = Connection(int(sys.argv[1]))
    hello: Hello = line.recv()
    reader = DuckDBReader(hidden(hello.endpoints), state_dir=Path(hello.state_dir), memory_limit=hello.memory_limit)
    desk = Desk(line, reader)
    try:
        while True:
            message = line.recv()
            if isinstance(message, Stop):
                desk.stop(message.number)
            else:
                desk.take(message)
    except (EOFError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()
