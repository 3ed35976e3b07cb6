"""Secrets do not reach what people read."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus

import pytest

from floe_bench.config.redaction import Redactor

SECRET = "p/ss+w rd=é&9"


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_secret_is_blanked_in_every_spelling(shown: str) -> None:
    assert Redactor([SECRET])(f"before {shown} after {shown}.") == "before ***** after *****."


@pytest.mark.parametrize("pair", ["someone:{}", "{}:someone", "a:{}", "ab:{}"])
def test_a_secret_in_a_basic_auth_header_is_blanked(pair: str) -> None:
    header = base64.b64encode(pair.format(SECRET).encode()).decode()
    assert base64.b64encode(SECRET.encode()).decode()[4:-4] not in (said := Redactor([SECRET])(f"Basic {header}"))
    assert "*****" in said


def test_the_longer_secret_is_blanked_whole() -> None:
    assert Redactor(["client", "client:password"])("client:password") == "*****"


def test_a_secret_learned_later_counts_from_then_on() -> None:
    clean = Redactor()
    assert clean("hunter22") == "hunter22"
    clean.add("hunter22")
    assert clean("hunter22") == "*****"


def test_short_and_empty_values_do_not_mangle_words() -> None:
    assert Redactor(["", "dev"])("a developer") == "a developer"
