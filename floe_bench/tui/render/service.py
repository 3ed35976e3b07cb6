"""A service of the stack as lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from floe_bench.events import CarryProgressed
from floe_bench.model.answer import LogLine
from floe_bench.model.carry import Carried
from floe_bench.model.stack import Service, StackOffer, StackState
from floe_bench.tui.render import bar, glyph, unit
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, cell, clean, wrap

_NAME, _STATE, _MEMORY, _UP, _LABEL = 22, 9, 8, 5, 9
_WIDE = 100
_PORTS_SHOWN = 3
_TONES = {"debug": Tone.FAINT, "warn": Tone.WARN, "error": Tone.BAD}


def service_line(service: Service, width: int, now: datetime) -> Line:
    """Why it is not as it should be stands where otherwise what it runs does."""
    mark = glyph.STACK[service.state]
    wide = width >= _WIDE
    spans = [
        mark.span,
        Span(" "),
        cell(service.name, _NAME if wide else _NAME - 8, bold=True),
        cell(mark.word, _STATE, mark.tone if service.state is not StackState.READY else Tone.SOFT),
        cell(unit.size(service.memory_bytes), _MEMORY, end=True),
        cell(unit.age(service.since, now), _UP, Tone.SOFT, end=True),
        Span("  "),
        cell(_ports(service.ports), 22 if wide else 20, Tone.ID),
    ]
    if service.detail:
        spans += [Span(" "), Span(clean(service.detail), Tone.WARN if _odd(service) else Tone.SOFT)]
    elif wide:
        spans += [Span(" "), Span(clean(service.image), Tone.SOFT), Span(f"  {clean(service.digest)}", Tone.FAINT)]
    return Line(tuple(spans))


def fact_lines(service: Service, now: datetime, zone: tzinfo | None) -> Iterator[Line]:
    """Always four."""
    yield _fact("image", Span(clean(service.image) or "none is running", Tone.TEXT if service.image else Tone.SOFT))
    digest = Span(clean(service.digest), Tone.ID) if service.digest else Span("it is no image", Tone.FAINT)
    yield _fact("digest", digest)
    numbers = " ".join(str(port) for port in service.ports)
    yield _fact("ports", Span("127.0.0.1 ", Tone.SOFT), Span(numbers, Tone.ID)) if numbers else _fact("ports", _NONE)
    if service.since is None:
        yield _fact("up", Span(clean(service.detail) or "it does not run", Tone.WARN if _odd(service) else Tone.SOFT))
        return
    since = f"since {unit.clock(service.since, now, zone)}"
    pid = Span(f"  pid {service.pid}", Tone.FAINT) if service.pid else Span("")
    why = (Span(f"  {clean(service.detail)}", Tone.WARN),) if service.detail and _odd(service) else ()
    yield _fact("up", Span(unit.age(service.since, now)), Span(f"  {since}", Tone.SOFT), pid, *why)


HERE = "this is it"
"""Of the stack that one is on."""
LOG_HEAD = 11
"""Cells before the text of a log line."""
_NONE = Span("none is open", Tone.SOFT)


def log_line(line: LogLine, zone: tzinfo | None, *, narrow: bool) -> Line:
    at = line.at.astimezone(zone).strftime("%H:%M" if narrow else "%H:%M:%S")
    tone = _TONES.get(line.level, Tone.TEXT)
    mark = {"warn": "! ", "error": "✗ "}.get(line.level, "  ")
    return Line((Span(f"{at} ", Tone.FAINT), Span(mark, tone), Span(clean(line.text), tone)))


def offer_line(offer: StackOffer, dead: str) -> Line:
    """``dead``: why one cannot go there."""
    tone = Tone.FAINT if dead else Tone.TEXT
    left = (cell(offer.stack, 20, tone, bold=not dead), cell(offer.driver, 11, Tone.SOFT))
    if dead:
        return Line((*left, Span(clean(dead), Tone.SOFT if dead == HERE else Tone.WARN)))
    return Line((*left, Span(clean(offer.title), Tone.SOFT)))


def carried_lines(carried: Carried, width: int) -> Iterator[Line]:
    """Why one was left out stands below it, in full."""
    if carried.fault:
        yield Line((Span("✗ ", Tone.BAD), Span(clean(carried.table))))
        yield from (Line((Span(f"  {each}", Tone.WARN),)) for each in wrap(carried.fault, max(width - 2, 20)))
        return
    rows = cell(unit.plural(carried.rows or 0, "row"), 13, end=True)
    how = Span("  already there" if carried.there else "", Tone.SOFT)
    size = cell(unit.size(carried.bytes), 9, end=True)
    yield Line((Span("✓ ", Tone.OK), cell(carried.table, 32), rows, size, how))


def carrying_lines(at: CarryProgressed | None, source: str, width: int) -> Iterator[Line]:
    """Always four, so that the box stands still. None: the other stack is being started."""
    room = max(min(width, 60), 20)
    done = (at.number - 1) / at.tables if at is not None else 0.0
    yield Line(bar.progress(done, room))
    yield BLANK
    if at is None:
        yield Line((Span(f"starting {clean(source)} …", Tone.SOFT),))
        yield BLANK
        return
    yield Line((Span("◐ ", Tone.WARN), Span(clean(at.table)), Span(f"  {at.number} of {at.tables}", Tone.SOFT)))
    doing = "compared with the source" if at.comparing else "written"
    yield Line((Span(f"  {unit.plural(at.rows, 'row')} {doing}", Tone.SOFT),)) if at.rows else BLANK


def _fact(label: str, *spans: Span) -> Line:
    return Line((cell(label, _LABEL, Tone.SOFT), *spans))


def _odd(service: Service) -> bool:
    return service.state is not StackState.READY


def _ports(ports: tuple[int, ...]) -> str:
    """As many as have room; the fact sheet has them all."""
    if len(ports) <= _PORTS_SHOWN:
        return " ".join(str(port) for port in ports)
    return f"{ports[0]} {ports[1]} +{len(ports) - 2}"
