"""A damaged Avro file is refused before PyIceberg's decoder runs on behind its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyiceberg.avro.file import AvroFile, AvroOutputFile
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import NestedField, StringType

from floe_bench.adapters.iceberg.file_io import LakeFileIO
from floe_bench.adapters.iceberg.intact import hold_to_frame

SCHEMA = Schema(NestedField(1, "word", StringType(), required=True))


def avro(path: Path, *blocks: list[str]) -> bytes:
    with AvroOutputFile[Record](LakeFileIO().new_output(str(path)), SCHEMA, "words") as out:
        for words in blocks:
            out.write_block([Record(word) for word in words])
    return path.read_bytes()


def words(path: Path) -> list[str]:
    with AvroFile[Record](LakeFileIO().new_input(str(path))) as file:
        return [record[0] for record in file]


def test_a_whole_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "whole.avro"
    avro(path, ["tea", "milk"], ["honey"])
    assert words(path) == ["tea", "milk", "honey"]


def test_a_file_cut_anywhere_inside_its_header_or_a_block_is_refused(tmp_path: Path) -> None:
    raw = avro(tmp_path / "whole.avro", ["tea" * 20])
    whole = len(avro(tmp_path / "empty.avro"))
    for end in range(len(raw)):
        if end == whole:
            continue  # a header and no block is a whole file without rows
        with pytest.raises(ValueError, match="cut short" if end > 3 else "no Avro"):
            hold_to_frame(raw[:end])


def test_a_block_whose_end_is_not_where_it_says_is_refused(tmp_path: Path) -> None:
    raw = bytearray(avro(tmp_path / "whole.avro", ["tea"], ["milk"]))
    raw[-1] ^= 0xFF
    with pytest.raises(ValueError, match="do not end where they say"):
        hold_to_frame(bytes(raw))


def test_a_file_that_is_no_avro_is_refused_by_who_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "tea.avro"
    path.write_bytes(b"tea" * 50)
    with pytest.raises(ValueError, match="no Avro file"):
        words(path)
