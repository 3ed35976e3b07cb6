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
        (OSError("AWS Error INTERNAL_FAILURE"), TableError),
        (ValueError("bad metadata"), TableError),
    ],
)
def test_what_can_be_done_about_it_decides_the_class(error: Exception, cls: type[BenchError]) -> None:
    assert type(ours_for(error)) is cls


def test_our_own_errors_pass_unchanged() -> None:
    error = NoSuchTable("mine", remedy="floe-bench tables")
    assert ours_for(error) is error
