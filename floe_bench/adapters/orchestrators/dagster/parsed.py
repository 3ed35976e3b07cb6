"""The project as dbt parsed it, read before the invocation that uses it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from floe_bench.adapters.orchestrators.dagster.place import PROJECT_VARIABLE, Place
from floe_bench.adapters.orchestrators.dagster.saved import fingerprint
from floe_bench.errors import ParseFailed

_COMMANDS = frozenset(("build", "ls"))
_ABSENT = "DBT_DEFAULT_PLACEHOLDER"
"""What dbt notes for a variable of the environment that was not set."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A manifest, and what it depends on. It is for one invocation, which changes it."""

    place: Place
    manifest: Any
    seen: str

    def context(self, args: Sequence[str]) -> dict[str, Any]:
        """What dbt's command line starts from: the manifest where parsing now would give the same, else nothing."""
        known = self._fits(args)
        return {"manifest": self.manifest, "callbacks": []} if known else {}

    def _fits(self, args: Sequence[str]) -> bool:
        return (
            bool(_COMMANDS & set(args))
            and not any(word == "--vars" or word.startswith("--vars=") for word in args)
            and all(os.environ.get(name, _ABSENT) == value for name, value in self.manifest.env_vars.items())
            and fingerprint(self.place) == self.seen
        )


def read_ahead() -> Parsed:
    """By dbt itself, as ``dbtRunner`` offers it: parse, then hand the manifest to the invocation.

    Raises:
        ParseFailed: the project is broken; whoever asks for dbt next is told by dbt.

    Source: dbt docs, "Programmatic invocations", "Reusing objects".
    """
    from dbt.cli.main import dbtRunner

    place = Place.described(os.environ[PROJECT_VARIABLE])
    seen = fingerprint(place)
    folder = place.target.with_name("ahead")
    folder.mkdir(exist_ok=True)
    known = place.target / "partial_parse.msgpack"
    if known.exists():
        shutil.copyfile(known, folder / known.name)
    where = ("--project-dir", place.project.dbt_dir, "--profiles-dir", place.profiles)
    outputs = ("--target-path", folder, "--log-path", folder, "--log-level-file", "none", "--no-write-json")
    words = ("--quiet", "parse", *where, "--profile", place.project.profile, *outputs)
    done = dbtRunner().invoke([str(word) for word in words])
    if not done.success:
        raise ParseFailed(f"{place.project.name} could not be parsed ahead: {done.exception}")
    return Parsed(place, done.result, seen)
