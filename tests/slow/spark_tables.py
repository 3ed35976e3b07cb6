"""Tables as Spark leaves them: the statements that make each.

``{t}`` is the table, ``{n}`` its name for procedures, ``{c}`` the catalog, ``{ns}`` its namespace, ``{bucket}`` a
bucket that holds no tables. Read by a Python of Spark's, too: it imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MERGE_ON_READ = (
    "'write.delete.mode'='merge-on-read', 'write.update.mode'='merge-on-read', 'write.merge.mode'='merge-on-read'"
)
ELSEWHERE = "'write.data.path'='{bucket}/{n}'"
"""SeaweedFS keeps Puffin files, and names with odd characters, out of the data of a bucket of tables."""
CHANGES = (
    "DELETE FROM {t} WHERE n = 1",
    "UPDATE {t} SET s = 'changed' WHERE n = 4",
    "MERGE INTO {t} USING (SELECT * FROM VALUES (5, 'merged', 'a'), (9, 'new', 'b') AS v(n, s, p)) AS v ON {t}.n = v.n"
    " WHEN MATCHED THEN UPDATE SET s = v.s WHEN NOT MATCHED THEN INSERT *",
)
"""Six rows become six others: one goes, two change, one comes."""


def six_rows(properties: str, partitioned: str = "PARTITIONED BY (p)") -> tuple[str, ...]:
    return (
        f"CREATE TABLE {{t}} (n bigint, s string, p string) USING iceberg {partitioned} TBLPROPERTIES ({properties})",
        "INSERT INTO {t} SELECT id, concat('s', id), if(id % 2 = 0, 'a', 'b') FROM range(1, 7, 1, 1)",
    )


CORPUS: Mapping[str, Sequence[str]] = {
    # ── formats ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "first_format": (
        *six_rows("'format-version'='1'"),
        "DELETE FROM {t} WHERE p = 'a'",
        "ALTER TABLE {t} DROP PARTITION FIELD p",
        "INSERT INTO {t} VALUES (7, 's7', 'c')",
    ),
    "second_format": six_rows("'format-version'='2'"),
    "third_format": (*six_rows("'format-version'='3'"), "INSERT INTO {t} VALUES (7, 's7', 'c')"),
    "upgraded": (
        *six_rows(f"'format-version'='1', {MERGE_ON_READ}"),
        "ALTER TABLE {t} SET TBLPROPERTIES ('format-version'='2')",
        CHANGES[0],
        f"ALTER TABLE {{t}} SET TBLPROPERTIES ('format-version'='3', {ELSEWHERE})",
        *CHANGES[1:],
    ),
    # ── types ───────────────────────────────────────────────────────────────────────────────────────────────────────
    "every_type": (
        "CREATE TABLE {t} (c1 boolean, c2 tinyint, c3 smallint, c4 int, c5 bigint, c6 float, c7 double,"
        " c8 decimal(38,10), c9 date, c10 timestamp, c11 timestamp_ntz, c12 string, c13 varchar(10), c14 char(4),"
        " c15 binary, c16 struct<city: string, at: struct<x: double>>, c17 array<array<bigint>>,"
        " c18 map<string, struct<street: string>>, c19 array<struct<a: int, b: array<string>>>,"
        " c20 map<struct<k: int>, int>) USING iceberg",
        "INSERT INTO {t} SELECT true, 127Y, 32767S, 2147483647, 9223372036854775807L, float('infinity'), double('nan'),"
        " 9999999999999999999999999999.9999999999BD, date'9999-12-31', timestamp'9999-12-31 23:59:59.999999 UTC',"
        " timestamp_ntz'9999-12-31 23:59:59.999999', repeat('é', 5000), '0123456789', 'ab', x'0001FF',"
        " named_struct('city', 'Ulm', 'at', named_struct('x', 1.5D)), array(array(1L, null), null, array()),"
        " map('home', named_struct('street', 'ß')), array(named_struct('a', 1, 'b', array('x', null)), null),"
        " map(named_struct('k', 1), 2)",
        "INSERT INTO {t} SELECT false, -128Y, -32768S, -2147483648, -9223372036854775808L, float('-infinity'), -0.0D,"
        " -9999999999999999999999999999.9999999999BD, date'0001-01-01', timestamp'0001-01-01 00:00:00 UTC',"
        " timestamp_ntz'0001-01-01 00:00:00', '', '', '', x'',"
        " named_struct('city', null, 'at', null), array(), map(), array(), map()",
        "INSERT INTO {t} VALUES (" + ", ".join(["null"] * 20) + ")",
    ),
    "far_times": (
        "CREATE TABLE {t} (day date, at timestamp, local timestamp_ntz) USING iceberg",
        *(
            f"INSERT INTO {{t}} VALUES (date'{day}', timestamp'{day} 00:00:00 UTC', timestamp_ntz'{day} 00:00:00')"
            for day in ("+12000-01-31", "-0044-03-15")
        ),
    ),
    # ── evolved ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "evolved_schema": (
        "CREATE TABLE {t} (id int NOT NULL, amount float, price decimal(9,2), note string,"
        " place struct<city: string, zip: string>, tags array<struct<k: string>>, m map<string, struct<v: int>>)"
        " USING iceberg COMMENT 'orders'",
        "INSERT INTO {t} VALUES (1, 0.5, 1.50, 'old', named_struct('city', 'Ulm', 'zip', '89073'),"
        " array(named_struct('k', 'x')), map('a', named_struct('v', 1)))",
        "ALTER TABLE {t} ALTER COLUMN id TYPE bigint",
        "ALTER TABLE {t} ALTER COLUMN id COMMENT 'of the order'",
        "ALTER TABLE {t} ALTER COLUMN amount TYPE double",
        "ALTER TABLE {t} ALTER COLUMN price TYPE decimal(18,2)",
        "ALTER TABLE {t} ALTER COLUMN id DROP NOT NULL",
        "ALTER TABLE {t} RENAME COLUMN place.city TO town",
        "ALTER TABLE {t} DROP COLUMN place.zip",
        "ALTER TABLE {t} ADD COLUMN place.country string",
        "ALTER TABLE {t} ADD COLUMN tags.element.v int",
        "ALTER TABLE {t} ALTER COLUMN m.value.v TYPE bigint",
        "ALTER TABLE {t} DROP COLUMN note",
        "ALTER TABLE {t} ADD COLUMN note bigint AFTER id",
        "ALTER TABLE {t} RENAME COLUMN amount TO total",
        "ALTER TABLE {t} ALTER COLUMN price FIRST",
        "INSERT INTO {t} VALUES (2.50, 1099511627776, 7, 1.5, named_struct('town', 'Bonn', 'country', 'DE'),"
        " array(named_struct('k', 'y', 'v', 3)), map('b', named_struct('v', 2147483648)))",
    ),
    "evolved_partitions": (
        "CREATE TABLE {t} (at timestamp, local timestamp_ntz, day date, region string, n bigint, price decimal(9,2),"
        f" raw binary, place struct<city: string>) USING iceberg TBLPROPERTIES ({ELSEWHERE})",
        *(
            statement
            for change in (
                ("",),
                ("ADD PARTITION FIELD years(at)", "ADD PARTITION FIELD truncate(3, region)"),
                ("REPLACE PARTITION FIELD years(at) WITH months(at) AS month", "ADD PARTITION FIELD bucket(4, n)"),
                (
                    "DROP PARTITION FIELD month",
                    "DROP PARTITION FIELD truncate(3, region)",
                    "ADD PARTITION FIELD days(local)",
                    "ADD PARTITION FIELD bucket(8, raw)",
                    "ADD PARTITION FIELD truncate(10, price)",
                    "ADD PARTITION FIELD place.city",
                ),
                (
                    "DROP PARTITION FIELD days(local)",
                    "ADD PARTITION FIELD hours(at)",
                    "ADD PARTITION FIELD region",
                    "ADD PARTITION FIELD day",
                ),
            )
            for statement in (
                *(f"ALTER TABLE {{t}} {each}" for each in change if each),
                "INSERT INTO {t} VALUES (timestamp'2026-01-31 10:00:00 UTC', timestamp_ntz'2026-01-31 10:00:00',"
                " date'2026-01-31', 'a/b=c ü%\n', -7, -12.50, x'00FF', named_struct('city', 'Bad Ems')),"
                " (null, null, null, null, null, null, null, null)",
            )
        ),
    ),
    "sorted": (
        "CREATE TABLE {t} (n bigint NOT NULL, s string) USING iceberg",
        "ALTER TABLE {t} WRITE ORDERED BY bucket(4, n), s DESC NULLS LAST",
        "ALTER TABLE {t} SET IDENTIFIER FIELDS n",
        "INSERT INTO {t} VALUES (1, 'a'), (2, null), (3, 'c')",
    ),
    # ── changed rows ────────────────────────────────────────────────────────────────────────────────────────────────
    "copy_on_write": (*six_rows("'format-version'='2'"), *CHANGES),
    "merge_on_read": (*six_rows(f"'format-version'='2', {MERGE_ON_READ}"), *CHANGES),
    "merge_on_read_by_partition": (
        *six_rows(f"'format-version'='2', 'write.delete.granularity'='partition', {MERGE_ON_READ}"),
        "INSERT INTO {t} SELECT id, concat('s', id), if(id % 2 = 0, 'a', 'b') FROM range(7, 13, 1, 2)",
        "DELETE FROM {t} WHERE n IN (1, 2, 7, 8, 12)",
    ),
    "to_compact": (*six_rows(f"'format-version'='2', {MERGE_ON_READ}"), *CHANGES),
    "deletion_vectors": (*six_rows(f"'format-version'='3', {ELSEWHERE}, {MERGE_ON_READ}"), *CHANGES),
    "deletion_vectors_together": (
        *six_rows(f"'format-version'='3', {ELSEWHERE}, {MERGE_ON_READ}", partitioned=""),
        "INSERT INTO {t} SELECT id, concat('s', id), 'c' FROM range(7, 13, 1, 1)",
        "DELETE FROM {t} WHERE n IN (1, 2, 7)",
    ),
    "deleted_whole": (*six_rows(f"'format-version'='2', {MERGE_ON_READ}"), "DELETE FROM {t} WHERE n IN (2, 4, 6)"),
    # ── looked after by Spark's procedures ──────────────────────────────────────────────────────────────────────────
    "looked_after": (
        *six_rows(f"'format-version'='2', {MERGE_ON_READ}"),
        *CHANGES,
        "CALL {c}.system.rewrite_data_files(table => '{n}', options => map('rewrite-all', 'true'))",
        "CALL {c}.system.rewrite_position_delete_files(table => '{n}', options => map('rewrite-all', 'true'))",
        "CALL {c}.system.rewrite_manifests(table => '{n}')",
        "CALL {c}.system.expire_snapshots(table => '{n}', older_than => TIMESTAMP '2100-01-01', retain_last => 2)",
    ),
    "looked_after_v3": (
        *six_rows(f"'format-version'='3', {ELSEWHERE}, {MERGE_ON_READ}"),
        *CHANGES,
        "CALL {c}.system.rewrite_data_files(table => '{n}', options => map('rewrite-all', 'true'))",
        "CALL {c}.system.rewrite_manifests(table => '{n}')",
        "CALL {c}.system.expire_snapshots(table => '{n}', older_than => TIMESTAMP '2100-01-01', retain_last => 2)",
    ),
    "zordered": (
        *six_rows("'format-version'='2'"),
        "CALL {c}.system.rewrite_data_files(table => '{n}', strategy => 'sort', sort_order => 'zorder(n, s)',"
        " options => map('rewrite-all', 'true'))",
    ),
    "with_statistics": (
        *six_rows("'format-version'='2'"),
        "CALL {c}.system.compute_table_stats(table => '{n}')",
    ),
    # ── refs ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "branched": (
        *six_rows("'format-version'='2'"),
        "ALTER TABLE {t} CREATE TAG `end of month` RETAIN 180 DAYS",
        "ALTER TABLE {t} CREATE BRANCH audit RETAIN 7 DAYS WITH SNAPSHOT RETENTION 2 SNAPSHOTS 3 DAYS",
        "INSERT INTO {t}.branch_audit VALUES (7, 's7', 'c')",
        "ALTER TABLE {t} CREATE BRANCH other",
        "DELETE FROM {t}.branch_other WHERE p = 'a'",
        "ALTER TABLE {t} CREATE TAG gone",
        "ALTER TABLE {t} DROP TAG gone",
    ),
    "fast_forwarded": (
        *six_rows("'format-version'='2'"),
        "ALTER TABLE {t} CREATE BRANCH audit",
        "INSERT INTO {t}.branch_audit VALUES (7, 's7', 'c')",
        "CALL {c}.system.fast_forward('{n}', 'main', 'audit')",
    ),
    "published": (
        *six_rows("'format-version'='2', 'write.wap.enabled'='true'"),
        "SET spark.wap.id=load-1",
        "INSERT INTO {t} VALUES (7, 's7', 'c')",
        "RESET spark.wap.id",
        "INSERT INTO {t} VALUES (8, 's8', 'c')",
        "CALL {c}.system.publish_changes('{n}', 'load-1')",
    ),
    "staged": (
        *six_rows("'format-version'='2', 'write.wap.enabled'='true'"),
        "SET spark.wap.id=load-2",
        "INSERT INTO {t} VALUES (7, 's7', 'c')",
        "RESET spark.wap.id",
        "INSERT INTO {t} VALUES (8, 's8', 'c')",
    ),
    "rolled_back": (
        *six_rows("'format-version'='2'"),
        "ALTER TABLE {t} CREATE TAG first",
        "INSERT INTO {t} VALUES (7, 's7', 'c')",
        "CALL {c}.system.set_current_snapshot(table => '{n}', ref => 'first')",
    ),
    # ── file formats ────────────────────────────────────────────────────────────────────────────────────────────────
    "orc_files": six_rows("'write.format.default'='orc'"),
    "mixed_files": (
        *six_rows("'write.format.default'='avro'"),
        "ALTER TABLE {t} SET TBLPROPERTIES ('write.format.default'='parquet')",
        "INSERT INTO {t} VALUES (7, 's7', 'c')",
    ),
    "avro_deletes": (
        *six_rows(f"'format-version'='2', 'write.delete.format.default'='avro', {MERGE_ON_READ}"),
        *CHANGES,
    ),
    "no_metrics": six_rows("'write.metadata.metrics.default'='none'"),
    "elsewhere": six_rows(f"'write.object-storage.enabled'='true', {ELSEWHERE}"),
    # ── odd ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    "never_written": ("CREATE TABLE {t} (n bigint) USING iceberg",),
    "emptied": (*six_rows("'format-version'='2'"), "TRUNCATE TABLE {t}"),
    "single_null": ("CREATE TABLE {t} (n bigint, s string) USING iceberg", "INSERT INTO {t} VALUES (null, null)"),
    "replaced": (
        *six_rows("'format-version'='2'"),
        "CREATE OR REPLACE TABLE {t} USING iceberg PARTITIONED BY (bucket(2, m)) AS SELECT id AS m FROM range(3)",
    ),
    "overwritten": (
        *six_rows("'format-version'='2'"),
        "INSERT OVERWRITE {t} VALUES (1, 'one', 'a')",
    ),
    "odd_columns": (
        'CREATE TABLE {t} (`größe` string, `say "so"` string, `it\'s` string, `a b` string, `50%` string,'
        " `line\nbreak` string, `\x1b[31mred` string, `select` string, `😀` string, `a.b` string) USING iceberg",
        "INSERT INTO {t} VALUES ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10')",
    ),
    "upper_columns": ("CREATE TABLE {t} (N bigint, `nN` bigint) USING iceberg", "INSERT INTO {t} VALUES (1, 2)"),
    "1st-name": ("CREATE TABLE {t} (n bigint) USING iceberg", "INSERT INTO {t} VALUES (1)"),
    "renamed": (
        "CREATE TABLE {c}.{ns}.another (n bigint) USING iceberg",
        "INSERT INTO {c}.{ns}.another VALUES (1)",
        "ALTER TABLE {c}.{ns}.another RENAME TO {n}",
    ),
}
VIEWS: Mapping[str, Sequence[str]] = {
    "seen": (
        "CREATE VIEW {t} (n COMMENT 'a number', twice) COMMENT 'of Spark'"
        " AS SELECT n, n * 2 FROM {c}.{ns}.second_format",
    ),
}
