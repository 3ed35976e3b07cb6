"""Starting a program of ours, warm where that is possible."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import IO

from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.adapters.orchestrators.warm.process import Child, WarmParent


def start(
    program: str,
    *,
    warm: WarmParent | None,
    place: Place,
    env: Mapping[str, str],
    stdin: IO[bytes],
    output: IO[bytes],
    stamp: str = "",
) -> Child:
    """``program`` is a module of this package with a ``main``. It leads a session of its own.

    ``stamp`` is the project's fingerprint: a spare that read another state of it is not used.

    Ctrl-C in the terminal is the client's to interpret, and ending the session's group reaches dbt too.
    """
    child = warm and warm.run(program, (), env=env, cwd=place.project.root, stdin=stdin, output=output, stamp=stamp)
    if child:
        return child
    return subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.{program}"],
        env=dict(env),
        stdin=stdin,
        stdout=output,
        stderr=output,
        start_new_session=True,
        cwd=place.project.root,
    )
