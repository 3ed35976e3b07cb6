"""A Polaris that answers what a real 1.7.0 was heard to answer; ``recorded/`` holds the exchanges, secrets replaced.

What it remembers is which of the recorded things exist. A call that was never recorded is a failure of the test.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

RECORDED = Path(__file__).parent / "recorded" / "polaris-1.7.0-set-up.jsonl"
TOKENS = "/api/catalog/v1/oauth/tokens"
MANAGEMENT = "/api/management/v1/"


@dataclass
class FakePolaris:
    root_secret: str
    uri: str = ""
    heard: list[tuple[str, str, Any]] = field(default_factory=list)
    there: set[str] = field(default_factory=set)
    catalog: dict[str, Any] = field(default_factory=dict)
    clients: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    granted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exchanges = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
        self.clients["root"] = self.root_secret

    def answer(self, method: str, path: str, text: str, token: str) -> tuple[int, str]:
        if path == TOKENS:
            return self._login(parse_qs(text))
        body = json.loads(text) if text else None
        self.heard.append((method, path.removeprefix(MANAGEMENT), body))
        if self.tokens.get(token) != "root":
            return 401, ""
        if method == "POST" and path.endswith("/reset"):
            return self._credentials(*self._said(method, path, 200))
        if method == "POST":
            return self._make(path, body)
        if path.endswith("/grants"):
            return self._grants(method, path, body)
        bench = f"{MANAGEMENT}principals/bench"
        if (method, path) == ("GET", bench) and bench not in self.there:
            status, said = self._said("DELETE", f"{MANAGEMENT}principals/ghost", 404)
            return status, said.replace("ghost", "bench")
        if method == "PUT" and path == f"{MANAGEMENT}catalogs/floe":
            return self._update(body)
        if method == "GET" and path == f"{MANAGEMENT}catalogs/floe":
            status, said = self._said(method, path, 200)
            return status, json.dumps({**json.loads(said), **self.catalog})
        return self._said(method, path, 201 if method == "PUT" else 200)

    def _login(self, form: dict[str, list[str]]) -> tuple[int, str]:
        client, secret = form["client_id"][0], form["client_secret"][0]
        if self.clients.get(client) != secret:
            return self._said("POST", TOKENS, 401)
        status, said = self._said("POST", TOKENS, 200)
        token = secrets.token_hex(8)
        self.tokens[token] = client
        return status, json.dumps({**json.loads(said), "access_token": token})

    def _make(self, path: str, body: Any) -> tuple[int, str]:
        (named,) = (value["name"] for value in body.values() if isinstance(value, dict))
        if f"{path}/{named}" in self.there:
            known = [each for each in self.exchanges if each["status"] == 409 and each["path"] == path]
            # One refusal was recorded for catalogs and one for principals; roles are refused in the same words.
            refused = known or [each for each in self.exchanges if each["status"] == 409]
            return 409, refused[0]["response"]
        self.there.add(f"{path}/{named}")
        if path == f"{MANAGEMENT}catalogs":
            self.catalog = body["catalog"]
        status, said = self._said("POST", path, 201)
        return self._credentials(status, said) if path == f"{MANAGEMENT}principals" else (status, said)

    def _grants(self, method: str, path: str, body: Any) -> tuple[int, str]:
        if method == "PUT":
            self.granted.append(body["grant"]["privilege"])
            return self._said(method, path, 201)
        status, said = self._said(method, path, 200)
        (one,) = json.loads(said)["grants"]
        return status, json.dumps({"grants": [{**one, "privilege": each} for each in self.granted]})

    def _update(self, body: Any) -> tuple[int, str]:
        self.catalog = {**self.catalog, **{key: body[key] for key in ("properties", "storageConfigInfo")}}
        return 200, json.dumps(self.catalog)

    def _credentials(self, status: int, said: str) -> tuple[int, str]:
        found = json.loads(said)
        client = "bench-id"
        self.clients[client] = secrets.token_hex(8)
        found["credentials"] = {"clientId": client, "clientSecret": self.clients[client]}
        return status, json.dumps(found)

    def _said(self, method: str, path: str, status: int) -> tuple[int, str]:
        for each in self.exchanges:
            if (each["method"], each["path"], each["status"]) == (method, path, status):
                return status, each["response"]
        raise AssertionError(f"nobody heard a real Polaris answer {method} {path} with {status}")


@contextmanager
def served(polaris: FakePolaris) -> Iterator[FakePolaris]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                status, said = polaris.answer(self.command, self.path, text, token)
            except AssertionError as error:
                status, said = 500, json.dumps({"details": str(error)})
            self.send_response(status)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - names of the standard library

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        polaris.uri = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield polaris
        finally:
            server.shutdown()
            thread.join()
