"""Finding the project in front of the user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from floe_bench.config.document import line_of, place, read_yaml
from floe_bench.errors import ConfigInvalid, NoProject
from floe_bench.model.command import to_type
from floe_bench.model.project import Project

DBT_FILE = "dbt_project.yml"
PRODUCT_FILE = "floe.yaml"
SETTINGS_FILE = "floe-bench.toml"
STATE_FOLDER = ".floe-bench"

_DEMO = "floe-bench demo"
_ROOT_MARKS = (PRODUCT_FILE, SETTINGS_FILE, STATE_FOLDER)
# Above the working folder a dbt project one level below is somebody else's, unless the folder is marked as one whole.
_WHOLE_MARKS = (*_ROOT_MARKS, ".git")


def find_project(path: Path | None = None) -> Project:
    """The project of a folder; without ``path`` the nearest one from the working folder up.

    A project is a folder with ``dbt_project.yml``, or with exactly one such folder directly below, or a floe product
    (``floe.yaml``), which may name its dbt folder.

    Raises:
        NoProject: nothing there, or more than one candidate, which are listed.
        ConfigInvalid: ``dbt_project.yml`` or ``floe.yaml`` cannot be read; with file and line.
    """
    if path is None:
        return _nearest(Path.cwd())
    folder = path.expanduser().resolve()
    if folder.name in (DBT_FILE, PRODUCT_FILE):
        folder = folder.parent
    if not folder.is_dir():
        raise NoProject(f"there is no folder {path}", remedy=_DEMO)
    dbt_dir = _dbt_dir(folder)
    if dbt_dir is None:
        raise NoProject(f"no {DBT_FILE} in {path} or one level below", remedy=_DEMO)
    return _opened(folder, dbt_dir)


def _nearest(start: Path) -> Project:
    for folder in (start, *start.parents):
        if folder != start and not (_has(folder, DBT_FILE) or _marked(folder, _WHOLE_MARKS)):
            continue
        dbt_dir = _dbt_dir(folder)
        if dbt_dir is not None:
            return _opened(_root_of(folder, dbt_dir), dbt_dir)
    raise NoProject(f"no {DBT_FILE} in {start}, one level below or above", remedy=_DEMO)


def _root_of(folder: Path, dbt_dir: Path) -> Path:
    """A dbt folder inside a product opens the product: one project must not get two lakehouses."""
    parent = folder.parent
    if folder == dbt_dir and not _marked(folder, _ROOT_MARKS) and _marked(parent, _ROOT_MARKS):
        return parent if _dbt_dir(parent) == dbt_dir else folder
    return folder


def _dbt_dir(folder: Path) -> Path | None:
    product = folder / PRODUCT_FILE
    named = _named_dbt_dir(product) if _has(folder, PRODUCT_FILE) else None
    if named is not None:
        return named
    if _has(folder, DBT_FILE):
        return folder
    below = sorted(child for child in _children(folder) if _has(child, DBT_FILE))
    if len(below) > 1:
        names = ", ".join(child.name for child in below)
        raise NoProject(f"{folder} holds several dbt projects: {names}", remedy=to_type("--project", below[0].name))
    return below[0] if below else None


def _named_dbt_dir(product: Path) -> Path | None:
    """The dbt folder that ``floe.yaml`` names, in any of its dialects; None when it names none."""
    data = read_yaml(product)
    sections = (_mapping(_mapping(data, "orchestration"), "dbt"), _mapping(data, "dbt"))
    named = [section["project_dir"] for section in sections if "project_dir" in section]
    transforms = data.get("transforms")
    for transform in transforms if isinstance(transforms, list) else ():
        if isinstance(transform, dict) and transform.get("type") == "dbt" and "path" in transform:
            named.append(transform["path"])
    if not named:
        return None
    folder = (product.parent / str(named[0])).resolve()
    if not _has(folder, DBT_FILE):
        where = place(product, line_of(product, "project_dir"))
        raise ConfigInvalid(f"{PRODUCT_FILE} names {named[0]} as dbt folder, and it has no {DBT_FILE}", where=where)
    return folder


def _opened(root: Path, dbt_dir: Path) -> Project:
    file = dbt_dir / DBT_FILE
    data = read_yaml(file)
    name = data.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[^\W\d]\w*", name):
        where = place(file, line_of(file, "name"))
        seen = "has no name" if name is None else f"has the name {name!r}"
        raise ConfigInvalid(
            f"{DBT_FILE} {seen}: dbt wants letters, digits and underscores", remedy=f"edit {where}", where=where
        )
    profile = data.get("profile")
    # A profile that dbt renders from its environment is not ours to guess: the bench always passes its own.
    known = isinstance(profile, str) and profile and "{{" not in profile
    return Project(
        name=name, root=root, dbt_dir=dbt_dir, namespace=namespace_of(name), profile=str(profile) if known else name
    )


def namespace_of(name: str) -> str:
    """An Iceberg namespace that every catalog accepts."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def _mapping(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _marked(folder: Path, marks: tuple[str, ...]) -> bool:
    return any(_there(folder / mark) for mark in marks)


def _has(folder: Path, name: str) -> bool:
    file = folder / name
    return _there(file) and file.is_file()


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that may not be entered holds no project for this user
        return False


def _children(folder: Path) -> tuple[Path, ...]:
    try:
        return tuple(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))
    except OSError:
        return ()
