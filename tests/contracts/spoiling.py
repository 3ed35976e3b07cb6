"""The real catalog, with answers that are changed on their way: what no server here serves."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from floe_bench.model.stack import Endpoints

Spoil = Callable[[bytes], bytes]
Change = Callable[[str, Mapping[str, str], bytes], bytes]
"""Path, query and answer of a GET."""
_TOKEN = "pageToken"


@contextmanager
def spoiling(endpoints: Endpoints, spoils: Mapping[str, Spoil]) -> Iterator[Endpoints]:
    """What is said of some tables, by name in any namespace."""

    def change(path: str, query: Mapping[str, str], said: bytes) -> bytes:
        table = path.rpartition("/tables/")[2]
        return spoils[table](said) if table in spoils else said

    with between(endpoints, change) as found:
        yield found


@contextmanager
def paging(endpoints: Endpoints, size: int) -> Iterator[Endpoints]:
    """Lists come in pages of ``size``. Source: Iceberg REST specification, "PageToken"."""

    def change(path: str, query: Mapping[str, str], said: bytes) -> bytes:
        if not path.endswith(("/tables", "/namespaces", "/views")):
            return said
        answer = json.loads(said)
        of = "namespaces" if path.endswith("/namespaces") else "identifiers"
        begin = int(query.get(_TOKEN, "0"))
        more = begin + size < len(answer[of])
        page = answer[of][begin : begin + size]
        return json.dumps({of: page, "next-page-token": str(begin + size) if more else None}).encode()

    with between(endpoints, change) as found:
        yield found


@contextmanager
def between(endpoints: Endpoints, change: Change) -> Iterator[Endpoints]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent = {key: value for key, value in self.headers.items() if key not in ("Host", "Accept-Encoding")}
            asked = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(asked.query, keep_blank_values=True).items()}
            kept = urlencode({key: value for key, value in query.items() if key != _TOKEN})
            url = f"{endpoints.catalog_uri}{asked.path}?{kept}"
            found = requests.request(self.command, url, headers=sent, data=body, timeout=30)
            ours = self.command == "GET" and found.ok
            said = change(asked.path, query, found.content) if ours else found.content
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
