"""What a table holds, as one comparable word."""

from __future__ import annotations

from dataclasses import dataclass

_WIDTH = 1 << 128


@dataclass(frozen=True, slots=True)
class Digest:
    """The multiset of rows, whatever their order: a sum of row hashes, so two sets of rows add up.

    ``shape`` stands for column names and types. Hashes are DuckDB's; another DuckDB version may hash otherwise.
    """

    shape: str
    rows: int
    total: int

    def __str__(self) -> str:
        return f"{self.shape}-{self.rows}-{self.total:032x}"

    @classmethod
    def parse(cls, text: str) -> Digest | None:
        """None for anything that is not a digest."""
        shape, _, rest = text.partition("-")
        rows, _, total = rest.partition("-")
        try:
            return cls(shape, int(rows), int(total, 16))
        except ValueError:
            return None

    def plus(self, other: Digest) -> Digest | None:
        """The digest of both sets of rows together; None when their shapes differ."""
        if self.shape != other.shape:
            return None
        return Digest(self.shape, self.rows + other.rows, (self.total + other.total) % _WIDTH)
