"""What is said where containers cannot be had."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from floe_bench.adapters.stacks.container.daemon import reachable
from floe_bench.errors import StackUnavailable


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a socket's address."""
    with tempfile.TemporaryDirectory(prefix="floe-") as made:
        yield Path(made)


def said(monkeypatch: pytest.MonkeyPatch, host: str) -> StackUnavailable:
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(StackUnavailable) as caught:
        reachable()
    assert "\n" not in caught.value.message
    assert "--stack embedded" in caught.value.remedy
    return caught.value


def test_without_a_daemon_the_socket_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    error = said(monkeypatch, f"unix://{folder}/docker.sock")
    assert f"{folder}/docker.sock is not there" in error.message
    assert "systemctl start docker" in error.remedy


def test_a_daemon_that_died_and_left_its_socket_does_not_answer(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(folder / "docker.sock"))
    assert "does not answer" in said(monkeypatch, f"unix://{folder}/docker.sock").message


@pytest.mark.skipif(os.getuid() == 0, reason="root may connect to every socket")
def test_a_socket_that_is_not_open_to_the_user_names_the_group(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(folder / "docker.sock"))
        server.listen()
        (folder / "docker.sock").chmod(0o000)
        assert "usermod -aG docker" in said(monkeypatch, f"unix://{folder}/docker.sock").remedy


@pytest.mark.parametrize("host", ["tcp://10.0.0.7:2375", "ssh://somebody@build", "https://docker.example:2376"])
def test_the_daemon_of_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    error = said(monkeypatch, host)
    assert host in error.message
    assert "unset DOCKER_HOST" in error.remedy


def test_a_daemon_that_listens_is_reachable(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(folder / "docker.sock"))
        server.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/docker.sock")
        reachable()
