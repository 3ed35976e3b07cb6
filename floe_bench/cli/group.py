"""The command words. Each command's module is imported when its word is used, and only then."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from floe_bench.cli.verb import write_examples

SECTIONS: dict[str, dict[str, str]] = {
    "Stack": {
        "up": "Start the lakehouse and keep it up.",
        "down": "Stop the lakehouse; data stays.",
        "status": "Say what runs.",
        "stacks": "List the stacks, and whether each can start here.",
        "stack": "Restart or stop a service; carry tables to another stack.",
        "logs": "Print log lines of the engine, the stack or a run.",
        "reset": "Delete the lakehouse and the run history.",
        "doctor": "Check everything and name each fix.",
        "dagster": "Start Dagster's own web interface, until Ctrl-C.",
        "connect": "Print settings for dbt, PyIceberg, DuckDB, Spark, Trino.",
    },
    "Project": {
        "web": "Serve the app to a browser on this machine, until Ctrl-C.",
        "demo": "Copy the bundled demo project and open it.",
        "assets": "List the project's assets.",
        "why": "Say why an asset is stale.",
        "run": "Materialize assets and follow the run.",
        "step": "Run assets one by one, and look between two.",
        "rehearse": "Run assets on branches, look, publish or discard.",
        "cancel": "Cancel a run.",
        "runs": "List runs, or show one.",
        "undo": "Take a materialization back.",
        "redo": "Bring back what was undone.",
    },
    "Code": {
        "code": "Print the code of an asset or a test.",
        "failing": "Show the rows that fail a test.",
        "bisect": "Name the snapshot since which a test fails.",
    },
    "Tables": {
        "tables": "List the catalog's tables.",
        "table": "Say what a table is made of, as it is or as it was.",
        "schema": "Show a table's columns, their history, or what changed.",
        "files": "Show a table's files, manifest files and partitions.",
        "profile": "Say what a table's columns hold.",
        "drift": "Say how a column moved over a table's snapshots.",
        "snapshots": "List a table's snapshots, and what made each.",
        "diff": "Compare two snapshots of a table.",
        "rows": "Show rows of a table, as it is or as it was.",
        "export": "Write a table, or what a query finds, to a file.",
        "query": "Run a read-only SQL query.",
        "save-model": "Make a dbt model of a query.",
    },
    "Upkeep": {
        "health": "Say what is wrong with tables, and what mends it.",
        "tag": "Name a snapshot of a table, so that it stays.",
        "branch": "Start, move or remove a branch of a table.",
        "properties": "Set or unset properties of a table.",
        "rollback": "Take a table back to an earlier snapshot.",
        "promote": "Move a table's main line forward to a branch.",
        "cherry-pick": "Add what one snapshot brought to another branch.",
        "alter": "Change a table's columns, partitioning or sort order.",
        "rename": "Give a table another name.",
        "drop": "Drop a table, with all its snapshots.",
        "compact": "Write small files anew as few, with the same rows.",
        "rewrite-manifests": "Tell of the same files in fewer manifest files.",
        "expire": "Take old snapshots out of a table.",
        "orphans": "Delete files that nothing needs.",
    },
    "Shell": {
        "completion": "Print the completion script of a shell.",
    },
}
COMMANDS = {name: summary for section in SECTIONS.values() for name, summary in section.items()}
OPEN = "open"
_EXAMPLES = (
    ("floe-bench", "open the project of this folder in the app"),
    ("floe-bench demo", "see everything on a bundled project"),
    ("floe-bench run --select +orders", "materialize orders and all it needs, without the app"),
    ("floe-bench snapshots marts.orders --json", "read a table's history from a script"),
)


class LazyGroup(click.Group):
    """A word that is no command and names a folder opens that folder's project."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"floe_bench.cli.commands.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word in COMMANDS or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if "/" in word or Path(word).is_dir():
            command: click.Command = import_module("floe_bench.cli.commands.open").command
            return OPEN, command, args
        raise click.UsageError(_no_command(word), ctx=ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=12)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(formatter, _EXAMPLES)


def _no_command(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, COMMANDS, n=1)
    guess = f"; did you mean '{near[0]}'?" if near else ""
    return f"'{word}' is neither a command nor a folder{guess}"
