"""One look at one thing, and what comes of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from floe_bench.errors import BenchError, ParseFailed
from floe_bench.model.finding import Finding, FindingState

log = logging.getLogger(__name__)

_SENT_HERE = "floe-bench doctor"
"""The remedy of errors that leave the diagnosis to the doctor: here it would go round in a circle."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The outcome of one look; ``fix`` is a command or an edit, empty when all is well."""

    state: FindingState
    detail: str
    fix: str = ""


def well(detail: str) -> Seen:
    return Seen(FindingState.OK, detail)


def warned(detail: str, *, fix: str) -> Seen:
    return Seen(FindingState.WARN, detail, fix)


def failed(detail: str, *, fix: str) -> Seen:
    return Seen(FindingState.FAIL, detail, fix)


@dataclass(frozen=True, slots=True)
class Check:
    """``look`` may raise and may hang. ``fix`` is for what it raises without a remedy of its own.

    ``needs`` are names of earlier checks; ``limit_s`` includes waiting for a bench that still boots.
    """

    name: str
    look: Callable[[], Seen]
    fix: str
    needs: tuple[str, ...] = ()
    limit_s: float = 15.0


def found(checks: Iterable[Check]) -> Iterator[Finding]:
    broken: set[str] = set()
    for check in checks:
        waits_for = [name for name in check.needs if name in broken]
        seen = Seen(FindingState.SKIP, f"waits for {' and '.join(waits_for)}") if waits_for else _looked(check)
        if seen.state in (FindingState.FAIL, FindingState.SKIP):
            broken.add(check.name)
        yield Finding(check.name, seen.state, seen.detail, seen.fix)


def _looked(check: Check) -> Seen:
    """A look that never returns is left behind on its thread."""
    answers: list[Seen] = []
    thread = threading.Thread(target=lambda: answers.append(_outcome(check)), name="doctor", daemon=True)
    thread.start()
    thread.join(check.limit_s)
    return answers[0] if answers else failed(f"no answer within {check.limit_s:.0f} s", fix=check.fix)


def _outcome(check: Check) -> Seen:
    try:
        return check.look()
    except BenchError as error:
        return failed(_sentence(error), fix=_fix(error) or check.fix)
    except Exception as error:  # noqa: BLE001 - whatever one thing raises is that thing's finding and hides no other
        log.warning("the check '%s' raised %s", check.name, type(error).__name__)
        said = str(error).strip().splitlines() or ["it gave no reason"]
        return failed(f"{type(error).__name__}: {said[0]}", fix=check.fix)


def _sentence(error: BenchError) -> str:
    text = "; ".join(line.strip() for line in error.message.splitlines() if line.strip())
    return f"{text} ({error.where})" if error.where and error.where not in text else text


def _fix(error: BenchError) -> str:
    if isinstance(error, ParseFailed) and error.where and not error.remedy.startswith("dbt "):
        return f"edit {error.where}"
    return "" if error.remedy == _SENT_HERE else error.remedy
