"""What is wrong with metadata that PyIceberg cannot take in, in one sentence."""

from __future__ import annotations

_ROOT = "metadata"
_LONGEST = 300


def misread(error: Exception) -> str | None:
    """None where it is about something else. Of several faults the first: the others often follow from it."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return None
    first = error.errors(include_url=False, include_context=False)[0]
    place = [str(each) for each in first["loc"] if each != _ROOT]
    said = first["msg"].removeprefix("Value error, ")
    where = f" at {'.'.join(place)}" if place else ""
    return f"its metadata cannot be read{where}: {said}".splitlines()[0][:_LONGEST]
