"""The entry point: arguments in, exit code out, and never a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence

import click

from floe_bench import __version__
from floe_bench.cli.diagnostics import BROKEN_PIPE, error_object
from floe_bench.cli.group import LazyGroup
from floe_bench.cli.session import Doors, Session
from floe_bench.cli.terminal import Terminal
from floe_bench.cli.verb import plain_option, shared_options
from floe_bench.errors import BenchError, Cancelled, UsageError

PROGRAM = "floe-bench"
COMPLETION_VARIABLE = "_FLOE_BENCH_COMPLETE"
DEBUG_VARIABLE = "FLOE_BENCH_DEBUG"
_HELP_NAMES = {"help_option_names": ["-h", "--help"]}


@click.group(
    cls=LazyGroup,
    name=PROGRAM,
    invoke_without_command=True,
    context_settings=_HELP_NAMES,
    params=shared_options(),
    subcommand_metavar="[COMMAND | PATH] [ARGS]...",
)
@plain_option
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> int | None:
    """A workbench in the terminal for data engineers on Iceberg, dbt and Dagster.

    Without a command: open the app, on the project of this folder or of PATH.
    """
    if context.invoked_subcommand is not None:
        return None
    from floe_bench.cli.commands.open import open_app

    return open_app(context.ensure_object(Session))


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(
    arguments: Sequence[str],
    *,
    doors: Doors | None = None,
    environ: Mapping[str, str] | None = None,
    terminal: Terminal | None = None,
) -> int:
    """One command line, start to end; its exit code."""
    environ = os.environ if environ is None else environ
    session = Session(doors or Doors(), terminal or Terminal.of_process(environ), environ)
    try:
        if instruction := environ.get(COMPLETION_VARIABLE):
            return _complete(session, instruction)
        return _invoke(session, arguments)
    except BrokenPipeError:
        _close_stdout()
        return BROKEN_PIPE
    except Exception as error:  # the last line of defence: a person gets a sentence, never a traceback
        if environ.get(DEBUG_VARIABLE):
            raise
        return _fail(session, arguments, _as_bench_error(error))
    except KeyboardInterrupt:
        return _fail(session, arguments, Cancelled("cancelled"))


def _invoke(session: Session, arguments: Sequence[str]) -> int:
    try:
        with cli.make_context(PROGRAM, list(arguments), obj=session) as context:
            code = cli.invoke(context)
    except click.exceptions.Exit as end:
        code = end.exit_code
    session.terminal.out.flush()
    return code if isinstance(code, int) else 0


def _complete(session: Session, instruction: str) -> int:
    from click.shell_completion import shell_complete

    return shell_complete(cli, {"obj": session}, PROGRAM, COMPLETION_VARIABLE, instruction)


def _as_bench_error(error: Exception) -> BenchError:
    match error:
        case BenchError():
            return error
        case click.Abort():
            return Cancelled("cancelled")
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else PROGRAM
            return UsageError(error.format_message(), remedy=f"{path} --help")
        case click.ClickException():
            return UsageError(error.format_message())
    return InternalError(
        f"this is a defect of floe-bench: {type(error).__name__}: {error}",
        remedy=f"{DEBUG_VARIABLE}=1 shows where; floe-bench doctor",
    )


class InternalError(BenchError):
    """Something that no one foresaw."""


def _fail(session: Session, arguments: Sequence[str], error: BenchError) -> int:
    try:
        session.diagnostics.clear()
        session.diagnostics.problem(error)
        # A usage error may have struck before --json was parsed.
        if session.as_json or "--json" in arguments:
            session.out.json_line(error_object(error))
    except BrokenPipeError:
        _close_stdout()
    return error.exit_code


def _close_stdout() -> None:
    """The interpreter flushes stdout once more when it ends, and would complain about the pipe."""
    with contextlib.suppress(OSError, ValueError):
        stdout = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout)


if __name__ == "__main__":
    main()
