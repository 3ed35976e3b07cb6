"""Keeping secrets out of what people read."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from urllib.parse import quote

_SHORTEST = 6
"""Shorter values are left alone: blanking them would mangle ordinary words."""


class Redactor:
    """Replaces every known secret, also base64 and URL encoded, by ``*****``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        # Longest first: a pair id:secret before its halves.
        self._forms = tuple(sorted({*self._forms, *forms}, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, "*****")
        return text


def _forms(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()
