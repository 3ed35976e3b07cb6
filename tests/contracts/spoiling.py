"""The real catalog, whose answer about some tables is spoiled on its way: no server here serves broken metadata."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from floe_bench.model.stack import Endpoints

Spoil = Callable[[bytes], bytes]


@contextmanager
def spoiling(endpoints: Endpoints, spoils: Mapping[str, Spoil]) -> Iterator[Endpoints]:
    """``spoils`` by the name of a table, in any namespace."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent = {key: value for key, value in self.headers.items() if key not in ("Host", "Accept-Encoding")}
            url = f"{endpoints.catalog_uri}{self.path}"
            found = requests.request(self.command, url, headers=sent, data=body, timeout=30)
            table = self.path.partition("?")[0].rpartition("/tables/")[2]
            said = spoils[table](found.content) if table in spoils and self.command == "GET" else found.content
            self.send_response(found.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)

        do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815  # as http.server calls them

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield replace(endpoints, catalog_uri=f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
