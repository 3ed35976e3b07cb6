"""A child that prepared itself before anybody asked, for one request."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from floe_bench.adapters.orchestrators.warm.wire import unpacked


@dataclass(frozen=True, slots=True)
class Kept:
    """What a spare prepares itself for. ``stamp`` names the state of the project; empty: the spare looks itself."""

    env: Mapping[str, str]
    cwd: str
    stamp: str

    def serves(self, asked: Mapping[str, Any]) -> bool:
        """Whether preparing for that request would have been the same; what a request adds is its own."""
        env = asked["env"]
        return asked["stamp"] == self.stamp and all(env.get(name) == value for name, value in self.env.items())


@dataclass(frozen=True, slots=True)
class Spare:
    pid: int
    line: socket.socket

    def hand(self, request: bytes, files: list[int]) -> bool:
        """False when it is gone. It may still be preparing itself: the request waits for it."""
        with self.line:
            try:
                socket.send_fds(self.line, [request[:1]], files)
                self.line.sendall(request[1:])
            except OSError:
                return False
        return True


def await_request(line: socket.socket) -> tuple[list[int], Mapping[str, Any]]:
    """In the spare. When the parent's end is closed instead, nobody wants it any more and the process ends."""
    text, files = b"", list[int]()
    with line:
        while (asked := unpacked(text)) is None:
            part, more, _, _ = socket.recv_fds(line, 65536, 3)
            if not part:
                os._exit(0)
            text += part
            files += more
    return files, asked
