"""Rows in a file outside of the lakehouse."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath

from floe_bench.dataclass import dataclass
from floe_bench.errors import UsageError


class FileFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"
    """One array."""
    JSON_LINES = "jsonl"
    MARKDOWN = "md"

    @classmethod
    def of(cls, path: str) -> FileFormat:
        """By the end of the file's name. Raises UsageError."""
        ending = PurePath(path).suffix.lower().removeprefix(".")
        try:
            return cls(ending)
        except ValueError as error:
            known = ", ".join(f".{each}" for each in cls)
            raise UsageError(f"'{path}' does not end in {known}", remedy="--to rows.csv") from error


@dataclass(frozen=True, slots=True)
class Exported:
    path: str
    format: FileFormat
    rows: int
    bytes: int
