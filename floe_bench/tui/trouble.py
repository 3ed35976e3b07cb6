"""An error as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    message: str
    remedy: str = ""
    where: str = ""
    retryable: bool = True
