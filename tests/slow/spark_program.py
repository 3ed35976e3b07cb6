"""Makes the corpus in a Spark, and says what Spark itself sees of each table.

Run by the Python of ``FLOE_BENCH_TEST_SPARK_35``, in a folder of its own; standard input says what to connect to.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from spark_tables import CORPUS, VIEWS

_FILES = "content, file_path AS path, file_format AS format, record_count AS records, file_size_in_bytes AS bytes"
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # Hundreds of small statements: what makes a large one fast costs more here than it saves.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
}


def main(folder: Path) -> None:
    told = json.load(sys.stdin)
    given: dict[str, Any] = {}
    exec(told["settings"], given)
    builder = given["builder"].master("local[2]")
    for name, text in _SETTINGS.items():
        builder = builder.config(name, text)
    spark = builder.getOrCreate()
    spark.sql("CREATE NAMESPACE {c}.{ns}".format(**told["words"]))
    corpus = {name: _made(spark, name, told["words"]) for name in (*CORPUS, *VIEWS)}
    (folder / "corpus.json").write_text(json.dumps(corpus), encoding="utf-8")
    spark.stop()


def _made(spark: SparkSession, name: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Rows and files as Spark reads them; ``fault`` where a statement failed."""
    table = f"{words['c']}.{words['ns']}.`{name}`"
    words = {**words, "t": table, "n": f"{words['ns']}.{name}"}
    for statement in CORPUS.get(name) or VIEWS[name]:
        for word, text in words.items():
            statement = statement.replace(f"{{{word}}}", text)
        try:
            spark.sql(statement).collect()
        except (PySparkException, Py4JJavaError) as error:
            return {"fault": f"{statement}: {error}"}
    files = _told(spark, f"SELECT {_FILES} FROM {table}.files") if name in CORPUS else []
    return {"rows": _told(spark, f"SELECT * FROM {table}"), "files": files}


def _told(spark: SparkSession, sql: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in spark.sql(sql).toJSON().collect()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
