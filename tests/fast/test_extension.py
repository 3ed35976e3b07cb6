"""DuckDB's extensions: checked once, then loaded at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from floe_bench.adapters.iceberg import extension
from floe_bench.adapters.iceberg.extension import EXTENSIONS, extension_options
from floe_bench.errors import StackUnavailable


@pytest.fixture
def wheel_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the avro extension that a test may spoil; it stands where the wheel's would."""
    found = extension._in_wheel
    copy = tmp_path / "avro.duckdb_extension"
    shutil.copyfile(found("avro", f"v{duckdb.__version__}"), copy)
    monkeypatch.setattr(extension, "_in_wheel", lambda name, version: copy if name == "avro" else found(name, version))
    return copy


def spoil(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    # Another file of that name, as an installer leaves it: the old one may be loaded in this process.
    file.unlink()
    file.write_bytes(content)


def test_a_connection_with_these_options_loads_every_extension(tmp_path: Path) -> None:
    with duckdb.connect(config=dict(extension_options(tmp_path))) as connection:
        for name in EXTENSIONS:
            connection.load_extension(name)


def test_a_file_that_is_not_as_it_was_signed_is_refused(tmp_path: Path, wheel_file: Path) -> None:
    spoil(wheel_file)
    with pytest.raises(StackUnavailable, match="avro") as caught:
        extension_options(tmp_path / "state")
    assert "force-reinstall" in caught.value.remedy


def test_a_file_that_changed_after_it_was_checked_is_checked_again(tmp_path: Path, wheel_file: Path) -> None:
    extension_options(tmp_path / "state")
    spoil(wheel_file)
    with pytest.raises(StackUnavailable):
        extension_options(tmp_path / "state")


def test_files_that_did_not_change_are_not_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = extension_options(tmp_path)
    monkeypatch.setattr(extension, "_check_signatures", lambda options: pytest.fail("checked twice"))
    assert extension_options(tmp_path) == first
