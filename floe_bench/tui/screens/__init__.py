"""Screens put panes in their places. The first frame needs one of them: whoever opens another imports it then."""

from importlib import import_module
from pkgutil import iter_modules


def read_ahead() -> None:
    """All of them, while the engine starts, so that no key waits for one. To be called beside the screen's thread."""
    for each in iter_modules(__path__, f"{__name__}."):
        import_module(each.name)
