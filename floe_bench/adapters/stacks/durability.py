"""Configurations that lose what they acknowledged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from floe_bench.adapters.stacks.toml_table import Toml

_H2 = "jdbc:h2:"
_AT_ONCE = "write_delay=0"


def refuse_late_writes(table: Toml, environment: Mapping[str, str], arguments: tuple[str, ...]) -> None:
    """A catalog in H2 writes half a second after it said that it did: a kill in between loses commits.

    Raises ConfigInvalid, naming file and key.
    """
    for key, text in (*((f"environment.{name}", text) for name, text in environment.items()), *_each(arguments)):
        plain = text.lower().replace(" ", "")
        if _H2 in plain and not plain.partition(_H2)[2].startswith("mem:") and _AT_ONCE not in plain:
            raise table.wrong(
                key,
                "keeps the catalog in H2 with delayed writes: commits that were acknowledged are lost when it is "
                "killed; add ;WRITE_DELAY=0 to the address, or use PostgreSQL",
            )
        if _H2 in plain and plain.partition(_H2)[2].startswith("mem:"):
            raise table.wrong(key, "keeps the catalog in memory: it is gone at the next start, and its tables with it")


def _each(arguments: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for text in arguments:
        yield "arguments", text
