"""The key pair of one project's lakehouse."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from floe_bench.adapters.stacks.private_file import write_private
from floe_bench.model.secret import Secret

_ACCESS_KEY_DIGITS = 20
_SECRET_KEY_DIGITS = 40


@dataclass(frozen=True, slots=True)
class KeyPair:
    access_key: Secret
    secret_key: Secret


def key_pair(file: Path) -> KeyPair:
    """Made once and kept: another pair would lock out every client that is attached.

    A file that was cut short is made anew; the server takes whatever pair it is started with.
    """
    lines = file.read_text(encoding="ascii", errors="replace").split() if file.exists() else []
    if [len(line) for line in lines] != [_ACCESS_KEY_DIGITS, _SECRET_KEY_DIGITS]:
        lines = [secrets.token_hex(_ACCESS_KEY_DIGITS // 2), secrets.token_hex(_SECRET_KEY_DIGITS // 2)]
        write_private(file, "\n".join(lines) + "\n")
    file.chmod(0o600)
    return KeyPair(Secret(lines[0]), Secret(lines[1]))
