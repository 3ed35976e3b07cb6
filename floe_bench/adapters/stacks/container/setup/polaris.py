"""A catalog in Apache Polaris, and a principal that may do what the bench needs and no more.

Every call may be made again: what is there answers 409 and is left, and what others changed is put right.

Source: Polaris 1.7.0, management and catalog API.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from floe_bench.errors import AccessDenied, Cancelled, StackNotReady

if TYPE_CHECKING:
    from floe_bench.adapters.stacks.container.vault import Vault

SCOPE = "PRINCIPAL_ROLE:ALL"
CATALOG_ROLE, PRINCIPAL, PRINCIPAL_ROLE = "bench_writer", "bench", "bench_role"
PRIVILEGES = ("NAMESPACE_FULL_METADATA", "TABLE_FULL_METADATA", "TABLE_READ_DATA", "TABLE_WRITE_DATA")
"""The four that reading, writing, maintaining and dropping tables take; views and policies are not among them."""
PROPERTIES = {
    # Without it a table that takes the name of a renamed one gets its folder too.
    "polaris.config.default-unique-table-location.enabled": "true",
    "polaris.config.drop-with-purge.enabled": "true",
}
_ANSWER_S = 30.0
_THERE = 409


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Mapping[str, Any]

    @property
    def said(self) -> str:
        error = self.body.get("error")
        told = error.get("message") if isinstance(error, dict) else self.body.get("error_description")
        return str(told or self.body.get("details") or self.body.get("error") or "no reason given")


def set_up_catalog(values: Mapping[str, str], *, vault: Vault, cancelled: Callable[[], bool]) -> list[str]:
    """``uri`` of the server, ``root_id`` and ``root_secret``, ``catalog``, ``location``, ``endpoint`` for clients,
    ``endpoint_internal`` for the server, ``region``, and ``role_arn`` where the store wants one.

    Puts ``bench_id`` and ``bench_secret`` into the vault.

    Raises:
        AccessDenied: the root credentials are not those of the first start.
        StackNotReady: with what the server said.
        Cancelled
    """
    return _SetUp(values, vault, cancelled).run()


def recheck_catalog(values: Mapping[str, str], *, vault: Vault) -> Iterator[tuple[str, str]]:
    """What ``set_up_catalog`` made, as it is now. Raises StackNotReady."""
    yield from _SetUp(values, vault, lambda: False).recheck()


class _SetUp:
    def __init__(self, values: Mapping[str, str], vault: Vault, cancelled: Callable[[], bool]) -> None:
        self._values, self._vault, self._cancelled = values, vault, cancelled
        self._catalog = values["catalog"]
        self._token = ""
        self._done: list[str] = []

    def run(self) -> list[str]:
        self._log_in_as_root()
        self._have_catalog()
        self._have_principal()
        self._have_roles()
        return self._done

    def recheck(self) -> Iterator[tuple[str, str]]:
        """Who may do what is seen from the grants, and from the principal's own login; that it may, a write shows."""
        answer = self._logged_in(self._values["root_id"], self._values["root_secret"])
        yield "root", "" if answer.status == 200 else f"its login is refused ({answer.status}): {answer.said}"
        if answer.status != 200:
            return
        self._token = str(answer.body["access_token"])
        yield f"catalog {self._catalog}", self._fault_of_catalog()
        yield f"principal {PRINCIPAL}", self._fault_of_principal()
        yield f"role {PRINCIPAL_ROLE}", self._fault_of_role("principal-roles", PRINCIPAL_ROLE)
        roles = f"catalogs/{self._catalog}/catalog-roles"
        yield f"role {CATALOG_ROLE}", self._fault_of_role(roles, CATALOG_ROLE)
        found = self._call("GET", f"{roles}/{CATALOG_ROLE}/grants").body.get("grants") or ()
        held = {str(each.get("privilege")) for each in found}
        lacks = [each for each in PRIVILEGES if each not in held]
        yield f"{len(PRIVILEGES)} grants", f"{CATALOG_ROLE} lacks {', '.join(lacks)}" if lacks else ""

    def _fault_of_catalog(self) -> str:
        answer = self._call("GET", f"catalogs/{self._catalog}")
        if answer.status >= 400:
            return f"it is not there ({answer.status}): {answer.said}"
        return "" if _same(answer.body, self._wanted()) else "its storage or its properties were changed"

    def _fault_of_principal(self) -> str:
        answer = self._call("GET", f"principals/{PRINCIPAL}")
        if answer.status >= 400:
            return f"it is not there ({answer.status}): {answer.said}"
        known = self._vault.made(())
        opens = known.get("bench_secret") and self._opens(known["bench_id"], known["bench_secret"])
        return "" if opens else "its credentials were changed or lost"

    def _fault_of_role(self, at: str, name: str) -> str:
        found = self._call("GET", at).body.get("roles") or ()
        return "" if any(each.get("name") == name for each in found) else "it is not there"

    def _log_in_as_root(self) -> None:
        answer = self._logged_in(self._values["root_id"], self._values["root_secret"])
        if answer.status == 401:
            raise AccessDenied(
                "Polaris does not know this project's root credentials: its database was made with others",
                remedy="floe-bench reset deletes the database and everything in the lakehouse",
            )
        self._token = str(self._well(answer, "the login as root").body["access_token"])

    def _have_catalog(self) -> None:
        wanted = self._wanted()
        if self._made("catalogs", {"catalog": wanted}):
            self._done.append(f"catalog {self._catalog}")
            return
        found = self._well(self._call("GET", f"catalogs/{self._catalog}"), f"reading catalog {self._catalog}").body
        if _same(found, wanted):
            return
        update = {
            "currentEntityVersion": found["entityVersion"],
            "properties": {**found["properties"], **wanted["properties"]},
            "storageConfigInfo": wanted["storageConfigInfo"],
        }
        self._well(self._call("PUT", f"catalogs/{self._catalog}", update), f"changing catalog {self._catalog}")
        self._done.append(f"catalog {self._catalog} put right")

    def _wanted(self) -> dict[str, Any]:
        return {
            "name": self._catalog,
            "type": "INTERNAL",
            "properties": {"default-base-location": self._values["location"], **PROPERTIES},
            "storageConfigInfo": self._storage(),
        }

    def _storage(self) -> dict[str, Any]:
        storage: dict[str, Any] = {
            "storageType": "S3",
            "allowedLocations": [self._values["location"]],
            "endpoint": self._values["endpoint"],
            "endpointInternal": self._values["endpoint_internal"],
            "pathStyleAccess": True,
            "region": self._values["region"],
        }
        # MinIO has no roles and refuses to assume one; SeaweedFS assumes no key without.
        return storage | ({"roleArn": self._values["role_arn"]} if self._values.get("role_arn") else {})

    def _have_principal(self) -> None:
        """Credentials are told once. Lost ones are made anew; the principal and its grants stay."""
        answer = self._call("POST", "principals", {"principal": {"name": PRINCIPAL}})
        if answer.status == _THERE:
            known = self._vault.made(())
            if known.get("bench_secret") and self._opens(known["bench_id"], known["bench_secret"]):
                return
            answer = self._call("POST", f"principals/{PRINCIPAL}/reset", {})
            self._done.append("new credentials")
        granted = self._well(answer, "the credentials of the bench").body["credentials"]
        self._vault.put(bench_id=granted["clientId"], bench_secret=granted["clientSecret"])

    def _have_roles(self) -> None:
        self._made("principal-roles", {"principalRole": {"name": PRINCIPAL_ROLE}})
        self._made(f"catalogs/{self._catalog}/catalog-roles", {"catalogRole": {"name": CATALOG_ROLE}})
        self._put(f"principals/{PRINCIPAL}/principal-roles", {"principalRole": {"name": PRINCIPAL_ROLE}})
        at = f"principal-roles/{PRINCIPAL_ROLE}/catalog-roles/{self._catalog}"
        self._put(at, {"catalogRole": {"name": CATALOG_ROLE}})
        for privilege in PRIVILEGES:
            at = f"catalogs/{self._catalog}/catalog-roles/{CATALOG_ROLE}/grants"
            self._put(at, {"grant": {"type": "catalog", "privilege": privilege}})

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _made(self, at: str, body: Mapping[str, Any]) -> bool:
        """False when it was there."""
        answer = self._call("POST", at, body)
        if answer.status == _THERE:
            return False
        self._well(answer, f"making {at}")
        return True

    def _put(self, at: str, body: Mapping[str, Any]) -> None:
        self._well(self._call("PUT", at, body), f"granting {at}")

    def _opens(self, client_id: str, secret: str) -> bool:
        return self._logged_in(client_id, secret).status == 200

    def _logged_in(self, client_id: str, secret: str) -> Answer:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": SCOPE}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", "api/catalog/v1/oauth/tokens", urllib.parse.urlencode(form), headers)

    def _call(self, method: str, at: str, body: Mapping[str, Any] | None = None) -> Answer:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        text = "" if body is None else json.dumps(body)
        return self._send(method, f"api/management/v1/{at}", text, headers)

    def _send(self, method: str, path: str, text: str, headers: dict[str, str]) -> Answer:
        if self._cancelled():
            raise Cancelled("the start of the stack was cancelled")
        url = f"{self._values['uri']}/{path}"
        request = urllib.request.Request(url, data=text.encode() or None, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:
                return Answer(answer.status, _read(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _read(error.read()))
        except OSError as error:
            raise StackNotReady(f"Polaris does not answer {method} {path}: {error}") from error

    def _well(self, answer: Answer, what: str) -> Answer:
        if answer.status >= 400:
            kind = AccessDenied if answer.status in (401, 403) else StackNotReady
            raise kind(
                f"Polaris refused {what} ({answer.status}): {answer.said}", remedy="floe-bench logs --source stack"
            )
        return answer


def _same(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    storage, properties = found.get("storageConfigInfo") or {}, found.get("properties") or {}
    return all(storage.get(key, value) == value for key, value in wanted["storageConfigInfo"].items()) and all(
        properties.get(key) == value for key, value in wanted["properties"].items()
    )


def _read(text: bytes) -> Mapping[str, Any]:
    """Some refusals have no body."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
