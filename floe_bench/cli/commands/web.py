"""The app in a browser."""

from __future__ import annotations

import sys

import click

from floe_bench.cli.output import Cell, Style
from floe_bench.cli.session import Session
from floe_bench.cli.shape import Field, Shape
from floe_bench.cli.verb import Verb

PAGE = Shape(
    "page",
    Field("url", "address with the token; it works once, for one browser"),
    Field("port", "port on 127.0.0.1"),
)


@click.command(
    "web",
    cls=Verb,
    json_form="one object",
    shapes=[PAGE],
    examples=[
        ("floe-bench web", "print an address for the browser, and serve until Ctrl-C"),
        ("floe-bench web --port 8117", "serve on a port that you forward from elsewhere"),
    ],
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1. Default: a free one.")
@click.pass_obj
def command(session: Session, port: int | None) -> int:
    """Serve the app to a browser on this machine, until Ctrl-C.

    It listens on 127.0.0.1 only. The address that is printed holds a token: it lets in the first browser that opens it,
    and nobody after. Whoever is let in can do what you can.
    """
    from floe_bench.cli.page.server import PageServer

    project, stack = session.project, session.settings.stack
    app = [sys.executable, "-m", "floe_bench", "--quiet", "--project", str(project.root), "--stack", stack]
    server = PageServer(app, title=f"{project.name} · floe-bench", port=port)
    # The engine stays from page to page: a reload is no new start of the lakehouse.
    with session.bench(booted=False):
        if session.as_json:
            session.out.json_line(PAGE.of(server))
        else:
            session.out.line(Cell(server.url, Style.ID))
        session.terminal.out.flush()
        session.say("the address works once, for one browser; Ctrl-C ends it")
        server.run()
    return 0
