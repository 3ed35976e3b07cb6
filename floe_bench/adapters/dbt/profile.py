"""The profile with which dbt finds the lakehouse: secrets are references in the file and values in the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from floe_bench.adapters.iceberg.catalog import FILE_IO, properties
from floe_bench.adapters.iceberg.extension import EXTENSIONS, extension_options
from floe_bench.adapters.iceberg.memory import bounded
from floe_bench.model.stack import Endpoints

TARGET = "dev"
DATABASE = "lake"
# dbt keeps values of variables with this prefix out of its logs and artifacts.
_PREFIX = "DBT_ENV_SECRET_FLOE_"


def write_profile(
    endpoints: Endpoints,
    *,
    profile_name: str,
    namespace: str,
    directory: Path,
    state_dir: Path,
    threads: int = 4,
    memory_limit: str | None = None,
) -> dict[str, str]:
    """Write ``directory/profiles.yml`` (0600); returns the variables, in clear, that the dbt child needs.

    Raises:
        StackUnavailable: DuckDB's extensions are not installed.
    """
    text = profile_text(
        endpoints,
        profile_name=profile_name,
        namespace=namespace,
        state_dir=state_dir,
        threads=threads,
        memory_limit=memory_limit,
    )
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "profiles.yml"
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
    return environment(endpoints)


def environment(endpoints: Endpoints) -> dict[str, str]:
    """The variables that the profile refers to, in clear: only for the environment of a child."""
    secrets = {
        "CLIENT_ID": endpoints.client_id,
        "CLIENT_SECRET": endpoints.client_secret,
        "S3_ACCESS_KEY": endpoints.s3_access_key,
        "S3_SECRET_KEY": endpoints.s3_secret_key,
    }
    found = {name: secret.reveal() for name, secret in secrets.items() if secret is not None}
    # dbt's profile renderer takes one secret per value, so PyIceberg's pair is a variable of its own.
    found["CREDENTIAL"] = f"{found['CLIENT_ID']}:{found['CLIENT_SECRET']}"
    return {f"{_PREFIX}{name}": text for name, text in found.items()}


def profile_text(
    endpoints: Endpoints,
    *,
    profile_name: str,
    namespace: str,
    state_dir: Path,
    threads: int = 4,
    memory_limit: str | None = None,
    show_secrets: bool = False,
) -> str:
    """A whole ``profiles.yml``. Secrets are references to the variables of ``environment`` unless ``show_secrets``."""
    shown = environment(endpoints)
    references = shown if show_secrets else {name: f"{{{{ env_var('{name}') }}}}" for name in shown}
    output = _output(endpoints, {name.removeprefix(_PREFIX): text for name, text in references.items()}, namespace)
    output["threads"] = threads
    output["config_options"] = _duckdb_options(state_dir, memory_limit)
    profile = {profile_name: {"target": TARGET, "outputs": {TARGET: output}}}
    return yaml.safe_dump(profile, sort_keys=False, allow_unicode=True, width=1000)


def _duckdb_options(state_dir: Path, memory_limit: str | None) -> dict[str, str]:
    spill = state_dir / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    return extension_options(state_dir) | {"temp_directory": str(spill), "memory_limit": bounded(memory_limit)}


def _output(endpoints: Endpoints, secret: dict[str, str], namespace: str) -> dict[str, Any]:
    static_keys = "S3_ACCESS_KEY" in secret and "S3_SECRET_KEY" in secret
    # With static keys a catalog that can vend must not be asked to.
    options = {"endpoint": endpoints.catalog_uri} | ({"access_delegation_mode": "none"} if static_keys else {})
    attachment = {"path": endpoints.warehouse, "alias": DATABASE, "type": "iceberg", "secret": "floe_catalog"}
    return {
        "type": "floe",
        "path": ":memory:",
        "database": DATABASE,
        "schema": namespace,
        "extensions": [*EXTENSIONS],
        "secrets": [*([_s3_secret(endpoints, secret)] if static_keys else []), _catalog_secret(endpoints, secret)],
        "attach": [attachment | {"options": options}],
        "catalog": _catalog(endpoints, secret),
    }


def _s3_secret(endpoints: Endpoints, secret: dict[str, str]) -> dict[str, Any]:
    address = urlsplit(endpoints.s3_endpoint)
    return {
        "type": "s3",
        "name": "floe_s3",
        "key_id": secret["S3_ACCESS_KEY"],
        "secret": secret["S3_SECRET_KEY"],
        "endpoint": address.netloc,
        "url_style": "path" if endpoints.s3_path_style else "vhost",
        "use_ssl": address.scheme == "https",
        "region": endpoints.s3_region,
    }


def _catalog_secret(endpoints: Endpoints, secret: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "iceberg",
        "name": "floe_catalog",
        "client_id": secret["CLIENT_ID"],
        "client_secret": secret["CLIENT_SECRET"],
        "oauth2_server_uri": endpoints.token_uri,
    }


def _catalog(endpoints: Endpoints, secret: dict[str, str]) -> dict[str, str]:
    found = properties(endpoints) | FILE_IO
    found["credential"] = secret["CREDENTIAL"]
    if "s3.access-key-id" in found:
        found["s3.access-key-id"] = secret["S3_ACCESS_KEY"]
        found["s3.secret-access-key"] = secret["S3_SECRET_KEY"]
    return found
