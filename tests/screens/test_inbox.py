"""Many events in, one wake-up out."""

from __future__ import annotations

from datetime import UTC, datetime

from floe_bench.events import AssetsChanged, Event, PhaseStarted, TablesChanged
from floe_bench.tui.inbox import Inbox, coalesced


def phase(name: str) -> PhaseStarted:
    return PhaseStarted(name, name, datetime(2026, 11, 22, tzinfo=UTC))


def test_a_burst_wakes_the_app_once_until_it_looked() -> None:
    woken: list[int] = []
    inbox = Inbox(lambda: woken.append(1))
    for name in "abc":
        inbox.put(1, phase(name))
    assert len(woken) == 1
    assert [event for _, event in inbox.take(10)] == [phase("a"), phase("b"), phase("c")]
    inbox.put(1, phase("d"))
    assert len(woken) == 2


def test_what_is_left_after_a_slice_comes_first_in_the_next() -> None:
    inbox = Inbox(lambda: None)
    for name in "abc":
        inbox.put(1, phase(name))
    assert [event for _, event in inbox.take(2)] == [phase("a"), phase("b")]
    assert [event for _, event in inbox.take(2)] == [phase("c")]
    assert len(inbox) == 0


def test_of_events_that_tell_all_of_something_only_the_last_is_kept() -> None:
    events: list[Event] = [AssetsChanged(()), phase("a"), TablesChanged(()), AssetsChanged(()), phase("a")]
    kept = coalesced(events)
    assert [type(event) for event in kept] == [PhaseStarted, TablesChanged, AssetsChanged, PhaseStarted]
    assert kept[2] is events[3]
