"""The bundled demo: its copy, and its data from day to day."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from floe_bench.config.bundled import bundled
from floe_bench.core import demo, demo_data
from floe_bench.errors import BenchError, UsageError

DELIVERIES = "landing/deliveries.csv"

Rows = dict[str, dict[str, str]]


def a_copy(tmp_path: Path, name: str = "demo") -> Path:
    return demo.copy(tmp_path / name)


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@cache
def files(day: int) -> dict[str, str]:
    return demo_data.files(day)


@cache
def table(day: int, path: str) -> Rows:
    rows = csv.DictReader(io.StringIO(files(day)[path]))
    return {next(iter(row.values())): row for row in rows}


def orders(day: int) -> Rows:
    return table(day, "seeds/raw_orders.csv")


def changed_orders(day: int) -> list[tuple[dict[str, str] | None, dict[str, str]]]:
    """(the day before, that day) of every order that differs in anything but a column that is new."""
    before, after = orders(day - 1), orders(day)
    columns = next(iter(before.values())).keys()
    pairs = [(before.get(key), row) for key, row in after.items()]
    return [(old, new) for old, new in pairs if old is None or any(old[c] != new[c] for c in columns)]


# -- the bundled project


def test_the_committed_data_is_day_zero_of_the_generator() -> None:
    committed = {path: (bundled("demo") / path).read_text("utf-8") for path in demo_data.files(0)}
    assert committed == demo_data.files(0)


def test_the_generator_makes_every_seed_of_the_project() -> None:
    found = {
        str(path.relative_to(bundled("demo"))) for path in bundled("demo").rglob("*.csv") if "target" not in path.parts
    }
    assert found == set(demo_data.files(0))


def test_the_demo_does_not_shadow_the_dbt_package() -> None:
    assert not list(bundled("demo").rglob("__init__.py"))


def test_the_demo_downloads_nothing() -> None:
    assert not [name for name in ("packages.yml", "dependencies.yml") if (bundled("demo") / name).exists()]


def test_the_source_tree_wins_over_the_wheel(tmp_path: Path) -> None:
    package = a_package(tmp_path, in_tree=True, in_wheel=True)
    assert bundled("demo", package=package) == tmp_path / "dbt"


def test_a_wheel_brings_its_own_demo(tmp_path: Path) -> None:
    package = a_package(tmp_path, in_tree=False, in_wheel=True)
    assert bundled("demo", package=package) == package / "_data" / "demo"


def test_the_dbt_package_in_site_packages_is_not_taken_for_the_demo(tmp_path: Path) -> None:
    package = a_package(tmp_path, in_tree=False, in_wheel=True)
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "dbt_project.yml").write_text("name: somebody_else\n")
    assert bundled("demo", package=package) == package / "_data" / "demo"


def test_an_installation_without_the_demo_says_so(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="the demo folder is missing") as refused:
        bundled("demo", package=tmp_path / "floe_bench")
    assert refused.value.remedy


def a_package(root: Path, *, in_tree: bool, in_wheel: bool) -> Path:
    package = root / "floe_bench"
    folders = [root / "dbt"] * in_tree + [package / "_data" / "demo"] * in_wheel
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "dbt_project.yml").write_text("name: floe_demo\n")
    if in_tree:
        (root / "pyproject.toml").write_text("")
    return package


# -- copy


def test_a_copy_holds_the_whole_demo(tmp_path: Path) -> None:
    copied = tree(a_copy(tmp_path))
    assert {"dbt_project.yml", "floe-bench.toml", ".demo-day", "python_assets/roast_plan.py"} <= copied.keys()
    assert copied["seeds/raw_orders.csv"] == (bundled("demo") / "seeds/raw_orders.csv").read_bytes()


def test_a_copy_leaves_behind_what_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = a_package(tmp_path / "from", in_tree=False, in_wheel=True)
    built = ("target/manifest.json", "logs/dbt.log", ".floe-bench/lock", "python_assets/__pycache__/x.pyc", ".user.yml")
    for path in built:
        file = package / "_data" / "demo" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    monkeypatch.setattr(demo, "bundled", lambda kind: bundled(kind, package=package))
    assert tree(a_copy(tmp_path)).keys() == {"dbt_project.yml"}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    assert (a_copy(tmp_path) / "dbt_project.yml").is_file()


def test_a_copy_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="already exists") as refused:
        a_copy(tmp_path)
    assert tree(tmp_path) == {"demo/mine.txt": b"mine"}
    assert "demo-2" in refused.value.remedy


def test_a_file_or_a_dangling_link_is_not_overwritten_either(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(UsageError, match="already exists"):
            a_copy(tmp_path, name)


# -- advance


def test_a_day_is_the_same_in_every_copy(tmp_path: Path) -> None:
    one, other = a_copy(tmp_path, "one"), a_copy(tmp_path, "other")
    said = [(demo.advance(one), demo.advance(other)) for _ in range(3)]
    assert all(first == second for first, second in said)
    assert tree(one) == tree(other)
    assert (one / ".demo-day").read_text() == "3\n"


def test_an_advance_touches_data_only(tmp_path: Path) -> None:
    root = a_copy(tmp_path)
    before = tree(root)
    demo.advance(root)
    after = tree(root)
    assert after.keys() == before.keys()
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {*demo_data.files(0), ".demo-day"} - {"seeds/raw_products.csv"}


def test_an_advance_says_what_changed(tmp_path: Path) -> None:
    said = "\n".join(demo.advance(a_copy(tmp_path)))
    new = len(orders(1)) - len(orders(0))
    assert f"{new} new orders" in said
    assert "late correction: order" in said
    assert "new column gift_wrap" in said


def test_only_the_first_advance_brings_a_new_column() -> None:
    headers = [demo_data.files(day)["seeds/raw_orders.csv"].splitlines()[0] for day in range(3)]
    assert headers[1] == headers[0] + ",gift_wrap"
    assert headers[2] == headers[1]


@pytest.mark.parametrize("day", range(1, 31))
def test_every_day_brings_new_orders_and_one_late_correction(day: int) -> None:
    changed = changed_orders(day)
    assert sum(1 for old, _ in changed if old is None) >= 6
    late = [new for old, new in changed if old is not None and _age(new) > timedelta(days=7)]
    assert len(late) == 1
    assert f"order {late[0]['order_id']} of {late[0]['ordered_at'][:10]}" in "\n".join(demo_data.changes(day))


@pytest.mark.parametrize("day", range(1, 31))
def test_every_change_of_an_order_moves_its_updated_at_past_all_earlier_ones(day: int) -> None:
    """Else an incremental build would not see it."""
    watermark = max(row["updated_at"] for row in orders(day - 1).values())
    assert all(new["updated_at"] > watermark for _, new in changed_orders(day))


@pytest.mark.parametrize("day", range(1, 31))
def test_a_line_changes_only_with_its_order(day: int) -> None:
    path = "seeds/raw_order_lines.csv"
    before, after = table(day - 1, path), table(day, path)
    assert before.keys() <= after.keys()
    changed = {new["order_id"] for key, new in after.items() if before.get(key) != new}
    assert changed <= {new["order_id"] for _, new in changed_orders(day)}


@pytest.mark.parametrize("day", range(1, 31))
def test_a_customer_that_moves_says_when(day: int) -> None:
    path = "seeds/raw_customers.csv"
    before, after = table(day - 1, path), table(day, path)
    moved = [key for key in after if before[key] != after[key]]
    assert len(moved) == 1
    assert before[moved[0]]["city"] != after[moved[0]]["city"]
    assert before[moved[0]]["updated_at"] < after[moved[0]]["updated_at"]


@pytest.mark.parametrize("day", range(1, 31))
def test_the_courier_changes_only_what_arrived_the_day_before(day: int) -> None:
    before, after = table(day - 1, DELIVERIES), table(day, DELIVERIES)
    arrived = {row["delivered_at"][:10] for key, row in after.items() if key in before and before[key] != row}
    yesterday = demo_data.FIRST_DATE + timedelta(days=demo_data.HISTORY_DAYS + day - 2)
    assert arrived <= {str(yesterday)}


def test_the_courier_does_change_its_mind_now_and_then() -> None:
    days = [table(day, DELIVERIES) for day in range(31)]
    assert any(after[key] != row for before, after in pairwise(days) for key, row in before.items())


def _age(order: dict[str, str]) -> timedelta:
    return datetime.fromisoformat(order["updated_at"]) - datetime.fromisoformat(order["ordered_at"])


# -- refusals


def test_a_project_that_is_not_the_demo_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    (tmp_path / ".demo-day").write_text("0\n")
    refuses_to_advance(tmp_path, "not a copy of the demo")


def test_a_project_of_the_demo_s_name_without_its_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: floe_demo\n")
    refuses_to_advance(tmp_path, "not a copy of the demo")


def test_the_original_is_refused() -> None:
    refuses_to_advance(bundled("demo"), "the original")


def test_data_that_was_edited_by_hand_is_not_overwritten(tmp_path: Path) -> None:
    root = a_copy(tmp_path)
    with (root / "seeds" / "raw_products.csv").open("a") as file:
        file.write("13,driftwood,peru,dark,250,9.00,4.00\n")
    refuses_to_advance(root, "raw_products.csv was edited")


@pytest.mark.parametrize("mark", ["", "-1", "one", "²"])
def test_a_broken_mark_is_refused(tmp_path: Path, mark: str) -> None:
    root = a_copy(tmp_path)
    (root / ".demo-day").write_text(mark)
    refuses_to_advance(root, "should hold a number")


def test_an_interrupted_advance_is_finished_by_the_next_one(tmp_path: Path) -> None:
    interrupted, whole = a_copy(tmp_path, "interrupted"), a_copy(tmp_path, "whole")
    (interrupted / "seeds" / "raw_orders.csv").write_text(demo_data.files(1)["seeds/raw_orders.csv"])
    assert demo.advance(interrupted) == demo.advance(whole)
    assert tree(interrupted) == tree(whole)


def refuses_to_advance(root: Path, why: str) -> None:
    before = tree(root)
    with pytest.raises(UsageError, match=why) as refused:
        demo.advance(root)
    assert tree(root) == before
    assert refused.value.remedy.startswith("floe-bench demo")
