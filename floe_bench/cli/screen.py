"""From the command line into the app."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from floe_bench.cli.terminal import in_browser
from floe_bench.errors import ConfigInvalid

if TYPE_CHECKING:
    from floe_bench.ports.client import BenchClient

_LOOK_EVERY_S = 1.0
_PATIENCE_S = 10.0


def show(connect: Callable[[], BenchClient], theme: str | None, choose_stack: Callable[[str], None]) -> int:
    """Returns the exit code when the app has ended. Raises ConfigInvalid for a theme that does not exist."""
    from floe_bench.tui.app import BenchApp

    app = BenchApp(connect, choose_stack=choose_stack)
    if theme is not None:
        if theme not in app.available_themes:
            names = ", ".join(sorted(app.available_themes))
            raise ConfigInvalid(f"there is no theme '{theme}'", remedy=f"choose one of: {names}")
        app.theme = theme
    if in_browser(os.environ):
        threading.Thread(target=_end_with, args=(os.getppid(),), name="server-gone", daemon=True).start()
    app.run()
    return app.return_code or 0


def _end_with(server: int) -> None:
    """A page's app hears nothing when its server is killed: it would stay, and keep the engine."""
    while os.getppid() == server:
        time.sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE_S)
    os._exit(1)
