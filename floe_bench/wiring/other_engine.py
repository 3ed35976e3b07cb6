"""Connection settings for Spark and Trino, whose secrets come from the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from floe_bench.adapters.iceberg.catalog import CATALOG_NAME
from floe_bench.model.stack import Endpoints

_ICEBERG = "1.11.0"
_SPARK = "iceberg-spark-runtime-4.0_2.13"


def spark(endpoints: Endpoints, secret: Mapping[str, str]) -> str:
    """``secret`` maps fields of ``Endpoints`` to Python expressions.

    Source: Iceberg documentation, "Spark configuration" and "REST Catalog".
    """
    at = f"spark.sql.catalog.{CATALOG_NAME}"
    texts = {
        "spark.jars.packages": ",".join(
            f"org.apache.iceberg:{name}:{_ICEBERG}" for name in (_SPARK, "iceberg-aws-bundle")
        ),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        at: "org.apache.iceberg.spark.SparkCatalog",
        **{f"{at}.{name}": text for name, text in _spark_catalog(endpoints)},
    }
    lines = [
        "# PySpark 4.0; another Spark takes another iceberg-spark-runtime.",
        "import os",
        "",
        "from pyspark.sql import SparkSession",
        "",
        "builder = SparkSession.builder",
        *(f'builder = builder.config("{name}", "{text}")' for name, text in texts.items()),
        f'credential = {secret["client_id"]} + ":" + {secret["client_secret"]}',
        f'builder = builder.config("{at}.credential", credential)',
    ]
    if "s3_secret_key" in secret:
        lines += [
            f'builder = builder.config("{at}.s3.access-key-id", {secret["s3_access_key"]})',
            f'builder = builder.config("{at}.s3.secret-access-key", {secret["s3_secret_key"]})',
        ]
    lines += ["spark = builder.getOrCreate()", f'spark.sql("SHOW NAMESPACES IN {CATALOG_NAME}").show()']
    return "\n".join(lines) + "\n"


def _spark_catalog(endpoints: Endpoints) -> Iterator[tuple[str, str]]:
    yield "type", "rest"
    yield "uri", endpoints.catalog_uri
    yield "warehouse", endpoints.warehouse
    yield "rest.auth.type", "oauth2"
    yield "oauth2-server-uri", endpoints.token_uri
    if endpoints.scope:
        yield "scope", endpoints.scope
    if not endpoints.s3_secret_key:
        yield "header.X-Iceberg-Access-Delegation", "vended-credentials"
    yield "io-impl", "org.apache.iceberg.aws.s3.S3FileIO"
    if endpoints.s3_endpoint:
        yield "s3.endpoint", endpoints.s3_endpoint
    yield "s3.path-style-access", str(endpoints.s3_path_style).lower()
    yield "client.region", endpoints.s3_region


def trino(endpoints: Endpoints, secret: Mapping[str, str]) -> str:
    """``secret`` maps fields of ``Endpoints`` to values, or to Trino's references to its environment.

    Source: Trino documentation, "Iceberg connector", "REST catalog", "S3 file system support", "Secrets".
    """
    vended = "s3_secret_key" not in secret
    values = {
        "connector.name": "iceberg",
        "iceberg.catalog.type": "rest",
        "iceberg.rest-catalog.uri": endpoints.catalog_uri,
        "iceberg.rest-catalog.warehouse": endpoints.warehouse,
        "iceberg.rest-catalog.security": "OAUTH2",
        "iceberg.rest-catalog.oauth2.credential": f"{secret['client_id']}:{secret['client_secret']}",
        "iceberg.rest-catalog.oauth2.server-uri": endpoints.token_uri,
    }
    if endpoints.scope:
        values["iceberg.rest-catalog.oauth2.scope"] = endpoints.scope
    values["iceberg.rest-catalog.vended-credentials-enabled"] = str(vended).lower()
    values["fs.s3.enabled"] = "true"
    if endpoints.s3_endpoint:
        values["s3.endpoint"] = endpoints.s3_endpoint
    values |= {"s3.region": endpoints.s3_region, "s3.path-style-access": str(endpoints.s3_path_style).lower()}
    if not vended:
        values |= {"s3.aws-access-key": secret["s3_access_key"], "s3.aws-secret-key": secret["s3_secret_key"]}
    lines = [
        f"# etc/catalog/{CATALOG_NAME}.properties of a Trino on this machine: the lakehouse is on 127.0.0.1 only.",
        "# Before Trino 481, fs.s3.enabled was called fs.native-s3.enabled.",
        *(f"{name}={text}" for name, text in values.items()),
    ]
    return "\n".join(lines) + "\n"
