"""The demo's data: a small coffee roastery, one more day of it per step.

Everything is a pure function of the day, so day N is the same on every machine. Day 0 is what the bundled project
carries. A draw is the hash of what it is drawn for; there is no generator state, and nothing reads a clock.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import blake2b

from floe_bench.dataclass import dataclass

FIRST_DATE = date(2026, 3, 2)
HISTORY_DAYS = 60
"""Dates that day 0 covers; day N covers N more."""

_CUSTOMERS = 240
_OPEN_DAYS = 2
_CITIES = ("aarhus", "bergen", "gdansk", "kiel", "malmo", "riga", "tallinn", "turku")
_PRODUCTS = (
    ("breakwater", "brazil", "dark", 1000, "24.00", "11.20"),
    ("pilot", "brazil", "medium", 500, "13.50", "5.90"),
    ("fogbell", "colombia", "medium", 250, "8.90", "3.60"),
    ("north pier", "ethiopia", "light", 250, "11.50", "4.95"),
    ("lantern", "kenya", "light", 250, "12.80", "5.60"),
    ("ballast", "india", "dark", 1000, "21.00", "10.10"),
    ("slack tide", "guatemala", "medium", 250, "9.80", "4.10"),
    ("spring tide", "ethiopia", "light", 500, "19.90", "9.30"),
    ("mooring", "peru", "medium", 500, "15.40", "6.80"),
    ("capstan", "sumatra", "dark", 500, "14.20", "6.40"),
    ("night watch", "decaf colombia", "medium", 250, "9.40", "4.30"),
    ("harbour master", "house blend", "dark", 1000, "22.50", "10.40"),
)


@dataclass(frozen=True, slots=True)
class Order:
    order_id: int
    customer_id: int
    ordered_at: datetime
    channel: str
    status: str
    updated_at: datetime
    gift_wrap: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    order_line_id: int
    order_id: int
    product_id: int
    bags: int
    unit_price: str
    discount_pct: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What became known on the date ``at``, long after the order: it was returned, or its first line miscounted."""

    order_id: int
    at: datetime
    returned: bool


def files(day: int) -> dict[str, str]:
    """Every data file of the demo on that day: path in the project -> text."""
    last = _last_index(day)
    return {
        "seeds/raw_customers.csv": _csv(
            ("customer_id", "code", "segment", "city", "joined_on", "updated_at"), _customers(last)
        ),
        "seeds/raw_products.csv": _csv(
            ("product_id", "name", "origin", "roast", "bag_g", "price", "cost"), _products()
        ),
        "seeds/raw_orders.csv": _orders_csv(day),
        "seeds/raw_order_lines.csv": _lines_csv(last),
        "seeds/raw_roasts.csv": _csv(("roast_id", "product_id", "roasted_at", "green_kg", "roasted_kg"), _roasts(last)),
        "seeds/raw_oven_readings.csv": _csv(
            ("reading_id", "age_days", "minute", "oven", "drum_c", "gas_pct"), _readings(last)
        ),
        "landing/deliveries.csv": _csv(
            ("delivery_id", "order_id", "dispatched_at", "delivered_at", "outcome"), _deliveries(last)
        ),
    }


def changes(day: int) -> tuple[str, ...]:
    """In words, what day ``day`` has that the day before had not."""
    last = _last_index(day)
    words = [f"day {day}: {_date(last)}", f"{len(_placed(last))} new orders in raw_orders"]
    closed = len(_placed(last - _OPEN_DAYS))
    words.append(f"{closed} open orders were closed")
    correction = _correction(last)
    if correction is not None:
        placed = next(order.ordered_at.date() for order in _orders(last) if order.order_id == correction.order_id)
        what = "was returned" if correction.returned else "had another number of bags"
        words.append(f"late correction: order {correction.order_id} of {placed} {what}")
    moved = _mover(last)
    words.append(f"customer {moved} moved to {_city(moved, last)}")
    if day == 1:
        words.append("new column gift_wrap in raw_orders")
    return tuple(words)


def _last_index(day: int) -> int:
    if day < 0:
        raise ValueError(f"day {day} is before the demo begins")
    return HISTORY_DAYS - 1 + day


def _date(index: int) -> date:
    return FIRST_DATE + timedelta(days=index)


def _at(index: int, minute: int) -> datetime:
    return datetime.combine(_date(index), time()) + timedelta(minutes=minute)


@cache
def _draw(of: int, *subject: object) -> int:
    """A number in ``range(of)`` that belongs to this subject."""
    digest = blake2b("/".join(map(str, subject)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) % of


def _chance(pct: int, *subject: object) -> bool:
    return _draw(100, *subject) < pct


# -- orders ------------------------------------------------------------------------------------------------------------


@cache
def _first_order_id(index: int) -> int:
    return 1001 + sum(_order_count(earlier) for earlier in range(index))


def _order_count(index: int) -> int:
    busy = 4 if _date(index).weekday() in (3, 4) else 0
    return 6 + busy + _draw(5, "orders on", index)


@cache
def _placed(index: int) -> tuple[Order, ...]:
    """The orders of one date, as they were on that date."""
    minutes = sorted(420 + _draw(780, "minute", index, n) for n in range(_order_count(index)))
    return tuple(
        _placed_order(order_id, _at(index, minute), gift_wrapping=index >= HISTORY_DAYS)
        for order_id, minute in enumerate(minutes, start=_first_order_id(index))
    )


def _placed_order(order_id: int, ordered_at: datetime, *, gift_wrapping: bool) -> Order:
    # The product of two draws makes some customers come often and some never.
    customer = _draw(_CUSTOMERS, "customer", order_id) * _draw(_CUSTOMERS, "regular", order_id) // _CUSTOMERS
    return Order(
        order_id=order_id,
        customer_id=1 + customer,
        ordered_at=ordered_at,
        channel=("web", "web", "web", "phone", "counter")[_draw(5, "channel", order_id)],
        status="open",
        updated_at=ordered_at,
        gift_wrap=_chance(20, "gift", order_id) if gift_wrapping else None,
    )


def _orders(last: int) -> Iterator[Order]:
    """Every order as it is known at the end of date ``last``."""
    corrections = {correction.order_id: correction for correction in _corrections(last)}
    for index in range(last + 1):
        for order in _placed(index):
            known = _closed(order) if index + _OPEN_DAYS <= last else order
            correction = corrections.get(order.order_id)
            yield _corrected(known, correction) if correction else known


def _closed(order: Order) -> Order:
    draw = _draw(100, "status", order.order_id)
    status = "cancelled" if draw < 4 else "returned" if draw < 7 else "completed"
    return replace(order, status=status, updated_at=order.ordered_at + timedelta(days=_OPEN_DAYS))


def _corrected(order: Order, correction: Correction) -> Order:
    return replace(order, status="returned" if correction.returned else order.status, updated_at=correction.at)


def _corrections(last: int) -> Iterator[Correction]:
    for index in range(last + 1):
        correction = _correction(index)
        if correction is not None:
            yield correction


@cache
def _correction(index: int) -> Correction | None:
    """Rare in the history, one on every date after it. The order is two to four weeks old and was never corrected."""
    if index < 30 or (index < HISTORY_DAYS and index % 5):
        return None
    taken = {earlier.order_id for earlier in _corrections(index - 1)}
    about = index - 14 - _draw(14, "correction", index)
    for order in _placed(about):
        if _closed(order).status == "completed" and order.order_id not in taken:
            return Correction(order.order_id, at=_at(index, 1080), returned=index % 2 == 0)
    return None


def _orders_csv(day: int) -> str:
    columns = ["order_id", "customer_id", "ordered_at", "channel", "status", "updated_at"]
    rows = [
        [
            order.order_id,
            order.customer_id,
            order.ordered_at,
            order.channel,
            order.status,
            order.updated_at,
            order.gift_wrap,
        ]
        for order in _orders(_last_index(day))
    ]
    if day == 0:
        return _csv(columns, (row[:-1] for row in rows))
    return _csv([*columns, "gift_wrap"], rows)


# -- lines -------------------------------------------------------------------------------------------------------------


def _lines(last: int) -> Iterator[Line]:
    miscounted = {correction.order_id for correction in _corrections(last) if not correction.returned}
    for index in range(last + 1):
        for order in _placed(index):
            for position in range(1 + _draw(3, "lines", order.order_id)):
                line = _line(order.order_id, position)
                yield _recounted(line) if position == 0 and order.order_id in miscounted else line


def _line(order_id: int, position: int) -> Line:
    subject = (order_id, position)
    product = _draw(len(_PRODUCTS), "product", *subject)
    if _draw(140, "far below the price list", *subject) == 0:
        discount_pct = 40
    else:
        discount_pct = (0, 0, 0, 0, 0, 0, 5, 10, 10, 15)[_draw(10, "discount", *subject)]
    return Line(
        order_line_id=order_id * 10 + position,
        order_id=order_id,
        product_id=product + 1,
        bags=1 + _draw(4, "bags", *subject),
        unit_price=_PRODUCTS[product][4],
        discount_pct=discount_pct,
    )


def _recounted(line: Line) -> Line:
    return replace(line, bags=line.bags - 1 if line.bags > 1 else 2)


def _lines_csv(last: int) -> str:
    columns = ("order_line_id", "order_id", "product_id", "bags", "unit_price", "discount_pct")
    return _csv(columns, ([getattr(line, column) for column in columns] for line in _lines(last)))


# -- everything around the orders --------------------------------------------------------------------------------------


def _customers(last: int) -> Iterator[list[object]]:
    moved_at = {_mover(index): _at(index, 540) for index in range(last + 1) if _moves(index)}
    for customer_id in range(1, _CUSTOMERS + 1):
        joined_on = FIRST_DATE - timedelta(days=_draw(900, "joined", customer_id))
        segment = ("home", "home", "home", "home", "home", "home", "home", "cafe", "cafe", "office")[
            _draw(10, "segment", customer_id)
        ]
        updated_at = moved_at.get(customer_id, datetime.combine(joined_on, time(9)))
        yield [customer_id, f"c-{customer_id:04}", segment, _city(customer_id, last), joined_on, updated_at]


def _moves(index: int) -> bool:
    return index >= HISTORY_DAYS or index % 12 == 11


def _mover(index: int) -> int:
    return 1 + _draw(_CUSTOMERS, "moves", index)


def _city(customer_id: int, last: int) -> str:
    moves = sum(1 for index in range(last + 1) if _moves(index) and _mover(index) == customer_id)
    return _CITIES[(_draw(len(_CITIES), "city", customer_id) + 3 * moves) % len(_CITIES)]


def _products() -> Iterator[list[object]]:
    for product_id, product in enumerate(_PRODUCTS, start=1):
        yield [product_id, *product]


def _roasts(last: int) -> Iterator[list[object]]:
    for index in range(last + 1):
        for batch in range(2):
            product = (index * 2 + batch) % len(_PRODUCTS)
            green_tenths = 68 * _PRODUCTS[product][3] // 250 + _draw(40, "green", index, batch)
            lost_per_mille = 130 + _draw(50, "loss", index, batch)
            yield [
                1 + index * 2 + batch,
                product + 1,
                _at(index, 300 + 90 * batch),
                _tenths(green_tenths),
                _tenths(green_tenths * (1000 - lost_per_mille) // 1000),
            ]


def _deliveries(last: int) -> Iterator[list[object]]:
    """Parcels that have arrived by the end of date ``last``. Yesterday's file may have read otherwise."""
    for index in range(last):
        for order in _placed(index):
            if order.channel == "counter" or _closed(order).status == "cancelled":
                continue
            dispatched_at = _at(index, 1020)
            delivered_at = dispatched_at + timedelta(hours=14 + _draw(70, "transit", order.order_id))
            if delivered_at.date() <= _date(last):
                yield [
                    order.order_id + 50000,
                    order.order_id,
                    dispatched_at,
                    delivered_at,
                    _outcome(order.order_id, delivered_at.date() == _date(last)),
                ]


def _outcome(order_id: int, arrived_today: bool) -> str:
    draw = _draw(100, "outcome", order_id)
    if draw < 12:
        return "neighbour"
    # A parcel that goes back is first reported as delivered.
    return "returned to sender" if draw < 16 and not arrived_today else "delivered"


def _readings(last: int) -> Iterator[list[object]]:
    for age_days in (2, 1):
        index = last - age_days
        for minute in range(300, 660, 10):
            for number, oven in enumerate(("a", "b")):
                subject = (index, minute, oven)
                warming = max(0, 360 - minute) * 8
                drum_tenths = 2050 - warming + _draw(90, "drum", *subject) - 45 + 12 * number
                yield [
                    index * 1000 + minute + number,
                    age_days,
                    minute,
                    oven,
                    _tenths(drum_tenths),
                    55 + warming // 20 + _draw(12, "gas", *subject),
                ]


# -- text --------------------------------------------------------------------------------------------------------------


def _tenths(value: int) -> str:
    return f"{value // 10}.{value % 10}"


def _csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
