"""Something that is done after a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message_pump import MessagePump


def later(pump: MessagePump, delay_s: float, act: Callable[[], object]) -> None:
    """Among the messages of ``pump``, unless that is gone by then.

    Textual's own timer that fires once never does where its thread is held up for longer than the delay just after it
    began: it counts that time as missed. For a delay of microseconds, or on a machine that is very busy, it happens.
    """
    asyncio.get_running_loop().call_later(delay_s, pump.call_later, act)
