"""From the command line into the app."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.cli.session import Client
from floe_bench.errors import ConfigInvalid


def show(connect: Callable[[], Client], theme: str | None) -> int:
    """Returns the exit code when the app has ended. Raises ConfigInvalid for a theme that does not exist."""
    from floe_bench.tui.app import BenchApp

    app = BenchApp(connect)
    if theme is not None:
        if theme not in app.available_themes:
            names = ", ".join(sorted(app.available_themes))
            raise ConfigInvalid(f"there is no theme '{theme}'", remedy=f"choose one of: {names}")
        app.theme = theme
    app.run()
    return app.return_code or 0
