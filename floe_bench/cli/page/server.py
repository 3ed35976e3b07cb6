"""Serving the app to one browser on this machine."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Awaitable, Callable, Sequence
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe

from aiohttp import web
from textual_serve.server import Server

from floe_bench.errors import UsageError

HOST = "127.0.0.1"
_USED_UP = (
    "This address is not, or no longer, the one to the bench: it works once, for one browser.\n"
    "Start `floe-bench web` again for a new one.\n"
)
_PATIENCE_S = 3.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PageServer(Server):
    """Each page that is opened gets an app of its own: a process that runs ``command``.

    Whoever comes first with the token gets a cookie for it; the token is used up then. Without the cookie nothing is
    answered, and neither is a page of somebody else's that talks to us from the same browser.

    Raises:
        UsageError: the port is taken.
    """

    def __init__(self, command: Sequence[str], *, title: str, port: int | None) -> None:
        self._socket = _listening(port)
        self._token: str | None = token_urlsafe(24)
        self._pass = token_urlsafe(24)
        super().__init__(
            # Without a shell in between, so that an app sees it when this process is gone.
            f"exec {shlex.join(command)}",
            host=HOST,
            port=self._socket.getsockname()[1],
            title=title,
            templates_path=Path(__file__).parent,
        )

    @property
    def url(self) -> str:
        """With the token."""
        return f"{self.public_url}/?token={self._token}"

    def run(self) -> None:
        """Until Ctrl-C or SIGTERM. The apps of open pages end with it."""
        web.run_app(
            self._make_app(), sock=self._socket, print=None, access_log=None, shutdown_timeout=_PATIENCE_S
        )  # fmt: skip

    async def on_startup(self, app: web.Application) -> None:
        """Stdout is the command's answer: no greeting there."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        app.on_response_prepare.append(self._close_in)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        # Another name for this address is somebody's whose name server sends their page's requests here.
        if request.host != self.public_url.removeprefix("http://"):
            raise web.HTTPForbidden(text=_USED_UP)
        if request.path == "/" and "token" in request.query:
            return self._admitted(request.query["token"])
        if not compare_digest(request.cookies.get(self._cookie, "").encode(), self._pass.encode()):
            raise web.HTTPForbidden(text=_USED_UP)
        if request.path == "/ws" and request.headers.get("Origin") != self.public_url:
            raise web.HTTPForbidden(text=_USED_UP)
        return await handler(request)

    def _admitted(self, token: str) -> web.StreamResponse:
        if self._token is None or not compare_digest(token.encode(), self._token.encode()):
            raise web.HTTPForbidden(text=_USED_UP)
        self._token = None
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.set_cookie(self._cookie, self._pass, httponly=True, samesite="Strict")
        return answer

    @property
    def _cookie(self) -> str:
        """Browsers keep cookies of one host together, whatever the port."""
        return f"floe-bench-{self.port}"

    async def _close_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """The page loads nothing from elsewhere, and stands in no frame of somebody else's."""
        here = f"'self' ws://{HOST}:{self.port}"
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self' 'unsafe-inline' data: blob:; connect-src {here}; frame-ancestors 'none'"
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"


def _listening(port: int | None) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port or 0))
        found.listen(64)
    except OSError as error:
        found.close()
        raise UsageError(f"port {port} of {HOST} cannot be used: {error.strerror}", remedy="floe-bench web") from error
    return found
