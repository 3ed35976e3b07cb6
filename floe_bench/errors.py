"""Everything that can go wrong, as one tree.

    BenchError
    ├── UsageError              exit 2   the command was called wrongly
    │   └── WriteRefused                 a query that would write
    ├── StackError              exit 3   the lakehouse is not there
    │   ├── StackUnavailable             it cannot start here (no binary, no Docker)
    │   ├── StackNotReady                started, but no answer within the deadline
    │   ├── CatalogUnreachable           retryable
    │   ├── AccessDenied                 the catalog refused our credentials
    │   ├── NoSuchService                the stack has no service of that name
    │   ├── EngineError                  the background process failed or went away
    │   └── ConsoleUnavailable           the orchestrator's own web interface does not start
    ├── ProjectError            exit 4   the user's project
    │   ├── NoProject                    no dbt_project.yml here
    │   ├── ParseFailed                  dbt could not read it
    │   └── ConfigInvalid                floe-bench.toml or floe.yaml
    ├── RunError                exit 1   a run, a node
    │   ├── NoSuchRun
    │   ├── NoSuchNode
    │   ├── NothingSelected
    │   ├── RunActive                    retryable; a run is just making what should be changed
    │   ├── NoSuchStep
    │   ├── NoSuchRehearsal
    │   ├── RehearsalRefused             one that cannot be published or thrown away now
    │   ├── StepRefused                  a stepped run that cannot do that now
    │   └── StepBroken                   the process at work in a stepped run died
    ├── TableError              exit 1
    │   ├── NoSuchTable
    │   │   └── IsAView                  what was asked for is told of tables only
    │   ├── NoSuchSnapshot
    │   ├── TypeNotSupported             Iceberg has no such type
    │   ├── QueryFailed                  the engine refused the SQL
    │   │   └── KeyNotUnique             a key that shall pair rows stands for several
    │   ├── NothingToUndo                no snapshot that could be taken back, or brought back
    │   ├── CommitConflict               retryable; somebody else wrote in between
    │   └── CommitUnknown                the answer was lost, and the catalog could not be asked since
    └── Cancelled               exit 130

Every error says what failed, on what, and as seen; ``remedy`` is the next command to type.
"""

from __future__ import annotations

from typing import ClassVar


class BenchError(Exception):
    """Root of the tree. ``message`` is one sentence for a person; ``remedy`` a command or an edit, empty if none."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.where = where
        """``file:line`` in the user's tree, or empty."""

    @property
    def kind(self) -> str:
        return type(self).__name__


class UsageError(BenchError):
    exit_code = 2


class WriteRefused(UsageError):
    pass


class StackError(BenchError):
    exit_code = 3


class StackUnavailable(StackError):
    pass


class StackNotReady(StackError):
    retryable = True


class CatalogUnreachable(StackError):
    retryable = True


class AccessDenied(StackError):
    pass


class NoSuchService(StackError):
    pass


class EngineError(StackError):
    pass


class ConsoleUnavailable(StackError):
    pass


class ProjectError(BenchError):
    exit_code = 4


class NoProject(ProjectError):
    pass


class ParseFailed(ProjectError):
    pass


class ConfigInvalid(ProjectError):
    pass


class RunError(BenchError):
    exit_code = 1


class NoSuchRun(RunError):
    pass


class NoSuchNode(RunError):
    pass


class NothingSelected(RunError):
    pass


class RunActive(RunError):
    retryable = True


class NoSuchStep(RunError):
    pass


class NoSuchRehearsal(RunError):
    pass


class RehearsalRefused(RunError):
    pass


class StepRefused(RunError):
    pass


class StepBroken(RunError):
    pass


class TableError(BenchError):
    exit_code = 1


class NoSuchTable(TableError):
    pass


class IsAView(NoSuchTable):
    pass


class NoSuchSnapshot(TableError):
    pass


class TypeNotSupported(TableError):
    pass


class QueryFailed(TableError):
    pass


class KeyNotUnique(QueryFailed):
    """A key that shall pair rows stands for several."""


class NothingToUndo(TableError):
    pass


class CommitConflict(TableError):
    retryable = True


class CommitUnknown(TableError):
    pass


class Cancelled(BenchError):
    exit_code = 130


def by_kind(kind: str) -> type[BenchError]:
    """The class of that name in the tree; ``BenchError`` for a name of a newer or older version."""
    stack: list[type[BenchError]] = [BenchError]
    while stack:
        cls = stack.pop()
        if cls.__name__ == kind:
            return cls
        stack.extend(cls.__subclasses__())
    return BenchError
