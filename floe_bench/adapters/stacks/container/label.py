"""How what is ours is known among the containers, networks and volumes of a machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from floe_bench.adapters.stacks.instance import boot_id

PROJECT = "dev.floe.bench.project"
STACK = "dev.floe.bench.stack"
SERVICE = "dev.floe.bench.service"
CONFIG = "dev.floe.bench.config-hash"
OWNER = "dev.floe.bench.owner"
IMAGE = "dev.floe.bench.image"
SECRETS = "dev.floe.bench.secrets"
FOLDER = "dev.floe.bench.folder"
"""The project's state folder: what it knew goes with it."""

_CLOCK_STEP_S = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """One stack of one project. Names of everything that it makes begin with ``prefix``."""

    state_dir: Path
    stack: str

    @property
    def project(self) -> str:
        return hashlib.sha256(str(self.state_dir).encode()).hexdigest()[:12]

    @property
    def prefix(self) -> str:
        return f"floe-bench-{self.project}-{self.stack}"

    def labels(self, **more: str) -> dict[str, str]:
        return {PROJECT: self.project, STACK: self.stack, FOLDER: str(self.state_dir), **more}

    @property
    def filters(self) -> dict[str, list[str]]:
        """For a listing of this stack only."""
        return {"label": [f"{PROJECT}={self.project}", f"{STACK}={self.stack}"]}

    @property
    def of_project(self) -> dict[str, list[str]]:
        return {"label": [f"{PROJECT}={self.project}"]}

    def owns(self, labels: Mapping[str, str] | None) -> bool:
        """Looked at once more before anything is removed: a filter that was misunderstood must not cost data."""
        return bool(labels) and labels is not None and labels.get(PROJECT) == self.project


def owner() -> str:
    """This process, told apart from a later one with its number."""
    return f"{os.getpid()}:{psutil.Process().create_time():.2f}:{boot_id()}"


def alive(owner: str) -> bool:
    pid, _, rest = owner.partition(":")
    born, _, boot = rest.partition(":")
    try:
        return boot == boot_id() and abs(psutil.Process(int(pid)).create_time() - float(born)) < _CLOCK_STEP_S
    except (psutil.Error, ValueError):
        return False
