"""A statement as a file of the dbt project: where it may go, what it may be called, what dbt must be told about it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from floe_bench.adapters.orchestrators.dagster.node import key_of, table_of
from floe_bench.adapters.orchestrators.dagster.place import Place
from floe_bench.config.document import read_yaml
from floe_bench.config.project import DBT_FILE
from floe_bench.errors import UsageError
from floe_bench.model.saving import ModelPlan, ModelRead, Select

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
"""What every catalog takes as the name of a table."""
_TABLES = ("model", "seed", "snapshot")


class _Node(msgspec.Struct):
    name: str
    resource_type: str
    package_name: str
    schema: str = ""
    alias: str | None = None
    identifier: str | None = None
    source_name: str = ""
    original_file_path: str = ""
    version: str | int | float | None = None
    access: str | None = None
    config: dict[str, object] = {}

    @property
    def materialized(self) -> bool:
        return self.resource_type in _TABLES and self.config.get("materialized") != "ephemeral"

    def as_mapping(self) -> dict[str, str | None]:
        return {"name": self.name, "schema": self.schema, "alias": self.alias, "identifier": self.identifier}


class _Manifest(msgspec.Struct):
    """Of thousands of nodes, a little of each.

    Source: dbt docs, "Manifest JSON file", schema v12.
    """

    nodes: dict[str, _Node] = {}
    sources: dict[str, _Node] = {}
    disabled: dict[str, list[_Node]] = {}


class ModelFiles:
    """Fulfils ``ports.saving.ModelWriter``, over the project as it was read last."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._dbt_dir = place.project.dbt_dir

    def folders(self) -> tuple[str, ...]:
        return tuple(os.path.relpath(each, self._dbt_dir) for top in self._tops() for each in _with_those_below(top))

    def plan(self, select: Select, name: str, folder: str) -> ModelPlan:
        if _NAME.fullmatch(name) is None:
            said = f"'{name}' is no name for a model: lower-case letters, digits and _, and no digit first"
            raise UsageError(said, remedy="choose another name")
        where, manifest = self._folder(folder), self._manifest()
        self._refuse_taken(manifest, name)
        file = where / f"{name}.sql"
        if os.path.lexists(file):
            raise UsageError(f"{file} is there already, and stays as it is", remedy="choose another name")
        reads = tuple(self._read(manifest, table) for table in select.tables)
        return ModelPlan(
            name=name,
            folder=os.path.relpath(where, self._dbt_dir),
            path=str(file),
            shown=os.path.relpath(file, self._place.project.root),
            sql=select.sql,
            text=file_text(select.sql, [each.word for each in reads if each.word]),
            reads=reads,
            notes=tuple(_notes(reads)),
        )

    def write(self, plan: ModelPlan) -> None:
        file = Path(plan.path)
        try:
            with file.open("x", encoding="utf-8", newline="\n") as made:
                try:
                    made.write(plan.text)
                    made.flush()
                except OSError:
                    file.unlink()
                    raise
        except FileExistsError as error:
            raise UsageError(f"{file} is there already, and stays as it is", remedy="choose another name") from error
        except OSError as error:
            raise UsageError(f"{file} cannot be written: {error.strerror or error}") from error

    def take_back(self, plan: ModelPlan) -> None:
        file = Path(plan.path)
        if file.is_file() and file.read_text(encoding="utf-8") == plan.text:
            file.unlink()

    def asset(self, plan: ModelPlan) -> str:
        file = os.path.relpath(plan.path, self._dbt_dir)
        made = (each for each in self._manifest().nodes.values() if each.materialized)
        return next((key_of(each.as_mapping()) for each in made if each.original_file_path == file), "")

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _manifest(self) -> _Manifest:
        return msgspec.json.decode(self._place.manifest.read_bytes(), type=_Manifest)

    def _tops(self) -> tuple[Path, ...]:
        """Folders of models, as the project names them. Raises UsageError: none of them is there."""
        said = read_yaml(self._dbt_dir / DBT_FILE).get("model-paths") or ["models"]
        named = [str(each) for each in (said if isinstance(said, list) else [said])]
        found = tuple(folder for each in named if (folder := (self._dbt_dir / each).resolve()).is_dir())
        if not found:
            raise UsageError(f"there is no folder {named[0]} yet", remedy=f"mkdir -p {self._dbt_dir / named[0]}")
        return found

    def _folder(self, typed: str) -> Path:
        """From the dbt folder, or from a folder of models; the first of those where nothing is said."""
        tops = self._tops()
        if not typed:
            return tops[0]
        tried = [(above / typed).resolve() for above in (self._dbt_dir, *tops)]
        for folder in tried:
            if folder.is_dir() and any(folder.is_relative_to(top) for top in tops):
                return folder
        known = self.folders()
        some = ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
        raise UsageError(f"'{typed}' is no folder of models; there are {some}", remedy="--folder FOLDER")

    def _refuse_taken(self, manifest: _Manifest, name: str) -> None:
        every = [*manifest.nodes.values(), *(each for some in manifest.disabled.values() for each in some)]
        for each in every:
            if each.resource_type in _TABLES and name.casefold() in (
                each.name.casefold(),
                (each.alias or "").casefold(),
            ):
                raise UsageError(
                    f"the project has a {each.resource_type} {name} already, in {each.original_file_path}",
                    remedy="choose another name",
                )

    def _read(self, manifest: _Manifest, table: str) -> ModelRead:
        """Its own nodes first: a source may be declared over one of them."""
        made = (each for each in manifest.nodes.values() if each.materialized)
        for each in (*made, *manifest.sources.values()):
            if str(table_of(each.as_mapping())).casefold() == table.casefold():
                return ModelRead(table, self._word(each))
        return ModelRead(table)

    def _word(self, node: _Node) -> str:
        """What dbt calls it in Jinja."""
        if node.resource_type == "source":
            return f"source({node.source_name!r}, {node.name!r})"
        if node.access == "private":
            raise UsageError(
                f"{node.name} is private to its group: dbt lets no other model read it",
                remedy=f"give the group's models in {node.original_file_path} another access",
            )
        package = () if node.package_name == self._place.project.name else (repr(node.package_name),)
        version = () if node.version is None else (f"v={node.version!r}",)
        return f"ref({', '.join((*package, repr(node.name), *version))})"


def file_text(sql: str, words: Sequence[str]) -> str:
    """The statement as it is, below what dbt is to know of it: a comment for the database, and a dependency for dbt.

    Raises:
        UsageError: dbt would read the statement as something else, whatever is done.

    Source: dbt docs, "About ref function"; Jinja's "Template Designer Documentation", "Escaping".
    """
    head = "".join(f"-- depends_on: {{{{ {word} }}}}\n" for word in dict.fromkeys(words))
    gap = "\n" if head else ""
    if _kinds(sql) == [("data", sql)]:
        return f"{head}{gap}{sql}\n"
    kinds = _kinds(f"{{% raw %}}\n{sql}\n{{% endraw %}}")
    if [kind for kind, _ in kinds] != ["raw_begin", "data", "raw_end"] or kinds[1][1] != f"\n{sql}\n":
        raise UsageError(
            "dbt would not leave that statement as it is: it has an endraw of Jinja's, or ends of line of another kind",
            remedy="write it without",
        )
    return f"{head}{gap}{{% raw %}}\n{sql}\n{{% endraw %}}\n"


def _kinds(text: str) -> list[tuple[str, str]]:
    """What Jinja takes the parts of a text for; nothing where it takes offence."""
    from jinja2 import Environment, TemplateSyntaxError

    try:
        return [(kind, part) for _, kind, part in Environment(autoescape=True).lex(text)]
    except TemplateSyntaxError:
        return []


def _with_those_below(top: Path) -> Iterator[Path]:
    for at, folders, _ in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        yield Path(at)


def _notes(reads: Sequence[ModelRead]) -> Iterator[str]:
    unknown = ", ".join(each.table for each in reads if not each.word)
    if unknown:
        yield f"dbt does not know {unknown}, so nothing waits for it and no lineage leads to it"
