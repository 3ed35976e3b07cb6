"""Keys that were typed faster than the focus could follow: each is for what the keys before it opened."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from textual.events import Key
from textual.widget import Widget

from floe_bench.tui.screens.bench import BenchScreen

if TYPE_CHECKING:
    from floe_bench.tui.app import BenchApp

_ON_THE_WAY = 64


class Typed:
    """Textual sends a key to the part that has the focus, and acts on it when it comes back from there.

    In between an earlier key may have moved the focus: ``/`` opens the filter, and the ``m`` behind it is a letter.
    """

    def __init__(self, app: BenchApp) -> None:
        self._app = app
        self._sent: deque[tuple[Key, Widget | None]] = deque(maxlen=_ON_THE_WAY)

    def sent_on(self, key: Key) -> bool:
        """Whether ``key`` came back from a part that it is not for any more, and went on to the one that it is for."""
        if isinstance(self._app.screen, BenchScreen):
            self._app.screen.catch_up()
        focused = self._app.focused
        if not key.is_forwarded:
            self._sent.append((key, focused))
            return False
        sent_to = next((part for sent, part in self._sent if sent is key), focused)
        if sent_to is focused or focused is None:
            return False
        again = Key(key.key, key.character)
        self._sent.append((again, focused))
        focused._forward_event(again)
        return True
