"""What a warm parent can become, and what it imports so that becoming it is quick."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import importlib
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from floe_bench.adapters.orchestrators.warm.exercise import exercise, own_locks

_IMPORTED = (
    "dbt.cli.main",
    "dbt.adapters.floe",
    "dbt.task.build",
    "dbt.task.list",
    "dbt.parser.manifest",
    "duckdb",
    "pyarrow.parquet",
    "pyiceberg.catalog.rest",
    "pyiceberg.io.pyarrow",
    "dagster",
    "dagster_dbt",
    "dagster._core.storage.sqlite_storage",
    "dagster_iceberg.io_manager.arrow",
    "dbt.adapters.duckdb.plugins",
    "floe_bench.adapters.orchestrators.dagster.definitions",
    "floe_bench.adapters.orchestrators.dagster.worker",
    "floe_bench.adapters.orchestrators.dagster.node_worker",
    "floe_bench.adapters.orchestrators.dagster.step_asset",
    "floe_bench.adapters.orchestrators.dagster.parse",
    "floe_bench.adapters.orchestrators.dagster.parsed",
)

Program = Callable[[Sequence[str]], int]

_PARENT = os.getpid()
"""A child finds the process here that it was forked from."""
_PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""
_PIPE_BYTES = 1 << 20
"""The most that Linux gives everybody. Source: pipe(7), "Pipe capacity"."""


def preload() -> None:
    own_locks()
    for name in _IMPORTED:
        importlib.import_module(name)
    exercise()
    gc.collect()
    # Objects of the parent stay where they are: a collection in a child would copy their pages.
    gc.freeze()


def dbt(args: Sequence[str]) -> int:
    """The ``dbt`` command as its console script runs it."""
    from dbt.cli.main import cli

    _fresh()
    _widen_output()
    sys.argv = ["dbt", *args]
    cli(args=list(args), prog_name="dbt")
    return 0


def prepared_dbt() -> Program:
    """dbt with the project read, macros compiled, DuckDB open; reads the project again when it is not as it was."""
    from floe_bench.adapters.dbt.ahead import attach, compile_ahead, open_ahead
    from floe_bench.adapters.orchestrators.dagster.parsed import read_ahead

    _fresh()
    known = read_ahead()
    opened = open_ahead()
    compile_ahead(known.manifest)

    def run(args: Sequence[str]) -> int:
        from dbt.cli.main import cli

        attach(opened)
        _widen_output()
        sys.argv = ["dbt", *args]
        cli(args=list(args), prog_name="dbt", obj=known.context(args))
        return 0

    return run


def worker(args: Sequence[str]) -> int:
    from floe_bench.adapters.orchestrators.dagster.worker import main

    _fresh()
    return main()


def prepared_worker() -> Program:
    from floe_bench.adapters.orchestrators.dagster.worker import Ready, main

    _fresh()
    ready = Ready.made()
    return lambda args: main(ready)


def node_worker(args: Sequence[str]) -> int:
    from floe_bench.adapters.orchestrators.dagster.node_worker import main

    _fresh()
    return main()


def parse(args: Sequence[str]) -> int:
    from floe_bench.adapters.orchestrators.dagster.parse import main

    _fresh()
    return main()


def _widen_output() -> None:
    """dbt's threads wait for each other where one of them cannot write, and Dagster reads in bursts. Only on Linux."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # no pipe, or a system that allows less
            fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _fresh() -> None:
    """Undo what children of one parent would share, and end with the parent: nobody else knows of this process."""
    random.seed()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != _PARENT:  # it died before it could be told
            os.kill(os.getpid(), signal.SIGKILL)


PROGRAMS: Mapping[str, Program] = {"dbt": dbt, "worker": worker, "node_worker": node_worker, "parse": parse}

PREPARED: Mapping[str, Callable[[], Program]] = {"dbt": prepared_dbt, "worker": prepared_worker}
"""What a spare does before it is asked."""
