"""What a word that is being typed may become."""

from __future__ import annotations

import re
from typing import NamedTuple

from floe_bench.model.query import Words
from floe_bench.tui.asking import named_in

_BEING_TYPED = re.compile(r"[\w.]+$")
_MOST = 12


class Candidate(NamedTuple):
    """``text`` takes the place of the last ``typed`` characters; ``kind`` is column, table, function or word."""

    text: str
    kind: str
    typed: int


def candidates(before: str, text: str, words: Words) -> tuple[Candidate, ...]:
    """For what stands ``before`` the cursor in ``text``: columns of tables that it names, tables, functions, words."""
    found = _BEING_TYPED.search(before)
    if found is None:
        return ()
    typed = found[0].casefold()
    columns = sorted({column for table in named_in(text, words) for column in words.columns.get(table, ())})
    tables = [Candidate(table, "table", len(typed)) for table in words.tables if _is_like(table, typed)]
    if "." in typed:
        last = typed.rpartition(".")[2]
        listed = [Candidate(each, "column", len(last)) for each in columns if _begins(each, last)]
        return tuple([*tables, *listed][:_MOST])
    listed = [
        *(Candidate(each, "column", len(typed)) for each in columns if _begins(each, typed)),
        *tables,
        *(Candidate(f"{each}(", "function", len(typed)) for each in words.functions if _begins(each, typed)),
        *(Candidate(each, "word", len(typed)) for each in words.keywords if _begins(each, typed)),
    ]
    return tuple(listed[:_MOST])


def _begins(word: str, typed: str) -> bool:
    return word.casefold().startswith(typed) and word.casefold() != typed


def _is_like(table: str, typed: str) -> bool:
    """Its whole name, or the last part of it, begins so."""
    return _begins(table, typed) or table.casefold().rpartition(".")[2].startswith(typed)
