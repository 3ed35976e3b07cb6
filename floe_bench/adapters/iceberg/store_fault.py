"""What an object store means when a catalog or a writer repeats its words."""

from __future__ import annotations

from floe_bench.errors import StackError, StackNotReady, StackUnavailable

_LOG = "floe-bench logs --source stack"
_SET_CLOCK = "sudo timedatectl set-ntp true"
_GONE = ("NoSuchBucket", "NO_SUCH_BUCKET")
_FULL = ("XMinioStorageFull", "STORAGE_FULL", "InsufficientStorage", "no space left on device", "HTTP status 507")
_SKEWED = ("RequestTimeTooSkewed", "REQUEST_TIME_TOO_SKEWED", "RequestExpired", "REQUEST_EXPIRED")
_TOO_EARLY = ("Invalid update timestamp", "before last snapshot log entry")
"""Iceberg's own words, of a commit that is dated a minute or more after the catalog's time."""
_FAILED = ("AWS Error INTERNAL_FAILURE", "AWS Error SLOW_DOWN")


def store_fault(on: str, error: Exception) -> StackError | None:
    """None when it is not about the store.

    Source: S3 API, "Error responses"; MinIO's own codes; Iceberg 1.11, ``TableMetadata``.
    """
    said = str(error)
    if _any(_GONE, said):
        return StackUnavailable(
            f"{on}: the bucket of the lakehouse is gone, and with it every file of its tables",
            remedy="bring the bucket back; or floe-bench reset, which forgets the tables, and run everything again",
        )
    if _any(_FULL, said):
        return StackNotReady(
            f"{on}: the object store's disk is full; what was there before is as it was",
            remedy="free space on that disk; floe-bench expire and floe-bench orphans free what old snapshots hold",
        )
    if _any(_SKEWED, said):
        return StackNotReady(
            f"{on}: the object store refuses requests because its clock and this machine's differ",
            remedy=_SET_CLOCK,
        )
    if all(word in said for word in _TOO_EARLY):
        return StackNotReady(
            f"{on}: the catalog refuses what is dated after its own time: its clock and this machine's differ",
            remedy=_SET_CLOCK,
        )
    if _any(_FAILED, said):
        first = said.strip().splitlines()[0][:300]
        return StackNotReady(f"{on}: the object store failed, and its log says why: {first}", remedy=_LOG)
    return None


def _any(words: tuple[str, ...], said: str) -> bool:
    return any(word in said for word in words)
