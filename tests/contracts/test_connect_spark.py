"""What `connect spark` prints, in a Spark: where FLOE_BENCH_TEST_SPARK names a Python that has PySpark 4.0.

Spark fetches Iceberg's runtime itself, so Maven Central must answer, or hold it in the local repository.
"""

from __future__ import annotations

import os
import shlex
import uuid
from pathlib import Path
from typing import cast

import pytest
from test_connect import FakeSite, clean_environment, in_shell

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.model.project import Project
from floe_bench.model.stack import Endpoints
from floe_bench.model.table import TableName
from floe_bench.ports.site import Site
from floe_bench.wiring.handoff import handoff
from tests.builders import dbt_project

SPARK = os.environ.get("FLOE_BENCH_TEST_SPARK", "")

pytestmark = [
    pytest.mark.skipif(not SPARK, reason="Spark: FLOE_BENCH_TEST_SPARK names no Python with PySpark 4.0"),
    pytest.mark.timeout(600),
]


@pytest.mark.parametrize("show_secrets", [False, True], ids=["from the environment", "inline"])
def test_spark_writes_reads_and_is_named_as_the_writer(
    endpoints: Endpoints, tmp_path: Path, show_secrets: bool
) -> None:
    root = dbt_project(tmp_path / "shop")
    site = cast(Site, FakeSite(Project("shop", root, root, "shop", "shop")))
    namespace = f"spark_{uuid.uuid4().hex[:8]}"
    table = f"floe.{namespace}.numbers"
    program = tmp_path / "program.py"
    program.write_text(
        handoff("spark", show_secrets=show_secrets, endpoints=endpoints, site=site)
        + f'spark.sql("CREATE NAMESPACE {table.rpartition(".")[0]}")\n'
        + f'spark.sql("CREATE TABLE {table} USING iceberg AS SELECT id AS n FROM range(5)")\n'
        + f'spark.sql("INSERT INTO {table} VALUES (7)")\n'
        + f'spark.sql("DELETE FROM {table} WHERE n = 0")\n'
        + f'print("sum", spark.sql("SELECT sum(n) FROM {table}").collect()[0][0])\n'
    )
    exports = "" if show_secrets else handoff("env", show_secrets=True, endpoints=endpoints, site=site)
    environment = {**clean_environment(tmp_path), "HOME": os.environ.get("HOME", str(tmp_path))}
    said = in_shell(f"{exports}\n{shlex.quote(SPARK)} {program}", environment, cwd=tmp_path)
    assert "sum 17" in said.splitlines()
    reader = RestCatalogReader(endpoints)
    try:
        snapshots = reader.snapshots(TableName((namespace,), "numbers"))
    finally:
        reader.close()
    assert [each.operation for each in snapshots] == ["append", "append", "overwrite"]
    assert all(each.written_by.startswith("spark") for each in snapshots)
