"""PyIceberg's exceptions in our words."""

from __future__ import annotations

import pytest
import requests
from pyiceberg import exceptions as theirs

from floe_bench.adapters.iceberg.catalog import translated
from floe_bench.errors import (
    AccessDenied,
    BenchError,
    CatalogUnreachable,
    CommitConflict,
    CommitUnknown,
    NoSuchTable,
    StackError,
    StackNotReady,
    TableError,
)

CLASSES = sorted(
    (found for found in vars(theirs).values() if isinstance(found, type) and issubclass(found, Exception)),
    key=lambda found: found.__name__,
)


def ours_for(error: Exception) -> BenchError:
    with pytest.raises(BenchError) as caught, translated("table shop.orders"):
        raise error
    return caught.value


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_pyiceberg_exception_becomes_ours_and_names_the_table(cls: type[Exception]) -> None:
    error = ours_for(cls("as they say"))
    assert isinstance(error, TableError | StackError)
    assert "shop.orders" in error.message


@pytest.mark.parametrize(
    ("error", "cls"),
    [
        (theirs.NoSuchTableError("x"), NoSuchTable),
        (theirs.NoSuchNamespaceError("x"), NoSuchTable),
        (theirs.CommitFailedException("x"), CommitConflict),
        (theirs.ValidationException("x"), CommitConflict),
        (theirs.CommitStateUnknownException("x"), CommitUnknown),
        (theirs.OAuthError("x"), AccessDenied),
        (theirs.ForbiddenError("x"), AccessDenied),
        (theirs.ServerError("x"), CatalogUnreachable),
        (theirs.TooManyRequestsError("x"), CatalogUnreachable),
        (requests.ConnectionError("refused"), CatalogUnreachable),
        (requests.Timeout("slow"), CatalogUnreachable),
        (OSError("AWS Error INTERNAL_FAILURE"), StackNotReady),
        (ValueError("bad metadata"), TableError),
    ],
)
def test_what_can_be_done_about_it_decides_the_class(error: Exception, cls: type[BenchError]) -> None:
    assert type(ours_for(error)) is cls


MINIO_FULL = (
    "When uploading part for key 'warehouse/n/t/data/0.parquet' in bucket 'lake': AWS Error UNKNOWN (HTTP status 507) "
    "during UploadPart operation: Unable to parse ExceptionName: XMinioStorageFull Message: Storage backend has "
    "reached its minimum free drive threshold. Please delete a few objects to proceed. (Request ID: 18EC56619A8F44EE)"
)
MINIO_GONE = (
    "When initiating multiple part upload for key 'warehouse/n/t/data/0.parquet' in bucket 'lake': AWS Error "
    "NO_SUCH_BUCKET during CreateMultipartUpload operation: The specified bucket does not exist (Request ID: 18EC5677)"
)
CATALOG_GONE = (
    "NoSuchBucketException: The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: 18EC5677)"
)
WEED_FULL = (
    "When uploading part for key 'n/t/data/0.parquet' in bucket 'warehouse': AWS Error INTERNAL_FAILURE during "
    "UploadPart operation: We encountered an internal error, please try again. (Request ID: 18EC567E07FAFF27BB0A7C8E)"
)
AHEAD = (
    "IllegalArgumentException: Invalid update timestamp 1795918680826: before last snapshot log entry at 1795922280744"
)
SKEWED = "RequestTimeTooSkewed: The difference between the request time and the server's time is too large."


@pytest.mark.parametrize(
    ("error", "said", "remedy"),
    [
        (OSError(MINIO_FULL), "disk is full", "free space"),
        (OSError(MINIO_GONE), "the bucket of the lakehouse is gone", "floe-bench reset"),
        (theirs.ServerError(CATALOG_GONE), "the bucket of the lakehouse is gone", "floe-bench reset"),
        (theirs.BadRequestError(CATALOG_GONE), "the bucket of the lakehouse is gone", "floe-bench reset"),
        (OSError(WEED_FULL), "its log says why", "floe-bench logs --source stack"),
        (OSError(f"AWS Error UNKNOWN: {SKEWED}"), "clock", "timedatectl"),
        (theirs.BadRequestError(AHEAD), "its clock and this machine's differ", "timedatectl"),
    ],
    ids=["full", "gone", "gone behind a catalog", "gone behind another", "failed", "skewed", "ahead"],
)
def test_what_a_store_complains_of_is_said_with_what_mends_it(error: Exception, said: str, remedy: str) -> None:
    found = ours_for(error)
    assert isinstance(found, StackError)
    assert said in found.message and "shop.orders" in found.message
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("said", "told", "remedy"),
    [
        (
            "RESTError 500: Received unexpected JSON Payload: "
            '{"details":"Error id 7f6a2c1e-1f0b-4a3a-9a57-0f6d1f3f4b8c-1","stack":""}, errors: Field required',
            "its log says why, at error id 7f6a2c1e-1f0b-4a3a-9a57-0f6d1f3f4b8c-1",
            "floe-bench logs --source stack",
        ),
        (
            "SdkClientException: Received an UnknownHostException when attempting to interact with a service.",
            "the catalog cannot reach its object store",
            "floe-bench status",
        ),
        ("Boom", "does not answer: Boom", "floe-bench doctor"),
    ],
    ids=["an id", "no store", "anything"],
)
def test_what_a_catalog_says_of_its_own_failure_leads_to_where_it_is_told(said: str, told: str, remedy: str) -> None:
    found = ours_for(theirs.ServerError(said))
    assert isinstance(found, CatalogUnreachable)
    assert told in found.message and found.remedy == remedy


def test_our_own_errors_pass_unchanged() -> None:
    error = NoSuchTable("mine", remedy="floe-bench tables")
    assert ours_for(error) is error
