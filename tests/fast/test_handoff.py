"""Settings for other tools: complete, and without a secret unless asked for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import yaml

from floe_bench.errors import UsageError
from floe_bench.model.project import Project
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints
from floe_bench.ports.site import Site
from floe_bench.wiring.handoff import handoff
from tests.builders import dbt_project

URI = "http://127.0.0.1:18181"
ENDPOINTS = Endpoints(
    catalog_uri=URI,
    warehouse="warehouse",
    token_uri=f"{URI}/v1/oauth/tokens",
    client_id=Secret("id-of-client"),
    client_secret=Secret("it's-a-secret"),
    s3_endpoint="http://127.0.0.1:18333",
    s3_access_key=Secret("id-of-key"),
    s3_secret_key=Secret("key-secret"),
)
VALUES = ("id-of-client", "it's-a-secret", "id-of-key", "key-secret")
TOOLS = ("dbt", "pyiceberg", "duckdb", "spark", "trino", "env")


class FakeSite:
    def __init__(self, project: Project) -> None:
        self.project = project


@pytest.fixture
def site(tmp_path: Path) -> Site:
    root = dbt_project(tmp_path / "it's a shop")
    return cast(Site, FakeSite(Project("shop", root, root, "shop", "shop_profile")))


def text(tool: str, site: Site, *, show_secrets: bool = False, endpoints: Endpoints = ENDPOINTS) -> str:
    return handoff(tool, show_secrets=show_secrets, endpoints=endpoints, site=site)


@pytest.mark.parametrize("tool", TOOLS)
def test_no_secret_is_shown_unasked(tool: str, site: Site) -> None:
    said = text(tool, site)
    assert not [value for value in VALUES if value in said or value.replace("'", "''") in said]
    assert "floe-bench connect env --show-secrets" in said


@pytest.mark.parametrize("tool", TOOLS)
def test_asked_for_secrets_are_there_and_nothing_is_left_to_fill_in(tool: str, site: Site) -> None:
    said = text(tool, site, show_secrets=True)
    assert "key-secret" in said
    assert not [reference for reference in ("env_var(", "getvariable(", "…") if reference in said]


def test_an_unknown_tool_is_refused_with_those_there_are(site: Site) -> None:
    with pytest.raises(UsageError) as refused:
        text("flink", site)
    assert refused.value.remedy == "floe-bench connect dbt|pyiceberg|duckdb|spark|trino|env"


def test_the_profile_has_the_name_that_the_project_asks_for_and_one_output(site: Site) -> None:
    profile = yaml.safe_load(text("dbt", site))
    assert list(profile) == ["shop_profile"]
    assert [output["type"] for output in profile["shop_profile"]["outputs"].values()] == ["floe"]


def test_the_profile_follows_the_settings_of_the_project(site: Site) -> None:
    (site.project.root / "floe-bench.toml").write_text("threads = 7\nmemory_limit = '1GB'\n")
    output = yaml.safe_load(text("dbt", site))["shop_profile"]["outputs"]["dev"]
    assert (output["threads"], output["config_options"]["memory_limit"]) == (7, "1GB")


def test_every_variable_that_a_profile_or_the_sql_names_is_in_the_environment(site: Site) -> None:
    import re

    by_tool = {
        "dbt": re.findall(r"env_var\('+(\w+)", text("dbt", site)),
        "duckdb": re.findall(r"getenv\('(\w+)", text("duckdb", site)),
        "spark": re.findall(r"os.environ\[\"(\w+)", text("spark", site)),
        "trino": re.findall(r"\$\{ENV:(\w+)\}", text("trino", site)),
    }
    assert all(by_tool.values())
    named = {name for names in by_tool.values() for name in names}
    exported = set(re.findall(r"^export (\w+)=", text("env", site, show_secrets=True), re.MULTILINE))
    assert named <= exported
    hidden = set(re.findall(r"^# export (\w+)=", text("env", site), re.MULTILINE))
    assert named <= hidden


def test_a_shell_reads_back_what_was_exported(site: Site) -> None:
    import subprocess

    script = text("env", site, show_secrets=True) + 'printf "%s\\n" "$FLOE_BENCH_PROJECT" "$DAGSTER_HOME" '
    script += '"$PYICEBERG_CATALOG__FLOE__CREDENTIAL"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout.splitlines()
    root = site.project.root
    assert said == [str(root), str(root / ".floe-bench" / "dagster"), "id-of-client:it's-a-secret"]


def test_a_short_id_does_not_hide_settings_that_happen_to_contain_it(site: Site) -> None:
    short = replace(ENDPOINTS, client_id=Secret("1"), s3_access_key=Secret("1"))
    said = text("env", site, endpoints=short)
    assert f"export PYICEBERG_CATALOG__FLOE__URI={URI}" in said
    assert "# export PYICEBERG_CATALOG__FLOE__S3__ACCESS_KEY_ID=" in said


def test_where_the_catalog_vends_credentials_nobody_is_given_keys_of_the_store(site: Site) -> None:
    vending = replace(ENDPOINTS, s3_access_key=None, s3_secret_key=None)
    assert "CREATE SECRET floe_s3" not in text("duckdb", site, endpoints=vending)
    assert "ACCESS_DELEGATION_MODE" not in text("duckdb", site, endpoints=vending)
    assert "S3_SECRET" not in text("env", site, endpoints=vending)
    assert "vended-credentials-enabled=true" in text("trino", site, endpoints=vending)
    assert "s3.aws-" not in text("trino", site, endpoints=vending)
    assert "s3.access-key-id" not in text("spark", site, endpoints=vending)
    assert "vended-credentials" in text("spark", site, endpoints=vending)


def test_what_is_printed_for_spark_is_python_that_sets_the_catalog(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    given: dict[str, str] = {}

    class Builder:
        def config(self, name: str, text: str) -> Builder:
            given[name] = text
            return self

        def getOrCreate(self) -> types.SimpleNamespace:  # noqa: N802 - Spark's own name
            return types.SimpleNamespace(sql=lambda text: types.SimpleNamespace(show=lambda: None))

    sql = types.ModuleType("pyspark.sql")
    sql.SparkSession = types.SimpleNamespace(builder=Builder())  # type: ignore[attr-defined]  # a stand-in for Spark
    monkeypatch.setitem(sys.modules, "pyspark.sql", sql)
    for name, value in (("CLIENT_ID", VALUES[0]), ("CLIENT_SECRET", VALUES[1]), ("S3_ACCESS_KEY", VALUES[2]),
                        ("S3_SECRET_KEY", VALUES[3])):  # fmt: skip
        monkeypatch.setenv(f"DBT_ENV_SECRET_FLOE_{name}", value)
    for show in (False, True):
        given.clear()
        exec(text("spark", site, show_secrets=show), {})
        assert given["spark.sql.catalog.floe.credential"] == "id-of-client:it's-a-secret"
        assert given["spark.sql.catalog.floe.s3.secret-access-key"] == "key-secret"
        assert given["spark.sql.catalog.floe.uri"] == URI
