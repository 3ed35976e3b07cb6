"""Events are folded whatever becomes of Textual's timers that fire once."""

from __future__ import annotations

import pytest
import shop
from stage import playing, stage
from textual.events import Key
from textual.timer import Timer


async def test_a_timer_that_textual_counts_as_missed_holds_no_event_back(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Timer._run

    async def missed(timer: Timer) -> None:
        """As where its thread was held up for longer than the delay."""
        if timer._repeat != 0:
            await run(timer)

    monkeypatch.setattr(Timer, "_run", missed)
    async with stage(playing()) as bench:
        await bench.settled()
        before = bench.app.logbook.written
        for number in range(3):
            bench.app.post_message(Key("j", "j"))  # what happens waits for keys, and for that there is a timer
            for word in ("one", "two"):
                bench.client.tell(shop.log(f"{word} {number}"))
        await bench.until(lambda: bench.app.logbook.written == before + 6)
