"""The next thing to type, as a shell takes it."""

from __future__ import annotations

import shlex


def to_type(*words: object) -> str:
    """``floe-bench`` with these words; a name with a space, a quote or a semicolon in it stays one word."""
    return shlex.join(("floe-bench", *map(str, words)))


def last(*texts: str) -> tuple[str, ...]:
    """Texts of anybody's, behind all options: one that begins with a dash is none."""
    return ("--", *texts) if any(text.startswith("-") for text in texts) else texts
