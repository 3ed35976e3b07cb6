"""What is wrong with a table, from its metadata and the plans that would mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from floe_bench.dataclass import dataclass
from floe_bench.model.anatomy import Anatomy, Partition
from floe_bench.model.command import to_type
from floe_bench.model.finding import FindingState
from floe_bench.model.health import Loss, Survey, Symptom
from floe_bench.model.maintenance import CompactPlan, ExpirePlan, ManifestPlan, OrphanPlan

_OK, _WARN, _FAIL, _SKIP = FindingState.OK, FindingState.WARN, FindingState.FAIL, FindingState.SKIP
FEWER_FILES = 4
"""Iceberg's own rewrite takes five files to be worth one."""
DELETED_SHARE = 0.1
FILES_PER_MANIFEST = 8
MANY_MANIFESTS = 30
SKEW = 10
FEW_PARTITIONS = 4
MANY_SNAPSHOTS = 20
MANY_METADATA_FILES = 100
"""Iceberg's default for ``write.metadata.previous-versions-max``."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Plans are text where they could not be made: why. ``maker`` is the command that makes all rows anew; empty where
    no model does."""

    anatomy: Anatomy
    partitions: tuple[Partition, ...]
    compact: CompactPlan | str
    manifests: ManifestPlan | str
    expire: ExpirePlan | str
    survey: Survey | str
    maker: str = ""


def symptoms(looked: Looked) -> Iterator[Symptom]:
    anatomy = looked.anatomy
    if anatomy.faults:
        yield Symptom("readable", _FAIL, anatomy.faults[0], to_type("files", anatomy.table))
        if not isinstance(looked.survey, str) and looked.survey.loss.lost:
            yield _missing(anatomy, looked.survey.loss, looked.maker)
        return
    yield Symptom(
        "readable", _OK, f"{_many(anatomy.totals.manifests, 'manifest file')}, all that the current snapshot has"
    )
    survey = looked.survey
    yield _missing(anatomy, survey if isinstance(survey, str) else survey.loss, looked.maker)
    yield _small_files(anatomy, looked.compact)
    yield _deletes(anatomy, looked.compact)
    yield _manifests(anatomy, looked.manifests)
    yield _skew(looked.partitions)
    yield _snapshots(anatomy, looked.expire)
    yield _metadata(anatomy)
    yield _orphans(anatomy, survey if isinstance(survey, str) else survey.orphans)


def symptoms_then(anatomy: Anatomy, partitions: Sequence[Partition], loss: Loss | str) -> Iterator[Symptom]:
    """Of an older snapshot. Nothing mends the past, and plans are made for the table as it is. ``loss`` is text where
    that could not be looked at: why."""
    if anatomy.faults:
        yield Symptom("readable", _FAIL, anatomy.faults[0])
        if not isinstance(loss, str) and loss.lost:
            yield _missing_then(loss)
        return
    manifests = _many(anatomy.totals.manifests, "manifest file")
    yield Symptom("readable", _OK, f"{manifests}, all that this snapshot has")
    yield _missing_then(loss)
    for found in (_deletes(anatomy, ""), _manifests(anatomy, ""), _skew(partitions)):
        yield replace(found, fix="", effect="")
    for check in ("small files", "snapshots", "metadata growth", "orphans"):
        yield Symptom(check, _SKIP, "told of the table as it is only")


def _missing(anatomy: Anatomy, loss: Loss | str, maker: str) -> Symptom:
    if isinstance(loss, str) or not loss.lost:
        return _none_missing(loss)
    if not loss.whole:
        effect = f"none of its {_many(loss.line, 'snapshot')} is whole: what made those rows has to make them again"
        return Symptom("missing files", _FAIL, _lost(loss), maker, effect)
    effect = f"back to the newest that is whole, of {len(loss.whole)} in {_many(loss.line, 'snapshot')}"
    fix = to_type("rollback", anatomy.table, "--to", loss.whole[0])
    return Symptom("missing files", _FAIL, _lost(loss), fix, effect)


def _missing_then(loss: Loss | str) -> Symptom:
    if isinstance(loss, str) or not loss.lost:
        return _none_missing(loss)
    whole = f"the newest before it that is whole is {loss.whole[0]}" if loss.whole else "none before it is whole"
    return Symptom("missing files", _FAIL, _lost(loss), "", whole)


def _none_missing(loss: Loss | str) -> Symptom:
    if isinstance(loss, str):
        return Symptom("missing files", _SKIP, loss)
    if loss.snapshot_id is None:
        return Symptom("missing files", _OK, "none: it was never written")
    data, deletes, manifests = (f"{number:,}" for number in loss.looked_for)
    said = f"none of {data} data, {deletes} delete and {manifests} manifest files"
    return Symptom("missing files", _OK, f"{said}{_aside(loss)}")


def _lost(loss: Loss) -> str:
    """What is gone, and what it held."""
    said = list[str]()
    if loss.gone:
        data = len(loss.gone) - loss.deletes
        held = [f"{_many(data, 'data file')} with {_many(loss.rows, 'row')}"] if data else []
        if loss.deletes:
            held.append(f"{_many(loss.deletes, 'delete file')} with {_many(loss.deleted, 'row-level delete')}")
        of = f"{len(loss.gone):,} of {_many(loss.files, 'file')} gone from the store"
        said.append(f"{of}, {' and '.join(held)}: {_named(loss.gone)}")
    if loss.unread:
        what = "the list of its manifest files is" if loss.unlisted else _are(len(loss.unread), "manifest file")
        unknown = f"{_many(loss.unknown_files, 'file')} with {_many(loss.unknown_rows, 'row')}"
        said.append(f"{what} gone or unreadable, which led to {unknown}: {_named(loss.unread)}")
    return f"{'; '.join(said)}{_aside(loss)}"


def _aside(loss: Loss) -> str:
    return f", {_many(loss.elsewhere, 'file')} elsewhere not looked for" if loss.elsewhere else ""


def _named(paths: Sequence[str]) -> str:
    return paths[0].rpartition("/")[2] + (", …" if len(paths) > 1 else "")


def _are(number: int, noun: str) -> str:
    return f"{_many(number, noun)} {'is' if number == 1 else 'are'}"


def _small_files(anatomy: Anatomy, plan: CompactPlan | str) -> Symptom:
    if isinstance(plan, str):
        return Symptom("small files", _SKIP, plan)
    said = f"{plan.files} of {_many(plan.data_files, 'data file')} under {plan.small_bytes // 2**20} MiB"
    if plan.whole or not plan.files:
        return Symptom("small files", _OK, f"{_many(plan.data_files, 'data file')}, none to rewrite for its size")
    if plan.files - plan.files_after < FEWER_FILES:
        return Symptom("small files", _OK, f"{said}, too few to be worth rewriting")
    fix, effect = to_type("compact", anatomy.table), f"{plan.files} files → about {plan.files_after}, same rows"
    return Symptom("small files", _WARN, said, fix, effect)


def _deletes(anatomy: Anatomy, plan: CompactPlan | str) -> Symptom:
    totals = anatomy.totals
    if not totals.delete_files:
        return Symptom("row-level deletes", _OK, "none")
    share = totals.deleted_records / totals.records if totals.records else 1.0
    deletes, data = _many(totals.delete_files, "delete file"), _many(totals.data_files, "data file")
    said = f"{deletes} for {data}, {share:.0%} of the records"
    if totals.equality_deletes:
        return Symptom("row-level deletes", _WARN, said, "", "compact it with the engine that wrote equality deletes")
    if share < DELETED_SHARE and totals.delete_files < max(2, totals.data_files):
        return Symptom("row-level deletes", _OK, said)
    if isinstance(plan, str):
        return Symptom("row-level deletes", _WARN, said, "", plan)
    effect = f"{deletes} and {_many(totals.deleted_records, 'deleted record')} are gone"
    return Symptom("row-level deletes", _WARN, said, to_type("compact", anatomy.table), effect)


def _manifests(anatomy: Anatomy, plan: ManifestPlan | str) -> Symptom:
    totals = anatomy.totals
    files = totals.data_files + totals.delete_files
    said = f"{totals.manifests} for {_many(files, 'file')}"
    if totals.manifests <= MANY_MANIFESTS or files / totals.manifests >= FILES_PER_MANIFEST:
        return Symptom("manifest files", _OK, said)
    if isinstance(plan, str) or plan.idle:
        return Symptom(
            "manifest files", _WARN, said, "", plan if isinstance(plan, str) else "none of them can be joined"
        )
    effect = f"{plan.manifests} → {plan.after}, same files; a query opens each before it reads a row"
    return Symptom("manifest files", _WARN, said, to_type("rewrite-manifests", anatomy.table), effect)


def _skew(partitions: Sequence[Partition]) -> Symptom:
    if len(partitions) < FEW_PARTITIONS:
        return Symptom("partition skew", _OK, _many(len(partitions), "partition"))
    largest, middle = partitions[0], median(each.bytes for each in partitions)
    share = largest.bytes / (sum(each.bytes for each in partitions) or 1)
    said = f"the largest of {len(partitions)}, {largest.partition}, holds {share:.0%} of the bytes"
    if largest.bytes < SKEW * middle:
        return Symptom("partition skew", _OK, said)
    return Symptom("partition skew", _WARN, said, "", f"{largest.bytes / (middle or 1):.0f} times the median")


def _snapshots(anatomy: Anatomy, plan: ExpirePlan | str) -> Symptom:
    if isinstance(plan, str):
        return Symptom("snapshots", _SKIP, plan)
    oldest = f", the oldest of {anatomy.oldest_at:%Y-%m-%d}" if anatomy.oldest_at is not None else ""
    said = f"{anatomy.snapshots:,} kept{oldest}, {len(plan.going):,} of them may go"
    if not plan.going or (len(plan.going) < MANY_SNAPSHOTS and plan.bytes < anatomy.totals.bytes):
        return Symptom("snapshots", _OK, said)
    effect = f"{_many(len(plan.going), 'snapshot')} and {_many(plan.files, 'file')} ({plan.bytes:,} bytes) are gone"
    return Symptom("snapshots", _WARN, said, to_type("expire", anatomy.table), effect)


def _metadata(anatomy: Anatomy) -> Symptom:
    said = f"{_many(anatomy.metadata_files, 'metadata file')} listed"
    if anatomy.metadata_files <= MANY_METADATA_FILES + 1:
        return Symptom("metadata growth", _OK, said)
    effect = "set write.metadata.previous-versions-max where the table is made"
    return Symptom("metadata growth", _WARN, said, "", effect)


def _orphans(anatomy: Anatomy, plan: OrphanPlan | str) -> Symptom:
    if isinstance(plan, str):
        return Symptom("orphans", _SKIP, plan)
    young = f", {plan.young} younger ones passed over" if plan.young else ""
    if not plan.orphans:
        return Symptom("orphans", _OK, f"none{young}")
    said = f"{_many(len(plan.orphans), 'file')} that nothing reaches{young}"
    effect = f"{_many(len(plan.orphans), 'file')} ({plan.bytes:,} bytes) are gone"
    return Symptom("orphans", _WARN, said, to_type("orphans", anatomy.table), effect)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
