"""Opening the catalog with PyIceberg, and its errors in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from floe_bench.adapters.iceberg.misread import misread
from floe_bench.adapters.iceberg.store_fault import store_fault
from floe_bench.errors import (
    AccessDenied,
    BenchError,
    CatalogUnreachable,
    CommitConflict,
    CommitUnknown,
    NoSuchTable,
    TableError,
    TypeNotSupported,
)
from floe_bench.model.stack import Endpoints

if TYPE_CHECKING:
    from pyiceberg.catalog.rest import RestCatalog


CATALOG_NAME = "floe"
FILE_IO = {"py-io-impl": "floe_bench.adapters.iceberg.file_io.LakeFileIO"}
"""What our own sessions have on top of ``properties``; other programs cannot import it."""


def properties(endpoints: Endpoints) -> dict[str, str]:
    """PyIceberg's catalog properties, secrets in clear: never log or show them.

    Source: PyIceberg configuration, "REST Catalog" and "FileIO".
    """
    found = {
        "type": "rest",
        "uri": endpoints.catalog_uri,
        "warehouse": endpoints.warehouse,
        "credential": f"{endpoints.client_id.reveal()}:{endpoints.client_secret.reveal()}",
        "oauth2-server-uri": endpoints.token_uri,
        "s3.region": endpoints.s3_region,
        "s3.path-style-access": str(endpoints.s3_path_style).lower(),
        # PyArrow's own S3 client: no event loop of another thread, no fork trap.
        "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
    }
    if endpoints.s3_endpoint:
        found["s3.endpoint"] = endpoints.s3_endpoint
    if endpoints.scope:
        found["scope"] = endpoints.scope
    if endpoints.s3_access_key and endpoints.s3_secret_key:
        found["s3.access-key-id"] = endpoints.s3_access_key.reveal()
        found["s3.secret-access-key"] = endpoints.s3_secret_key.reveal()
        # With static keys a catalog that can vend must not be asked to.
        found["header.X-Iceberg-Access-Delegation"] = ""
    return found


def environment(endpoints: Endpoints) -> dict[str, str]:
    """The same properties as PyIceberg reads them from a process's environment, for the catalog ``CATALOG_NAME``.

    Source: PyIceberg configuration, "Environment variables": dots are double underscores, dashes single ones.
    """
    prefix = f"PYICEBERG_CATALOG__{CATALOG_NAME.upper()}__"
    return {
        prefix + name.upper().replace(".", "__").replace("-", "_"): value
        for name, value in properties(endpoints).items()
    }


def open_catalog(endpoints: Endpoints, *, serves_views: bool = False) -> RestCatalog:
    """One authenticated session. Whoever opened it closes it: it holds connections, no server state.

    ``serves_views`` is believed where the catalog does not say what it serves.

    Raises:
        CatalogUnreachable, AccessDenied
    """
    from pyiceberg.catalog.rest import VIEW_ENDPOINTS_SUPPORTED, RestCatalog

    with translated(f"catalog {endpoints.catalog_uri}"):
        views = {VIEW_ENDPOINTS_SUPPORTED: "true"} if serves_views else {}
        return RestCatalog(CATALOG_NAME, **properties(endpoints) | FILE_IO | views)


@contextmanager
def translated(on: str) -> Iterator[None]:
    """Turn PyIceberg's and its HTTP client's exceptions into ours; ``on`` names what was being worked on."""
    import requests
    from pyiceberg import exceptions as theirs

    try:
        yield
    except BenchError:
        raise
    except (theirs.NoSuchTableError, theirs.NoSuchNamespaceError, theirs.NoSuchViewError) as error:
        raise NoSuchTable(f"there is no {on}", remedy="floe-bench tables") from error
    except (
        theirs.CommitFailedException,
        theirs.ValidationException,
        theirs.WaitingForLockException,
    ) as error:
        raise CommitConflict(f"somebody else wrote to {on} in between: {_first_line(error)}") from error
    except theirs.CommitStateUnknownException as error:
        raise commit_unknown(on) from error
    except (
        theirs.UnauthorizedError,
        theirs.ForbiddenError,
        theirs.OAuthError,
        theirs.AuthorizationExpiredError,
    ) as error:
        raise AccessDenied(
            f"{on} refused the stack's credentials: {_first_line(error)}", remedy="floe-bench doctor"
        ) from error
    except (
        theirs.ServiceUnavailableError,
        theirs.ServerError,
        theirs.TooManyRequestsError,
        requests.RequestException,
    ) as error:
        raise store_fault(on, error) or _away(on, error) from error
    except NotImplementedError as error:
        raise TypeNotSupported(f"{on}: {_first_line(error)}") from error
    except _every_other(theirs) as error:
        odd = TableError(f"{on}: {misread(error) or _first_line(error)}", remedy="floe-bench doctor")
        raise store_fault(on, error) or odd from error


_ERROR_ID = re.compile(r"Error id ([0-9a-f-]{8,})")
_STORE_AWAY = ("SdkClientException", "UnknownHostException")


def _away(on: str, error: Exception) -> CatalogUnreachable:
    """Polaris says of what failed inside no more than the id under which its log has it.

    Source: Polaris 1.7.0; AWS SDK for Java 2, which Java catalogs reach their store with.
    """
    said = str(error)
    if found := _ERROR_ID.search(said):
        return CatalogUnreachable(
            f"{on}: the catalog failed inside; its log says why, at error id {found[1]}",
            remedy="floe-bench logs --source stack",
        )
    if any(word in said for word in _STORE_AWAY):
        return CatalogUnreachable(f"{on}: the catalog cannot reach its object store", remedy="floe-bench status")
    return CatalogUnreachable(f"{on} does not answer: {_first_line(error)}", remedy="floe-bench doctor")


def came_second(error: Exception) -> bool:
    """A refusal because somebody else's snapshot, on another branch or on none, took the number that ours was to have:
    SeaweedFS calls it a bad request, where others call it a conflict."""
    from pyiceberg.exceptions import BadRequestError

    return isinstance(error, BadRequestError) and "sequence number" in str(error)


def commit_unknown(on: str) -> CommitUnknown:
    return CommitUnknown(
        f"the answer to a commit to {on} was lost, and whether it happened is not known",
        remedy="look at its newest snapshot before you run it again: floe-bench tables",
    )


def _every_other(module: ModuleType) -> tuple[type[Exception], ...]:
    """Each exception class of the module, also those that a later release adds, and what it raises of Python's own."""
    classes = [found for found in vars(module).values() if isinstance(found, type) and issubclass(found, Exception)]
    return (*classes, ValueError, OSError)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:400]
