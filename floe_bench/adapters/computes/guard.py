"""Only reading is let through. What a statement is, DuckDB's own parser says."""

from __future__ import annotations

from itertools import pairwise

import duckdb

from floe_bench.errors import UsageError, WriteRefused

_REMEDY = "change data in a dbt model or a Python asset, then: floe-bench run"


def reading(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement in ``sql``.

    SELECT in all its spellings (WITH, VALUES, FROM, SHOW, DESCRIBE, SUMMARIZE, reading PRAGMAs), and EXPLAIN of one:
    EXPLAIN ANALYZE runs what it explains, so what it explains must be a SELECT too.

    Raises:
        UsageError: no statement, or several.
        WriteRefused: names the kind.
        duckdb.Error: it cannot be parsed.
    """
    statement = _only(connection.extract_statements(sql))
    does = explained(connection, statement)
    if does.type != duckdb.StatementType.SELECT:
        kind = does.type.name.replace("_", " ")
        raise WriteRefused(f"queries here only read, and this is {_article(kind)} {kind} statement", remedy=_REMEDY)
    return statement


_WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE_INTO")


def writing(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement in ``sql``: one that changes rows, EXPLAIN of one, or one that reads.

    A table that is made or dropped cannot be taken back, so that is not let through.

    Raises:
        UsageError, WriteRefused, duckdb.Error: as ``reading``.
    """
    statement = _only(connection.extract_statements(sql))
    if statement.type.name in _WRITES or _plans_a_write(connection, statement):
        return statement
    try:
        return reading(connection, sql)
    except WriteRefused as error:
        kind = explained(connection, statement).type.name
        raise WriteRefused(
            f"only {', '.join(each.replace('_', ' ') for each in _WRITES)} change rows so that it can be taken back; "
            f"this is {_article(kind)} {kind} statement",
            remedy=_REMEDY,
        ) from error


def _plans_a_write(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> bool:
    """EXPLAIN ANALYZE runs what it explains, EXPLAIN does not."""
    if statement.type != duckdb.StatementType.EXPLAIN or is_measured(statement):
        return False
    return explained(connection, statement).type.name in _WRITES


def is_measured(statement: duckdb.Statement) -> bool:
    """An EXPLAIN ANALYZE."""
    return statement.type == duckdb.StatementType.EXPLAIN and _words(statement.query)[1:2] == ["analyze"]


def _only(statements: list[duckdb.Statement]) -> duckdb.Statement:
    if len(statements) == 1:
        return statements[0]
    if not statements:
        raise UsageError("there is no statement in the query", remedy="write a SELECT")
    kinds = ", ".join(statement.type.name for statement in statements)
    raise UsageError(f"one statement at a time; these are {len(statements)}: {kinds}", remedy="run them one by one")


def explained(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> duckdb.Statement:
    """What is behind EXPLAIN or EXPLAIN ANALYZE, or the statement itself. Options in parentheses are not known here,
    and refused."""
    if statement.type != duckdb.StatementType.EXPLAIN:
        return statement
    words = _words(statement.query)
    skipped = 2 if is_measured(statement) else 1
    if words[0] != "explain" or len(words) <= skipped or words[1] == "(":
        raise WriteRefused("only EXPLAIN and EXPLAIN ANALYZE of a SELECT are run here", remedy="leave the options out")
    # Offsets count bytes.
    begins = duckdb.tokenize(statement.query)[skipped][0]
    return _only(connection.extract_statements(statement.query.encode()[begins:].decode()))


def _words(sql: str) -> list[str]:
    """As DuckDB tells them apart, in lower case."""
    text, begins = sql.encode(), [at for at, _ in duckdb.tokenize(sql)]
    return [text[start:end].split()[0].lower().decode() for start, end in pairwise([*begins, len(text)])]


def without_end(sql: str) -> str:
    """One statement without its semicolon and what follows, to stand in parentheses."""
    # Offsets count bytes.
    text, tokens = sql.encode(), [at for at, kind in duckdb.tokenize(sql) if kind != duckdb.token_type.comment]
    while tokens and text[tokens[-1] :].startswith(b";"):
        text = text[: tokens.pop()]
    return text.decode()


def _article(noun: str) -> str:
    return "an" if noun[0] in "AEIOU" else "a"
