"""Words after Tab."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from floe_bench.cli.session import Session
from floe_bench.cli.verb import Verb

SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    cls=Verb,
    examples=[
        ('eval "$(floe-bench completion bash)"', "in ~/.bashrc"),
        ("floe-bench completion fish > ~/.config/fish/completions/floe-bench.fish", "once"),
    ],
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the completion script of SHELL. Tables, runs and assets complete while the bench runs."""
    from floe_bench.cli.main import COMPLETION_VARIABLE, PROGRAM

    root = context.find_root().command
    script = get_completion_class(shell)
    if script is not None:
        context.ensure_object(Session).out.text(script(root, {}, PROGRAM, COMPLETION_VARIABLE).source())
    return 0
