"""The assets of a project as they were read last: one that did not change is opened without its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from floe_bench import __version__
from floe_bench.adapters.orchestrators.dagster import ingredient, node
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.model import asset
from floe_bench.model.asset import Asset


@dataclass(frozen=True, slots=True)
class _Remembered:
    """``seen`` is the project's fingerprint, ``by`` the code that made assets of it."""

    seen: str
    by: str
    assets: tuple[Asset, ...]


def remembered(place: Place, seen: str) -> tuple[Asset, ...] | None:
    """None where they were read from another state of the project, by another version of ours, or never."""
    try:
        found = msgspec.json.decode(place.assets.read_bytes(), type=_Remembered)
    except (OSError, msgspec.DecodeError):
        return None
    return found.assets if (found.seen, found.by) == (seen, _by()) and place.manifest.exists() else None


def remember(place: Place, seen: str, assets: tuple[Asset, ...]) -> None:
    draft = place.assets.with_name(f".{place.assets.name}")
    draft.write_bytes(msgspec.json.encode(_Remembered(seen, _by(), assets)))
    draft.replace(place.assets)


def _by() -> str:
    """In a source tree it changes with every saved file that has a part in it."""
    saved = max(Path(str(module.__file__)).stat().st_mtime_ns for module in (asset, ingredient, node))
    return f"{__version__} {saved}"
