"""Avro files are held against their own frame before anything in them is believed.

PyIceberg's compiled decoder trusts every length that a file states. Of one that was cut short it reads on behind the
end of its memory, which gives entries that nobody wrote, or ends the process.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pyiceberg.avro.decoder import StreamingBinaryDecoder
from pyiceberg.avro.file import MAGIC, SYNC_SIZE
from pyiceberg.io import InputFile

if TYPE_CHECKING:
    from pyiceberg.io import InputStream


class IntactAvro(InputFile):
    """Cannot be opened where it is no whole Avro file: ValueError says which and why."""

    def __init__(self, file: InputFile) -> None:
        super().__init__(file.location)
        self._file = file

    def __len__(self) -> int:
        return len(self._file)

    def exists(self) -> bool:
        return self._file.exists()

    def open(self, seekable: bool = True) -> InputStream:
        with self._file.open(seekable=False) as stream:
            raw = stream.read()
        try:
            hold_to_frame(raw)
        except ValueError as error:
            raise ValueError(f"{self.location}: {error}") from None
        return BytesIO(raw)


def hold_to_frame(raw: bytes) -> None:
    """What is inside a block is not looked at.

    Raises:
        ValueError: no Avro, or cut short.

    Source: Avro specification, "Object Container Files".
    """
    decoder = StreamingBinaryDecoder(raw)
    if raw[: len(MAGIC)] != MAGIC:
        raise ValueError("it is no Avro file")
    try:
        decoder.skip(len(MAGIC))
        while entries := decoder.read_int():
            if entries < 0:
                decoder.skip_int()
            for _ in range(abs(entries)):
                decoder.read_bytes()
                decoder.read_bytes()
        marker = decoder.read(SYNC_SIZE)
        while decoder.tell() < len(raw):
            decoder.skip_int()
            decoder.read_bytes()
            if decoder.read(SYNC_SIZE) != marker:
                raise ValueError("its blocks do not end where they say")
    except EOFError:
        raise ValueError(f"it is cut short, at {len(raw)} bytes") from None
