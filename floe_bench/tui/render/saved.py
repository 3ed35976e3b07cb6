"""What was saved, and what that changed, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from floe_bench.events import FilesSaved, ProjectReread
from floe_bench.tui.render.unit import seconds

_NAMED = 3


def reading(news: FilesSaved) -> str:
    return f"saved {_some(news.files)}; reading the project …"


def reread(news: ProjectReread) -> str:
    parts = [
        f"{word} {_some([key.rpartition('/')[2] for key in keys])}"
        for word, keys in (("changed", news.changed), ("new", news.added), ("gone", news.removed))
        if keys
    ]
    said = " · ".join(parts) or f"no asset changed by {_some(news.files)}"
    return f"project read again in {seconds(news.duration_s)}: {said}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])} and {more} more" if more > 0 else ", ".join(names)
