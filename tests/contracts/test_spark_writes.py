"""What Spark staged by replacing partitions is picked, and Spark sorts as it was told: in a Spark, as in
``test_connect_spark.py``."""

from __future__ import annotations

import os
import shlex
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from test_connect import FakeSite, clean_environment, in_shell
from test_picking import Bench

from floe_bench.core.reshape import LocalReshaping
from floe_bench.model.project import Project
from floe_bench.model.stack import Endpoints
from floe_bench.ports.site import Site
from floe_bench.wiring.handoff import handoff
from tests.builders import dbt_project

SPARK = os.environ.get("FLOE_BENCH_TEST_SPARK", "")

pytestmark = [
    pytest.mark.skipif(not SPARK, reason="Spark: FLOE_BENCH_TEST_SPARK names no Python with PySpark 4.0"),
    pytest.mark.timeout(600),
]


@pytest.fixture
def spark(endpoints: Endpoints, tmp_path: Path) -> Callable[..., list[str]]:
    """Runs these lines of Python in a Spark; what they printed."""
    root = dbt_project(tmp_path / "shop")
    site = cast(Site, FakeSite(Project("shop", root, root, "shop", "shop")))

    def run(*lines: str) -> list[str]:
        program = tmp_path / "program.py"
        settings = handoff("spark", show_secrets=True, endpoints=endpoints, site=site)
        program.write_text(settings + "".join(f"{line}\n" for line in lines))
        environment = {**clean_environment(tmp_path), "HOME": os.environ.get("HOME", str(tmp_path))}
        return in_shell(f"{shlex.quote(SPARK)} {program}", environment, cwd=tmp_path).splitlines()

    return run


def test_partitions_that_spark_replaced_beside_main_are_picked_and_spark_sorts_by_the_order_that_was_set(
    endpoints: Endpoints, tmp_path: Path, spark: Callable[..., list[str]]
) -> None:
    name = f"spark_{uuid.uuid4().hex[:8]}.days"
    table = f"floe.{name}"
    spark(
        f'spark.sql("CREATE NAMESPACE floe.{name.partition(".")[0]}")',
        f'spark.sql("CREATE TABLE {table} (n bigint, day string) USING iceberg PARTITIONED BY (day) '
        "TBLPROPERTIES ('write.wap.enabled'='true')\")",
        f"spark.sql(\"INSERT INTO {table} VALUES (1, 'mon'), (2, 'mon'), (3, 'tue')\")",
        'spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")',
        'spark.conf.set("spark.wap.id", "load-9")',
        f"spark.sql(\"INSERT OVERWRITE {table} VALUES (10, 'mon'), (11, 'mon')\")",
        'spark.conf.unset("spark.wap.id")',
        f"spark.sql(\"INSERT INTO {table} VALUES (4, 'tue')\")",
    )
    bench = Bench(endpoints, tmp_path)
    staged = bench.ids(name)[1]
    plan = bench.verbs.plan_pick(name, staged)
    assert (plan.wap_id, plan.operation, plan.rows, plan.replaced_rows) == ("load-9", "overwrite", 2, 2)
    bench.verbs.pick(plan)
    assert bench.numbers(name) == [3, 4, 10, 11] and bench.seen_by_duckdb(name) == 4
    reshaping = LocalReshaping(bench, assets=tuple, changed=lambda: None)  # type: ignore[arg-type]  # no orchestrator
    reshaping.change_sorting(reshaping.plan_sorting(name, ("n desc",)))
    said = spark(
        f"print(\"sum\", spark.sql('SELECT sum(n) FROM {table}').collect()[0][0])",
        f"spark.sql(\"INSERT INTO {table} VALUES (7, 'sun'), (9, 'sun'), (8, 'sun')\")",
        f'print("order", [row[0] for row in spark.sql("SELECT n FROM {table} WHERE day = \'sun\'").collect()])',
        "try:",
        f"    spark.sql(\"CALL floe.system.cherrypick_snapshot('{name}', {staged})\").show()",
        "except Exception as error:",
        '    print("refused", "load-9" in str(error))',
    )
    assert {"sum 28", "order [9, 8, 7]", "refused True"} <= set(said)
    bench.reader.close()
    bench.duck.close()
