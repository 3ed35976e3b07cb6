"""Connection settings of the running stack for tools outside the bench."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from floe_bench.adapters.dbt import profile
from floe_bench.adapters.iceberg import catalog
from floe_bench.adapters.iceberg.extension import EXTENSIONS, extension_directory
from floe_bench.adapters.orchestrators.dagster.place import PROJECT_VARIABLE, Place
from floe_bench.config.settings import load_settings
from floe_bench.errors import UsageError
from floe_bench.model.project import Project
from floe_bench.model.stack import Endpoints
from floe_bench.ports.site import Site
from floe_bench.wiring import other_engine

_FILL = 'eval "$(floe-bench connect env --show-secrets)"'


@dataclass(frozen=True, slots=True)
class _Handoff:
    project: Project
    endpoints: Endpoints
    show_secrets: bool

    def is_secret(self, value: str) -> bool:
        """An id only as a whole value: a short one is part of many a word."""
        e = self.endpoints
        ids = {secret.reveal() for secret in (e.client_id, e.s3_access_key) if secret is not None}
        keys = [secret.reveal() for secret in (e.client_secret, e.s3_secret_key) if secret is not None]
        return value in ids or any(key in value for key in keys)


def handoff(tool: str, *, show_secrets: bool, endpoints: Endpoints, site: Site) -> str:
    """Text in the tool's own form. Secrets are references, or left out with a word on where they are.

    Raises:
        UsageError: an unknown tool; names the known ones.
        StackUnavailable: DuckDB's extensions are not installed.
    """
    if tool not in _TOOLS:
        raise UsageError(f"there are no settings for '{tool}'", remedy="floe-bench connect " + "|".join(_TOOLS))
    return _TOOLS[tool](_Handoff(site.project, endpoints, show_secrets))


def _dbt(asked: _Handoff) -> str:
    project = asked.project
    settings = load_settings(project.root)
    text = profile.profile_text(
        asked.endpoints,
        profile_name=project.profile,
        namespace=project.namespace,
        state_dir=project.state_dir,
        threads=settings.threads,
        memory_limit=settings.memory_limit,
        show_secrets=asked.show_secrets,
    )
    lines = [
        "# profiles.yml; save it in a folder of its own: dbt build --profiles-dir FOLDER",
        "# `type: floe` needs a dbt from the environment in which floe-bench is installed.",
    ]
    if not asked.show_secrets:
        lines.append(f"# The variables that it names: {_FILL}")
    return "\n".join((*lines, text))


def _pyiceberg(asked: _Handoff) -> str:
    import yaml

    properties = catalog.properties(asked.endpoints)
    shown = {key: value for key, value in properties.items() if asked.show_secrets or not asked.is_secret(value)}
    text = yaml.safe_dump({"catalog": {catalog.CATALOG_NAME: shown}}, sort_keys=False, allow_unicode=True, width=1000)
    lines = [
        "# .pyiceberg.yaml; PyIceberg finds it in your home folder, or in the folder that PYICEBERG_HOME names:",
        f'# load_catalog("{catalog.CATALOG_NAME}")',
    ]
    left_out = [key for key in properties if key not in shown]
    if left_out:
        lines += [
            f"# Left out as secret: {', '.join(left_out)}. PyIceberg finds what is missing here",
            f"# in the environment after: {_FILL}",
        ]
    return "\n".join((*lines, text))


def _env(asked: _Handoff) -> str:
    variables = {
        PROJECT_VARIABLE: str(asked.project.root),
        "DAGSTER_HOME": str(Place(asked.project).home),
        **profile.environment(asked.endpoints),
        **catalog.environment(asked.endpoints),
    }
    open_ = {name: text for name, text in variables.items() if asked.show_secrets or not asked.is_secret(text)}
    lines = [f"export {name}={shlex.quote(text)}" for name, text in open_.items()]
    hidden = [name for name in variables if name not in open_]
    if hidden:
        lines += ["# Secret, to have them as well: " + _FILL, *(f"# export {name}=…" for name in hidden)]
    return "\n".join(lines) + "\n"


def _duckdb(asked: _Handoff) -> str:
    e = asked.endpoints
    secret = _secrets_in_sql(asked)
    at = urlsplit(e.s3_endpoint)
    static_keys = "s3_secret_key" in secret
    lines = [
        f"-- For the DuckDB whose extensions lie in that folder: {_duckdb_version()}.",
        f"SET extension_directory = {_literal(str(extension_directory(asked.project.state_dir)))};",
        *(f"LOAD {name};" for name in EXTENSIONS),
        *_variables(asked),
    ]
    if static_keys:
        lines.append(
            f"CREATE SECRET floe_s3 (TYPE s3, KEY_ID {secret['s3_access_key']}, SECRET {secret['s3_secret_key']}, "
            f"ENDPOINT {_literal(at.netloc)}, URL_STYLE {_literal('path' if e.s3_path_style else 'vhost')}, "
            f"USE_SSL {str(at.scheme == 'https').lower()}, REGION {_literal(e.s3_region)});"
        )
    lines += [
        f"CREATE SECRET floe_catalog (TYPE iceberg, CLIENT_ID {secret['client_id']}, "
        f"CLIENT_SECRET {secret['client_secret']}, OAUTH2_SERVER_URI {_literal(e.token_uri)});",
        f"ATTACH {_literal(e.warehouse)} AS {profile.DATABASE} (TYPE iceberg, ENDPOINT {_literal(e.catalog_uri)}, "
        f"SECRET floe_catalog{', ACCESS_DELEGATION_MODE ' + _literal('none') if static_keys else ''});",
    ]
    return "\n".join(lines) + "\n"


def _spark(asked: _Handoff) -> str:
    values, names = profile.environment(asked.endpoints), _secret_names(asked.endpoints)
    if asked.show_secrets:
        return other_engine.spark(asked.endpoints, {name: repr(values[variable]) for name, variable in names.items()})
    given = {name: f'os.environ["{variable}"]' for name, variable in names.items()}
    return f"# Secrets come from the environment: {_FILL}\n" + other_engine.spark(asked.endpoints, given)


def _trino(asked: _Handoff) -> str:
    values, names = profile.environment(asked.endpoints), _secret_names(asked.endpoints)
    if asked.show_secrets:
        return other_engine.trino(asked.endpoints, {name: values[variable] for name, variable in names.items()})
    given = {name: f"${{ENV:{variable}}}" for name, variable in names.items()}
    return f"# Secrets come from Trino's environment: {_FILL}\n" + other_engine.trino(asked.endpoints, given)


def _variables(asked: _Handoff) -> list[str]:
    """DuckDB's shell reads the environment; a library's connection sets these itself."""
    if asked.show_secrets:
        return []
    names = _secret_names(asked.endpoints)
    return [
        f"-- In DuckDB's shell, which has getenv(), after: {_FILL}",
        *(f"SET VARIABLE floe_{name} = getenv('{variable}');" for name, variable in names.items()),
    ]


def _secrets_in_sql(asked: _Handoff) -> Mapping[str, str]:
    values = profile.environment(asked.endpoints)
    names = _secret_names(asked.endpoints)
    if asked.show_secrets:
        return {name: _literal(values[variable]) for name, variable in names.items()}
    return {name: f"getvariable('floe_{name}')" for name in names}


def _secret_names(endpoints: Endpoints) -> Mapping[str, str]:
    """Field of ``Endpoints`` -> the variable that ``connect env`` gives it."""
    fields = ("client_id", "client_secret", "s3_access_key", "s3_secret_key")
    variables = profile.environment(endpoints)
    found = {field: [name for name in variables if name.endswith(field.upper())] for field in fields}
    return {field: names[0] for field, names in found.items() if names}


def _duckdb_version() -> str:
    import duckdb

    return str(duckdb.__version__)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_TOOLS: Mapping[str, Callable[[_Handoff], str]] = {
    "dbt": _dbt,
    "pyiceberg": _pyiceberg,
    "duckdb": _duckdb,
    "spark": _spark,
    "trino": _trino,
    "env": _env,
}
