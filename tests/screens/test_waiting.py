"""What is still being read says for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import shop
from scripted_client import ScriptedClient
from stage import WIDE, PicturedApp, Stage

from floe_bench.events import Booted


async def test_a_pane_that_waits_says_since_when_it_does_and_counts_on() -> None:
    client = ScriptedClient([*shop.ready(), Booted(True, 1.2)])
    time = [shop.NOW]

    def clock() -> datetime:
        return time[0]

    app = PicturedApp(lambda: client, choose_stack=lambda stack: None, clock=clock, zone=UTC)
    async with app.run_test(size=WIDE) as pilot:
        bench = Stage(pilot, client)
        await bench.settled()
        assert bench.pane("AssetsPane").strip() == "◐ reading the project …"
        time[0] += timedelta(seconds=4)
        await bench.until(lambda: bench.pane("AssetsPane").strip() == "◐ reading the project …  4.0s")
        time[0] += timedelta(seconds=3)
        await bench.until(lambda: bench.pane("RunsPane").strip() == "◐ looking for runs …  7.0s")
        client.tell(*shop.filled())
        await bench.until(lambda: "raw_customers" in bench.pane("AssetsPane"))
        client.close()
