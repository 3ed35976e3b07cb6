"""DuckDB's values as JSON values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

_LARGEST_INTEGER = 2**63


def plain(value: object, mask: Callable[[str], str] = str) -> object:
    """Numbers, text, booleans, None, lists and dicts of them.

    Dates and times are ISO text, instants in UTC; decimals, integers beyond 64 bits and NaN are text, since JSON has no
    such numbers; bytes are hex. ``mask`` is applied to all text.
    """
    match value:
        case None | bool():
            return value
        case str():
            return mask(value)
        case int():
            return value if -_LARGEST_INTEGER <= value < _LARGEST_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta() | Decimal():
            return str(value)
        case Mapping():
            return {mask(str(plain(key))): plain(found, mask) for key, found in value.items()}
        case list() | tuple():
            return [plain(item, mask) for item in value]
        case _:
            return mask(str(value))
