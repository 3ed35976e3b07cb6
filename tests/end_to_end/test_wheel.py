"""The package as a user installs it: from a wheel, into an environment of its own, used from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.workbench import eventually, processes

REPOSITORY = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")


def said(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Standard output of a command that has to succeed."""
    known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=cwd, env=known | environment, capture_output=True, text=True, timeout=480)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of an environment that has nothing but the lock and the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    said(UV, "build", "--quiet", "--wheel", "--out-dir", folder, cwd=REPOSITORY)
    (wheel,) = folder.glob("*.whl")
    said(UV, "venv", "--quiet", "--python", sys.executable, "env", cwd=folder)
    install = (UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", "env/bin/python")
    said(*install, "-r", REPOSITORY / "requirements.lock", cwd=folder)
    said(*install, "--no-deps", wheel, cwd=folder)
    return folder / "env" / "bin"


@pytest.mark.timeout(1500)
def test_the_wheel_holds_demo_stack_and_adapter_and_builds_the_demo_from_any_folder(
    installed: Path, tmp_path: Path
) -> None:
    root = tmp_path / "anywhere"
    root.mkdir()
    command = installed / "floe-bench"
    try:
        built = said(command, "demo", "shop", cwd=root, PATH=f"{installed}:{os.environ['PATH']}")
        assert "success" in built, built
        tables = said(command, "tables", "--project", "shop", cwd=root)
        assert "mart_customers" in tables, tables
    finally:
        subprocess.run([command, "down", "--project", "shop"], cwd=root, check=False, capture_output=True)
    assert eventually(lambda: not processes(root / "shop"))
    assert not list(root.glob("shop/**/__pycache__"))
