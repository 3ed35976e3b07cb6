"""A lakehouse that somebody else runs: it is attached to, and nothing of it is ever started, stopped or deleted."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from floe_bench.adapters.stacks.lakehouse import list_catalog, silent
from floe_bench.adapters.stacks.phase import told
from floe_bench.adapters.stacks.toml_table import Toml
from floe_bench.errors import BenchError, StackNotReady, StackUnavailable
from floe_bench.model.secret import Secret
from floe_bench.model.stack import Endpoints, Service, StackSpec, StackState, StackStatus
from floe_bench.ports.stack import Emit

_REQUIRED = ("catalog_uri", "warehouse", "client_id", "client_secret")
_OPTIONAL = ("token_uri", "scope", "s3_endpoint", "s3_region", "s3_access_key", "s3_secret_key")
_ANSWER_S = 3.0


class ExternalStack:
    """Attaches to what ``spec`` names.

    Raises:
        ConfigInvalid: the stack's settings are not those of this driver.
    """

    def __init__(self, spec: StackSpec, *, state_dir: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._spec = spec
        file = Path(str(spec.settings.get("file", "stack.toml")))
        table = Toml({key: each for key, each in spec.settings.items() if key != "file"}, file=file, prefix="external.")
        table.only(*_REQUIRED, *_OPTIONAL)
        self._texts = {key: table.text(key) for key in (*_REQUIRED, *_OPTIONAL) if table.values.get(key, "") != ""}
        for key in _REQUIRED:
            table.text(key)
        self._environ = environ

    def up(self, emit: Emit, cancelled: Callable[[], bool]) -> Endpoints:
        endpoints = self._endpoints()
        with told("catalog", f"Attach to {endpoints.catalog_uri}", emit) as detail:
            try:
                list_catalog(endpoints)
            except BenchError as error:
                raise StackNotReady(error.message, remedy="floe-bench doctor") from error
            detail.append(f"warehouse {endpoints.warehouse}")
        return endpoints

    def attach(self) -> Endpoints:
        return self._endpoints()

    def down(self) -> None:
        """It is not ours to stop."""

    def reset(self) -> tuple[str, ...]:
        """Nothing: the tables are somebody's."""
        return ()

    def status(self) -> StackStatus:
        try:
            uri = self._endpoints().catalog_uri
        except StackUnavailable as error:
            lost = Service(self._spec.title, StackState.STOPPED, detail=error.message, service=self._spec.name)
            return StackStatus(self._spec.name, StackState.STOPPED, (lost,))
        # Not stopped when it is silent: to start it again is not for us.
        state = StackState.READY if _answers(uri) else StackState.FAILED
        detail = uri if state is StackState.READY else f"{uri} is silent"
        service = Service(self._spec.title, state, detail=detail, service=self._spec.name)
        return StackStatus(self._spec.name, state, (service,), uri if state is StackState.READY else None)

    def silent(self) -> str:
        return silent(self._endpoints())

    def obstacle(self) -> StackUnavailable | None:
        try:
            self._endpoints()
        except StackUnavailable as error:
            return error
        return None

    def _endpoints(self) -> Endpoints:
        """Raises StackUnavailable, naming what is not set."""
        values = {key: self._value(text) for key, text in self._texts.items()}
        lacks = [self._texts[key] for key in _REQUIRED if not values[key]]
        if lacks:
            raise StackUnavailable(
                f"the {self._spec.name} stack needs {', '.join(lacks)} in the environment",
                remedy=f"export {' '.join(each.removeprefix('$') + '=…' for each in lacks)}",
            )
        keys = {key: Secret(values[key]) for key in ("s3_access_key", "s3_secret_key") if values.get(key)}
        uri = values["catalog_uri"].rstrip("/")
        return Endpoints(
            catalog_uri=uri,
            warehouse=values["warehouse"],
            token_uri=values.get("token_uri") or f"{uri}/v1/oauth/tokens",
            client_id=Secret(values["client_id"]),
            client_secret=Secret(values["client_secret"]),
            scope=values.get("scope", ""),
            s3_endpoint=values.get("s3_endpoint", ""),
            s3_region=values.get("s3_region") or "us-east-1",
            s3_access_key=keys.get("s3_access_key"),
            s3_secret_key=keys.get("s3_secret_key"),
        )

    def _value(self, text: str) -> str:
        return self._environ.get(text[1:], "") if text.startswith("$") else text


def _answers(uri: str) -> bool:
    """Whatever it says, also that one must log in."""
    try:
        with urllib.request.urlopen(f"{uri}/v1/config", timeout=_ANSWER_S):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False
