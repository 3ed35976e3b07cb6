"""A file of the project is saved: how soon the bench has read it again, and what it says that it changed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest

from floe_bench.events import AssetsChanged, FilesSaved, ProblemFound, ProblemSolved, ProjectReread
from tests.contracts.workbench import Workbench, opened, shop

STG = "models/staging/stg_orders.sql"
CODE = "select order_id, customer_id, amount from {{ ref('raw_orders') }}\n"
SEEN_S = 1.0


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    root = shop(tmp_path_factory.mktemp("reread"), without=("shop_assets.py", "floe-bench.toml"))
    with opened(root) as bench:
        bench.client.assets()
        bench.until(lambda: bench.events(AssetsChanged), "the assets are told")
        yield bench


def save(bench: Workbench, name: str, text: str | None) -> list[ProjectReread]:
    """What was said of the new reading; until then."""
    told = len(bench.events(ProjectReread))
    file, beside = bench.root / name, bench.state / "being-saved"
    if text is None:
        file.unlink()
    else:  # in one go: a file that is half written is another thing that was saved
        beside.write_text(text)
        beside.replace(file)
    bench.until(lambda: len(bench.events(ProjectReread)) > told, f"{name} is read again")
    return list(bench.events(ProjectReread)[told:])


def test_what_was_saved_is_said_first_then_which_assets_it_changed(bench: Workbench) -> None:
    news = save(bench, STG, CODE + "-- more\n")[-1]
    assert (news.files, news.changed, news.added, news.removed) == ((STG,), ("staging/stg_orders",), (), ())
    assert bench.events(FilesSaved)[-1] == FilesSaved((STG,))
    kinds = [type(event) for _, event in bench.heard if isinstance(event, FilesSaved | ProjectReread)]
    assert kinds[-2:] == [FilesSaved, ProjectReread]

    assert save(bench, "models/extra.sql", "select 1 as n\n")[-1].added == ("shop/extra",)
    bench.until(lambda: "shop/extra" in {a.asset for a in bench.events(AssetsChanged)[-1].assets}, "it is an asset")
    assert save(bench, "models/extra.sql", None)[-1].removed == ("shop/extra",)
    assert save(bench, "models/notes.md", "nothing that is code\n")[-1].changed == ()


def test_a_saved_file_is_seen_within_a_second(bench: Workbench) -> None:
    took_s = [float("inf")]
    while min(took_s) >= SEEN_S and len(took_s) < 30:  # others may work on this machine
        saved_at = time.time()
        save(bench, STG, f"{CODE}-- {len(took_s)}\n")
        took_s.append(next(at for at, each in reversed(bench.heard) if isinstance(each, FilesSaved)) - saved_at)
    assert min(took_s) < SEEN_S, took_s


def test_a_broken_project_is_said_and_nothing_ends_until_it_is_mended(bench: Workbench) -> None:
    problems, reread = len(bench.events(ProblemFound)), len(bench.events(ProjectReread))
    (bench.root / STG).write_text("select {% if %}\n")
    bench.until(lambda: len(bench.events(ProblemFound)) > problems, "the problem is told")
    problem = bench.events(ProblemFound)[-1]
    assert (problem.about, problem.where) == ("dbt project", f"{STG}:1")
    assert len(bench.events(ProjectReread)) == reread, "what could not be read was not read"
    assert bench.client.tables() is not None

    assert save(bench, STG, CODE)[-1].files == (STG,)
    assert bench.events(ProblemSolved)[-1].about == "dbt project"
    assert len(bench.client.assets()) == 5


def test_an_engine_that_only_looks_needs_hardly_any_time_of_the_machine(bench: Workbench) -> None:
    engine = psutil.Process(bench.client.engine_pid)
    shares = [1.0]
    while shares[-1] >= 0.10 and len(shares) < 12:  # what was read again before may go on for a while
        before, began = sum(engine.cpu_times()[:2]), time.monotonic()
        bench.until(lambda: time.monotonic() - began > 8, "a while passes")  # noqa: B023
        shares.append((sum(engine.cpu_times()[:2]) - before) / (time.monotonic() - began))
    assert shares[-1] < 0.10, f"{shares[-1]:.0%} of one core while nothing happens"
