"""A lakehouse that is one process on this machine."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from floe_bench.adapters.stacks import growth, log_file
from floe_bench.adapters.stacks import instance as instances
from floe_bench.adapters.stacks.gate import Died, Watch, until, until_done
from floe_bench.adapters.stacks.instance import Instance
from floe_bench.adapters.stacks.keys import KeyPair, key_pair
from floe_bench.adapters.stacks.lakehouse import list_catalog, silent, table_count, write_and_read
from floe_bench.adapters.stacks.phase import told
from floe_bench.adapters.stacks.port import HOST, answers, assigned, free
from floe_bench.adapters.stacks.private_file import private_folder
from floe_bench.adapters.stacks.settings import Phase, ProcessSettings
from floe_bench.config.short_path import short_path
from floe_bench.errors import StackNotReady, StackUnavailable
from floe_bench.model.answer import LogLine
from floe_bench.model.stack import Endpoints, Service, StackSpec, StackState, StackStatus, Watermark
from floe_bench.ports.stack import Emit

_ADOPT_TIMEOUT_S = 20.0
_STARTS = 3
"""Somebody may take a port between our look at it and the process's."""
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")


class ProcessStack:
    """Runs ``spec`` for the project whose state folder is ``state_dir``. The process outlives whoever started it.

    Raises:
        ConfigInvalid: the stack's settings are not those of this driver.
    """

    def __init__(self, spec: StackSpec, *, state_dir: Path) -> None:
        self._spec = spec
        self._settings = ProcessSettings.read(spec)
        self._folder = state_dir.absolute() / "stack" / spec.name
        self._data = self._folder / "data"
        self._memory = self._folder / "state.json"
        self._log = self._folder / f"{self._settings.program}.log"
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    # ── port ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def up(self, emit: Emit, cancelled: Callable[[], bool]) -> Endpoints:
        program = self._program()
        threading.Thread(target=_import_engine, name="stack-import", daemon=True).start()
        private_folder(self._folder)
        log_file.rotate(self._log)
        deadline = time.monotonic() + self._settings.ready_timeout_s
        try:
            first, *others = self._settings.phases
            with told(first.phase, first.title, emit) as detail:
                process = self._running_process(program, cancelled, deadline, detail=detail)
            watch = Watch(lambda: instances.running(process), cancelled, deadline)
            for phase in others:
                with told(phase.phase, phase.title, emit):
                    self._pass(phase, watch)
        except BaseException:
            self.down()
            raise
        return self._endpoints()

    def attach(self) -> Endpoints:
        status = self.status()
        if status.state is not StackState.READY:
            raise StackNotReady(f"the {status.stack} stack is {status.state}", remedy="floe-bench up")
        return self._endpoints()

    def down(self) -> None:
        for process in self._ours():
            instances.stop(process, self._settings.stop_timeout_s)
        if self._child is not None:
            self._child.poll()
        known = instances.remembered(self._memory)
        if known.ports:
            self._sweep(known)
            instances.remember(self._memory, Instance(ports=known.ports))

    def reset(self) -> tuple[str, ...]:
        words = self._contents()
        self.down()
        if self._data.exists():
            shutil.rmtree(self._data)
        return words

    def keeps(self) -> bool:
        return self._data.exists() and any(self._data.iterdir())

    def status(self) -> StackStatus:
        known = instances.remembered(self._memory)
        process = instances.alive(known, self._argument())
        state = StackState.STOPPED
        uri = None
        if process is not None:
            ready = self._answers(self._endpoints())
            state = StackState.READY if ready else StackState.STARTING
            uri = self._endpoints().catalog_uri if ready else None
        service = Service(
            name=self._spec.title,
            state=state,
            pid=process.pid if process else None,
            ports=tuple(known.ports.values()) if process else (),
            since=known.since if process else None,
            service=self._settings.program,
            image=self._settings.program,
        )
        return StackStatus(stack=self._spec.name, state=state, services=(service,), catalog_uri=uri)

    def sources(self) -> tuple[str, ...]:
        return (self._settings.program,)

    def tail(self, lines: int, service: str = "") -> Iterator[LogLine]:
        yield from log_file.parsed(self._last_lines(lines))

    def restart(self, service: str, emit: Emit, cancelled: Callable[[], bool]) -> Endpoints:
        self.down()
        return self.up(emit, cancelled)

    def halt(self, service: str) -> None:
        self.down()

    def silent(self) -> str:
        return silent(self._endpoints())

    def memory_bytes(self) -> Mapping[str, int]:
        process = instances.alive(instances.remembered(self._memory), self._argument())
        taken = instances.memory_bytes(process) if process else None
        return {} if taken is None else {self._settings.program: taken}

    def watermark(self) -> Watermark | None:
        return growth.watermark(self._data, self._settings.growing) if self._settings.growing else None

    def obstacle(self) -> StackUnavailable | None:
        try:
            self._program()
        except StackUnavailable as error:
            return error
        return None

    # ── start ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _running_process(
        self, program: Path, cancelled: Callable[[], bool], deadline: float, *, detail: list[str]
    ) -> psutil.Process:
        """The one that runs, if it answers; a fresh one otherwise. Others of ours that still run are stopped."""
        known = instances.remembered(self._memory)
        process = self._adoptable(known, program, cancelled)
        if process is not None:
            detail += [f"{HOST}:{self._s3_port()}", f"still running as pid {process.pid}"]
            return process
        if any(True for _ in self._ours()):
            self.down()
            detail.append("an older one was stopped first")
        for left in reversed(range(_STARTS)):
            ports = assigned(self._settings.ports, known.ports)
            moved = [
                f"port {old} was taken, {name} moved to {ports[name]}"
                for name, old in known.ports.items()
                if ports.get(name, old) != old
            ]
            process = self._start(program, ports)
            try:
                self._pass(self._settings.phases[0], Watch(self._child_alive, cancelled, deadline))
            except StackNotReady:
                if left and not self._child_alive() and not all(free(port) for port in ports.values()):
                    continue
                raise
            detail[:0] = [f"{HOST}:{self._s3_port()}", *moved]
            return process
        raise AssertionError("the last start returns or raises")

    def _adoptable(self, known: Instance, program: Path, cancelled: Callable[[], bool]) -> psutil.Process | None:
        process = instances.alive(known, self._argument())
        if process is None or set(known.ports) != set(self._settings.ports):
            return None
        with contextlib.suppress(psutil.Error, StackNotReady):
            if process.cmdline() != self._command(program, known.ports):
                return None
            watch = Watch(lambda: instances.running(process), cancelled, time.monotonic() + _ADOPT_TIMEOUT_S)
            self._pass(Phase("", "", "catalog"), watch)
            return process
        return None

    def _start(self, program: Path, ports: dict[str, int]) -> psutil.Process:
        self._data.mkdir(mode=0o700, exist_ok=True)
        self._log_start = self._log.stat().st_size if self._log.exists() else 0
        with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
            self._child = subprocess.Popen(
                self._command(program, ports),
                env=self._environment(ports),
                cwd=self._data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        process = psutil.Process(self._child.pid)
        instances.remember(self._memory, instances.born_now(process, ports))
        return process

    def _child_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _program(self) -> Path:
        beside = Path(sys.executable).parent / self._settings.program
        found = str(beside) if os.access(beside, os.X_OK) else shutil.which(self._settings.program)
        if found is None:
            raise StackUnavailable(
                f"{self._spec.title} is not installed: there is no program '{self._settings.program}' "
                f"beside {sys.executable} or on PATH",
                remedy=self._settings.install,
            )
        return Path(found)

    # ── wait ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _pass(self, phase: Phase, watch: Watch) -> None:
        """Raises StackNotReady, Cancelled."""
        endpoints = self._endpoints()
        try:
            if phase.gate == "ports":
                until(lambda: self._child_answers(endpoints), watch)
            elif phase.gate == "catalog":
                until_done(lambda: list_catalog(endpoints), watch)
            else:
                until_done(lambda: write_and_read(endpoints), watch)
        except Died as error:
            raise self._not_ready("ended while it started") from error
        except TimeoutError as error:
            raise self._not_ready(f"did not get through '{phase.phase}' in time: {error}") from error

    def _not_ready(self, what: str) -> StackNotReady:
        lines = self._last_lines(5, since=self._log_start)
        said = "\n".join(["", *lines]) if lines else ""
        return StackNotReady(f"{self._spec.title} {what}{said}", remedy=f"less {self._log}")

    def _last_lines(self, lines: int, *, since: int = 0) -> list[str]:
        """Of the log, without noise and with the keys masked: SeaweedFS writes down the access key."""
        found = log_file.last_lines(self._log, lines, since=since, without=self._settings.noise)
        if not found:
            return []
        keys = self._keys()
        for key in (keys.access_key.reveal(), keys.secret_key.reveal()):
            found = [line.replace(key, "*****") for line in found]
        return found

    def _answers(self, endpoints: Endpoints) -> bool:
        return all(answers(port) for port in _ports_of(endpoints))

    def _child_answers(self, endpoints: Endpoints) -> bool:
        """Ours, and nobody who took one of its ports a moment before."""
        return (
            self._child is not None
            and self._answers(endpoints)
            and instances.listens(self._child.pid, _ports_of(endpoints))
        )

    # ── what is filled into the stack's templates ─────────────────────────────────────────────────────────────────

    def _command(self, program: Path, ports: dict[str, int]) -> list[str]:
        values = {**_port_values(ports), "data": str(self._data), "sockets": str(short_path(self._folder))}
        return [str(program), *(text.format_map(values) for text in self._settings.arguments)]

    def _environment(self, ports: dict[str, int]) -> dict[str, str]:
        """Little of ours: neither the user's AWS settings nor their SeaweedFS files under HOME are meant for it."""
        keys = self._keys()
        values = {
            **_port_values(ports),
            "data": str(self._data),
            "sockets": str(short_path(self._folder)),
            "access_key": keys.access_key.reveal(),
            "secret_key": keys.secret_key.reveal(),
        }
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        given = {name: text.format_map(values) for name, text in self._settings.environment.items()}
        return {**inherited, "HOME": str(self._folder), **given}

    def _endpoints(self) -> Endpoints:
        values = _port_values(instances.remembered(self._memory).ports)
        texts = {key: text.format_map(values) for key, text in self._settings.endpoints.items()}
        keys = self._keys()
        return Endpoints(
            catalog_uri=texts["catalog_uri"],
            warehouse=texts["warehouse"],
            token_uri=texts["token_uri"],
            client_id=keys.access_key,
            client_secret=keys.secret_key,
            s3_endpoint=texts["s3_endpoint"],
            s3_region=texts["s3_region"],
            s3_access_key=keys.access_key,
            s3_secret_key=keys.secret_key,
        )

    def _keys(self) -> KeyPair:
        return key_pair(self._folder / "keys")

    def _s3_port(self) -> int | None:
        return urlsplit(self._endpoints().s3_endpoint).port

    def _argument(self) -> str:
        """The argument that no other project's process has: the one with the data folder."""
        return next(text for text in self._settings.arguments if "{data}" in text).format(data=self._data)

    # ── what is there ─────────────────────────────────────────────────────────────────────────────────────────────

    def _ours(self) -> Iterator[psutil.Process]:
        """Ours however it was started: also one whose engine was killed before it could write down the pid."""
        return instances.all_with(self._argument())

    def _sweep(self, known: Instance) -> None:
        for pattern in self._settings.litter:
            for port in known.ports.values():
                file = Path(pattern.format(port=port, sockets=short_path(self._folder)))
                for found in file.parent.glob(file.name):
                    with contextlib.suppress(OSError):
                        if found.is_socket() and found.lstat().st_uid == os.getuid():
                            found.unlink()

    def _contents(self) -> tuple[str, ...]:
        if not self._data.exists():
            return ()
        size = sum(file.stat().st_blocks * 512 for file in self._data.rglob("*") if file.is_file())
        tables = table_count(self._endpoints()) if self.status().state is StackState.READY else None
        what = "the lakehouse" if tables is None else f"{tables} table{'' if tables == 1 else 's'}"
        return (f"{what} ({size / 1_000_000:.0f} MB) in {self._data}",)


def _ports_of(endpoints: Endpoints) -> set[int]:
    return {port for uri in (endpoints.s3_endpoint, endpoints.catalog_uri) if (port := urlsplit(uri).port) is not None}


def _port_values(ports: dict[str, int]) -> dict[str, str]:
    return {f"port_{name}": str(port) for name, port in ports.items()}


def _import_engine() -> None:
    """What the later phases need, imported while the process starts."""
    for name in ("pyiceberg.catalog.rest", "pyiceberg.io.pyarrow"):
        importlib.import_module(name)
