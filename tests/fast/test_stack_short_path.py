"""Folders short enough for sockets."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from floe_bench.config.short_path import LONGEST, short_path
from floe_bench.errors import StackUnavailable


@pytest.fixture(autouse=True)
def own_tempdir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fb-", dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def deep(tmp_path: Path) -> Path:
    return tmp_path / ("long-" * 30) / ("longer-" * 20)


def test_a_short_folder_is_left_alone(own_tempdir: Path) -> None:
    folder = own_tempdir / "s"
    assert short_path(folder) == folder
    assert folder.is_dir()


def test_a_long_folder_gets_a_link_that_holds_a_socket(tmp_path: Path) -> None:
    folder = deep(tmp_path)
    link = short_path(folder)
    assert len(os.fsencode(link)) <= LONGEST
    assert link.resolve() == folder.resolve()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(link / "engine.sock"))
    assert (folder / "engine.sock").is_socket()


def test_the_link_is_the_same_on_every_call_and_another_for_another_folder(tmp_path: Path) -> None:
    assert short_path(deep(tmp_path)) == short_path(deep(tmp_path))
    assert short_path(deep(tmp_path)) != short_path(deep(tmp_path) / "other")


def test_a_link_that_points_elsewhere_is_put_right(tmp_path: Path) -> None:
    link = short_path(deep(tmp_path))
    link.unlink()
    link.symlink_to(tmp_path)
    assert short_path(deep(tmp_path)).resolve() == deep(tmp_path).resolve()


def test_a_folder_of_links_that_others_can_open_is_refused(tmp_path: Path) -> None:
    short_path(deep(tmp_path)).parent.chmod(0o755)
    with pytest.raises(StackUnavailable) as caught:
        short_path(deep(tmp_path))
    assert caught.value.remedy


def test_a_long_tempdir_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(deep(tmp_path)))
    assert len(os.fsencode(short_path(deep(tmp_path)))) <= LONGEST


def test_callers_at_the_same_instant_find_one_link_and_leave_nothing_else(tmp_path: Path) -> None:
    folder = deep(tmp_path)
    links = short_path(folder).parent
    others = set(links.iterdir())
    gate = threading.Barrier(8)

    def come() -> Path:
        gate.wait()
        return short_path(folder)

    with ThreadPoolExecutor(8) as callers:
        for _ in range(100):
            short_path(folder).unlink()
            found = {each.result() for each in [callers.submit(come) for _ in range(8)]}
            assert {each.resolve() for each in found} == {folder.resolve()}
    assert set(links.iterdir()) == others
