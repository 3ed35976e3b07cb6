"""icefloor's own reads of one table, in a process of the Python that FLOE_BENCH_ICEFLOOR names.

They are what its sections are drawn from: ``icefloor.meta.load``, as ``icefloor TABLE --catalog NAME`` has it, and
``section`` of what that answers. Nothing is drawn.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import tempfile
from collections.abc import Collection, Mapping, Sequence

from floe_bench.adapters.iceberg.catalog import CATALOG_NAME, environment
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName

VARIABLE = "FLOE_BENCH_ICEFLOOR"
LOAD = ""
"""Stands for the table, where the others are keys of sections: a session with the catalog, and the table's metadata."""
PROGRAM = """\
import gc, json, statistics, sys, time
import pyiceberg.catalog.rest, pyiceberg.io.pyarrow, pyiceberg.table.inspect
from icefloor.meta import load

target, catalog, young, rounds, *reads = sys.argv[1:]
gc.set_threshold(int(young))

def timed(read):
    global source
    started = time.perf_counter()
    if read:
        source.section(read)
    else:
        source = load(target, catalog)
    return time.perf_counter() - started

print(json.dumps([statistics.median(timed(read) for _ in range(int(rounds))) for read in reads]))
"""


def beside(endpoints: Endpoints, table: TableName, reads: Mapping[str, str], *, rounds: int) -> None:
    """Prints the median of each, or why they are not measured. ``reads`` are what to call them, and their keys.

    Its modules are imported before, and its process looks for garbage as often as this one.
    """
    python = os.environ.get(VARIABLE, "")
    if not python:
        print(f"  icefloor: not measured, {VARIABLE} names no Python that has it")
    elif subprocess.run([python, "-c", "import icefloor.meta"], capture_output=True, check=False).returncode:
        print(f"  icefloor: not measured, the Python that {VARIABLE} names cannot import it")
    else:
        for what, seconds in zip(reads, _medians(python, endpoints, table, reads.values(), rounds), strict=True):
            print(f"  {f'  icefloor: {what}':<46}{seconds:>9.3f}", flush=True)


def _medians(
    python: str, endpoints: Endpoints, table: TableName, reads: Collection[str], rounds: int
) -> Sequence[float]:
    arguments = (str(table), CATALOG_NAME, str(gc.get_threshold()[0]), str(rounds), *reads)
    # PyIceberg looks for settings in the folder that it runs in: in none but this one.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, "-c", PROGRAM, *arguments],
            cwd=folder,
            env={**os.environ, "PYICEBERG_HOME": folder, **environment(endpoints)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[float] = json.loads(done.stdout)
    return found
