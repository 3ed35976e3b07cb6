"""Writing rows to a file, as the bench offers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from floe_bench.core.parts import Tables
from floe_bench.core.querying.past import pinned
from floe_bench.errors import StackUnavailable, UsageError
from floe_bench.model.export import Exported, FileFormat
from floe_bench.model.table import TableName
from floe_bench.ports.export import CanExport

_never: Callable[[], bool] = lambda: False  # noqa: E731


class LocalExporting:
    """Fulfils ``ports.export.Exporting``."""

    def __init__(self, parts: Tables) -> None:
        self._parts = parts

    def table(
        self,
        table: str,
        path: str,
        snapshot_id: int | None = None,
        overwrite: bool = False,
        cancelled: Callable[[], bool] = _never,
    ) -> Exported:
        name = TableName.parse(table)
        at = self._parts.catalog().table(name).snapshot_id if snapshot_id is None else snapshot_id
        if at is None:
            raise UsageError(f"{table} was never written: there is nothing to export", remedy="floe-bench run")
        self._parts.catalog().columns(name, at)  # raises NoSuchSnapshot
        return self._written(name, at, path, overwrite=overwrite, cancelled=cancelled)

    def query(
        self, sql: str, path: str, overwrite: bool = False, at: str = "", cancelled: Callable[[], bool] = _never
    ) -> Exported:
        if not at:
            return self._written(sql, None, path, overwrite=overwrite, cancelled=cancelled)
        with pinned(self._parts, sql, at) as past:
            return self._written(sql, None, path, overwrite=overwrite, cancelled=cancelled, past=past)

    def _written(
        self,
        what: TableName | str,
        snapshot_id: int | None,
        path: str,
        *,
        overwrite: bool,
        cancelled: Callable[[], bool],
        past: Mapping[TableName, int] | None = None,
    ) -> Exported:
        form, target, compute = FileFormat.of(path), _target(path, overwrite=overwrite), self._parts.compute()
        if not isinstance(compute, CanExport):
            raise StackUnavailable("this compute does not write files")
        # Beside the target, so that it takes its place in one step.
        draft = target.with_name(f".{target.name}.part")
        draft.unlink(missing_ok=True)
        try:
            rows = compute.export(what, snapshot_id, draft, form=form, cancelled=cancelled, past=past)
            size = draft.stat().st_size
            draft.replace(target)
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {error.strerror or error}") from error
        finally:
            draft.unlink(missing_ok=True)
        return Exported(str(target), form, rows, size)


def _target(path: str, *, overwrite: bool) -> Path:
    target = Path(path)
    if not target.is_absolute():
        raise UsageError(f"'{path}' is not an absolute path")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", remedy=f"mkdir -p {target.parent}")
    if target.is_dir() or (target.exists() and not overwrite):
        raise UsageError(f"{target} is there already", remedy="another name, or --force")
    return target
