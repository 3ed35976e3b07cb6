"""The Docker daemon of this machine, and its errors in our words."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from floe_bench.errors import StackError, StackNotReady, StackUnavailable

if TYPE_CHECKING:
    from docker import DockerClient

_DEFAULT = "unix:///var/run/docker.sock"
_WITHOUT = "floe-bench --stack embedded"
"""What always works."""


def reachable() -> None:
    """Raises StackUnavailable, in one line with the fix, when no daemon of this machine answers. Imports nothing."""
    host = os.environ.get("DOCKER_HOST") or _DEFAULT
    at = urlsplit(host)
    if at.scheme not in ("unix", "npipe") and at.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise StackUnavailable(
            f"DOCKER_HOST names another machine ({host}), and a stack's ports are open on this one only",
            remedy=f"unset DOCKER_HOST, or {_WITHOUT}",
        )
    if at.scheme != "unix":
        return
    _knock(at.path)


def _knock(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(path)
        except FileNotFoundError as error:
            raise StackUnavailable(
                f"there is no Docker daemon: {path} is not there",
                remedy=f"sudo systemctl start docker, or {_WITHOUT}",
            ) from error
        except PermissionError as error:
            raise StackUnavailable(
                f"Docker's socket {path} is not open to you",
                remedy=f"sudo usermod -aG docker $USER, and log in again; or {_WITHOUT}",
            ) from error
        except OSError as error:
            raise StackUnavailable(
                f"the Docker daemon does not answer at {path}: {error.strerror or error}",
                remedy=f"sudo systemctl start docker, or {_WITHOUT}",
            ) from error


def open_daemon() -> DockerClient:
    """Raises StackUnavailable."""
    reachable()
    import docker
    from docker.errors import DockerException

    _settle_testcontainers()
    try:
        client = docker.from_env(timeout=60)
    except DockerException as error:
        raise StackUnavailable(
            f"the Docker daemon does not answer: {error}", remedy=f"sudo systemctl start docker, or {_WITHOUT}"
        ) from error
    return client


def _settle_testcontainers() -> None:
    """Its own reaper would end a stack that outlives us; and a file at the root of the disk makes it leave loopback."""
    from testcontainers.core.config import ConnectionMode, testcontainers_config

    testcontainers_config.ryuk_disabled = True
    testcontainers_config.connection_mode_override = ConnectionMode.docker_host
    testcontainers_config.tc_host_override = "127.0.0.1"
    testcontainers_config.hub_image_name_prefix = ""


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn docker's exceptions into ours; ``doing`` says what failed."""
    import requests
    from docker.errors import APIError, DockerException

    try:
        yield
    except StackError:
        raise
    except APIError as error:
        said = str(error.explanation or error).strip().splitlines()[0]
        raise _of_daemon(doing, said) from error
    except (DockerException, requests.RequestException) as error:
        raise StackUnavailable(
            f"{doing}: the Docker daemon does not answer: {error}", remedy="sudo systemctl start docker"
        ) from error


def _of_daemon(doing: str, said: str) -> StackError:
    if "no space left" in said:
        return StackUnavailable(f"{doing}: the disk of Docker is full ({said})", remedy="docker system prune")
    return StackNotReady(f"{doing}: {said}", remedy="floe-bench doctor")


def docker_root(client: DockerClient) -> Path:
    return Path(str(client.info().get("DockerRootDir", "/var/lib/docker")))
