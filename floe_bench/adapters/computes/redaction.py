"""Secrets of a stack, taken out of what DuckDB says: it shows key ids, and its parser repeats what it was given."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.model.stack import Endpoints


def without_secrets(endpoints: Endpoints) -> Callable[[str], str]:
    known = (endpoints.client_id, endpoints.client_secret, endpoints.s3_access_key, endpoints.s3_secret_key)

    def hide(text: str) -> str:
        for secret in known:
            if secret is not None:
                text = text.replace(secret.reveal(), "*****")
        return text

    return hide
