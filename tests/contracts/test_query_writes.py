"""``floe-bench query --write``: over a real engine, as it is typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from floe_bench.cli.main import run
from tests.contracts.workbench import Workbench, opened, shop

ORDERS = "shop.raw_orders"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(shop(tmp_path_factory.mktemp("writes") / "shop")) as bench:
        assert bench.run(select="raw_orders").status == "success"
        yield bench


@dataclass(frozen=True)
class Floe:
    """The command line on the bench's project."""

    bench: Workbench
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> tuple[int, dict[str, Any], str]:
        code = run([*words, "--json", "--project", str(self.bench.root)])
        out, err = self.capsys.readouterr()
        return code, json.loads(out) if out else {}, err

    def orders(self) -> list[int]:
        return [row[0] for row in self.bench.client.rows(ORDERS).rows]


@pytest.fixture
def floe(bench: Workbench, capsys: pytest.CaptureFixture[str]) -> Floe:
    return Floe(bench, capsys)


def test_rows_are_changed_after_a_look_and_a_rollback_takes_that_back(floe: Floe) -> None:
    sql = f"delete from {ORDERS} where order_id = 1"
    _, looked, _ = floe("query", "--write", "--dry-run", sql)
    plan = looked["plan"]
    assert (plan["sql"], plan["writes"], plan["steps"][0]) == (sql, True, "ICEBERG_DELETE  raw_orders")
    assert (looked["done"], sorted(floe.orders())) == (None, [1, 2, 3])
    code, changed, _ = floe("query", "--write", "--yes", sql)
    (written,) = changed["done"]["written"]
    assert (code, written["table"], changed["done"]["rows"], sorted(floe.orders())) == (0, ORDERS, [[1]], [2, 3])
    assert written["after"] == floe.bench.client.snapshots(ORDERS)[-1].snapshot_id != written["before"]
    assert floe("rollback", ORDERS, "--to", str(written["before"]), "--yes")[0] == 0
    assert sorted(floe.orders()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--write", f"delete from {ORDERS}"), 2, "--yes"),
        (("--write", "--yes", f"delete from {ORDERS} where nope = 1"), 1, "nope"),
        (("--write", "--yes", f"drop table {ORDERS}"), 2, "DROP"),
        (("--write", "--yes", "--at", "main", f"delete from {ORDERS}"), 2, "--at"),
        (("--yes", f"delete from {ORDERS}"), 2, "--write"),
        ((f"explain delete from {ORDERS}",), 2, "DELETE"),
    ],
)
def test_what_is_refused_changes_nothing(floe: Floe, words: tuple[str, ...], code: int, said: str) -> None:
    answered, told, _ = floe("query", *words)
    assert (answered, said in json.dumps(told["error"])) == (code, True), told
    assert sorted(floe.orders()) == [1, 2, 3]


def test_what_is_only_looked_at_is_not_in_the_history_and_what_was_run_is_there_once(floe: Floe) -> None:
    sql = f"delete from {ORDERS} where order_id = 99"
    floe("query", "--write", "--dry-run", sql)
    assert sql not in [each.sql for each in floe.bench.client.querying.asked()]
    floe("query", "--write", "--yes", sql)
    assert [each.sql for each in floe.bench.client.querying.asked() if "99" in each.sql] == [sql]


def test_a_statement_that_only_reads_answers_no_more_rows_than_the_limit(floe: Floe) -> None:
    _, found, _ = floe("query", "--write", "--yes", "--limit", "2", "select * from range(9)")
    assert (found["plan"]["writes"], found["done"]["rows"], found["done"]["written"]) == (False, [[0], [1]], [])


def test_an_operator_of_a_plan_is_one_line_under_what_it_feeds(floe: Floe) -> None:
    _, looked, _ = floe("query", "--write", "--dry-run", f"insert into {ORDERS} from {ORDERS} where order_id > 2")
    steps = looked["plan"]["steps"]
    assert [len(each) - len(each.lstrip()) for each in steps] == [2 * at for at in range(len(steps))]
    assert steps[0].startswith("ICEBERG_INSERT") and "order_id>2" in steps[-1] and "row" in steps[-1]
