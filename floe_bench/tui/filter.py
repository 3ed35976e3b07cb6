"""What the assets pane is narrowed to: words, and fields with a colon, all of which must hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from floe_bench.dataclass import dataclass
from floe_bench.model.asset import Asset, AssetStatus


@dataclass(frozen=True, slots=True)
class Term:
    """``field`` is empty for a plain word; ``values`` are alternatives; ``wanted`` is False after a minus."""

    field: str
    values: tuple[str, ...]
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """``problem`` says which word was not understood; that word narrows nothing."""

    terms: tuple[Term, ...] = ()
    problem: str = ""

    def keeps(self, asset: Asset, *, running: bool = False) -> bool:
        return all(_holds(term, asset, running) is term.wanted for term in self.terms)


def parse_filter(text: str) -> Filter:
    """``status:stale tag:finance,sales -kind:seed orders``: words and fields, in any order."""
    terms: list[Term] = []
    problem = ""
    for word in text.casefold().split():
        wanted = not word.startswith(("-", "!"))
        field, colon, value = word.lstrip("-!").partition(":")
        if not colon:
            terms += [Term("", (field,), wanted)] if field else []
        elif field not in FIELDS:
            problem = f"no field {field}: use {', '.join(FIELDS)}"
        elif value.strip(","):
            terms.append(Term(field, tuple(each for each in value.split(",") if each), wanted))
    return Filter(tuple(terms), problem)


def kept(assets: Iterable[Asset], text: str, *, running: Collection[str] = ()) -> tuple[Asset, ...]:
    """``running`` are the keys of assets that run now, whatever their last known status."""
    wanted = parse_filter(text)
    if not wanted.terms:
        return tuple(assets)
    return tuple(asset for asset in assets if wanted.keeps(asset, running=asset.asset in running))


def namespace_of(asset: Asset) -> str:
    return asset.table.rpartition(".")[0] or asset.group


def _holds(term: Term, asset: Asset, running: bool) -> bool:
    if not term.field:
        return term.values[0] in f"{asset.asset} {asset.table} {asset.kind}".casefold()
    if term.field == "status" and running:
        return any(AssetStatus.RUNNING.startswith(value) for value in term.values)
    have = [each.casefold() for each in FIELDS[term.field](asset)]
    if term.field in ("name", "path"):
        return any(value in each for each in have for value in term.values)
    return any(each.startswith(value) for each in have for value in term.values)


FIELDS: Mapping[str, Callable[[Asset], tuple[str, ...]]] = {
    "status": lambda asset: ("source", "external") if asset.status is AssetStatus.EXTERNAL else (asset.status.value,),
    "tag": lambda asset: asset.tags,
    "owner": lambda asset: asset.owners,
    "kind": lambda asset: (asset.kind,),
    "group": lambda asset: (asset.group,),
    "namespace": lambda asset: (namespace_of(asset),),
    "name": lambda asset: (asset.asset,),
    "path": lambda asset: (asset.path,),
}
