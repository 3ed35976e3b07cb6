"""Builds the images of our stacks from package registries alone: ``python stacks/images/build.py [NAME ...]``.

A folder here is an image: ``image.toml`` with its version and the programs that it needs, ``prepare`` that lays out
the build context, and a ``Dockerfile``. An image that was built from the same folder before is left as it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import docker
from docker.errors import BuildError, ImageNotFound

ROOT = Path(__file__).parent
RECIPE = "dev.floe.bench.recipe"


def main(names: list[str]) -> int:
    client = docker.from_env(timeout=600)
    folders = [folder for folder in sorted(ROOT.iterdir()) if (folder / "image.toml").is_file()]
    known = [folder.name for folder in folders]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"there is no image {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    failed = [folder.name for folder in folders if (not names or folder.name in names) and not _made(client, folder)]
    if failed:
        print(f"not built: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _made(client: docker.DockerClient, folder: Path) -> bool:
    recipe = tomllib.loads((folder / "image.toml").read_text(encoding="utf-8"))
    tag = f"floe-bench/{folder.name}:{recipe['version']}"
    missing = [program for program in recipe["needs"] if shutil.which(program) is None]
    mark = _mark(folder)
    try:
        if client.images.get(tag).labels.get(RECIPE) == mark:
            print(f"{tag}: as it is", flush=True)
            return True
    except ImageNotFound:
        pass
    if missing:
        print(f"{tag}: needs {', '.join(missing)}", file=sys.stderr)
        return False
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"floe-bench-{folder.name}-") as context:
        shutil.copy(folder / "Dockerfile", context)
        prepared = subprocess.run(
            [folder / "prepare", context],
            env={**os.environ, "PYTHON": sys.executable, "HERE": str(folder)},
            stdout=sys.stderr,
            check=False,
        )
        if prepared.returncode:
            print(f"{tag}: its parts could not be had", file=sys.stderr)
            return False
        try:
            built, _ = client.images.build(path=context, tag=tag, rm=True, labels={RECIPE: mark})
        except BuildError as error:
            print(f"{tag}: {error}", file=sys.stderr)
            return False
    size = built.attrs["Size"] / 1_000_000
    print(f"{tag}: built in {time.monotonic() - start:.0f} s, {size:.0f} MB", flush=True)
    return True


def _mark(folder: Path) -> str:
    """Of everything that the image is made from; the versions are pinned inside."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
