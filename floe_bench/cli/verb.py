"""A command of the bench: the shared options, examples in its help, and the shape of its JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from floe_bench.cli.session import Session
from floe_bench.cli.shape import Shape


def _take(store: Callable[[Session, Any], None]) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Options stand before or after the command word; the one that was given wins."""

    def callback(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        session = context.find_object(Session)
        if session is not None and value:
            store(session, value)

    return callback


def _project(session: Session, path: Path) -> None:
    session.open(path)


def _stack(session: Session, name: str) -> None:
    session.stack = name


def _quiet(session: Session, quiet: bool) -> None:
    session.diagnostics.quiet = quiet


def _json(session: Session, as_json: bool) -> None:
    session.as_json = as_json


def _no_colour(session: Session, wanted: bool) -> None:
    session.draw_with(replace(session.terminal, colour=False))
    session.colourless = True


def shared_options(*, with_json: bool = True) -> list[click.Parameter]:
    """--project, --stack, --quiet and --json, the same on every command."""
    options: list[click.Parameter] = [
        click.Option(
            ["--project"],
            type=click.Path(path_type=Path, file_okay=True),
            metavar="PATH",
            expose_value=False,
            callback=_take(_project),
            help="The project's folder. Default: the nearest one from here up.",
        ),
        click.Option(
            ["--stack"],
            metavar="NAME",
            expose_value=False,
            callback=_take(_stack),
            help="The stack to run on. Default: embedded.",
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_take(_quiet),
            help="No progress, only errors.",
        ),
    ]
    options.append(
        click.Option(
            ["--no-color"],
            is_flag=True,
            expose_value=False,
            callback=_take(_no_colour),
            help="No colours, as with NO_COLOR in the environment; in the app too.",
        )
    )
    if with_json:
        options.append(
            click.Option(
                ["--json"], is_flag=True, expose_value=False, callback=_take(_json), help="JSON instead of text."
            )
        )
    return options


def _plain(session: Session, wanted: bool) -> None:
    session.plain = True


plain_option = click.option(
    "--plain",
    is_flag=True,
    expose_value=False,
    callback=_take(_plain),
    help="The app as lines, for a screen reader: commands are typed, what happens is said.",
)


class Verb(click.Command):
    """``json_form`` says how the shapes come: ``a list of``, ``one object``, ``one object a line``; empty for none."""

    def __init__(
        self,
        *args: Any,
        examples: Sequence[tuple[str, str]],
        json_form: str = "",
        shapes: Sequence[Shape] = (),
        **attributes: Any,
    ) -> None:
        super().__init__(*args, **attributes)
        self.examples = tuple(examples)
        self.json_form = json_form
        self.shapes = tuple(shapes)
        self.params.extend(shared_options(with_json=bool(json_form)))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(formatter, self.examples)
        if self.json_form:
            with formatter.section("JSON"):
                for shape in self.shapes:
                    formatter.write_text(f"{self.json_form} {shape.title} {{{', '.join(shape.names)}}}")


class VerbGroup(click.Group):
    """Commands of one thing; each is a verb with options, examples and JSON of its own."""

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.examples = tuple(examples)
        self.params.extend(shared_options())

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(formatter, self.examples)


def verbs(name: str, command: click.Command | None) -> Iterator[tuple[str, Verb]]:
    """The verb of a command word, or those of a group, each with all its words."""
    if isinstance(command, Verb):
        yield name, command
    elif isinstance(command, VerbGroup):
        for word, each in command.commands.items():
            yield from verbs(f"{name} {word}", each)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[tuple[str, str]]) -> None:
    with formatter.section("Examples"):
        for command, purpose in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{command}\n")
            formatter.write(f"{'':>{formatter.current_indent}}    {purpose}\n")
