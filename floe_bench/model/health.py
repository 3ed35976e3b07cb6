"""How a table is, and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass

from floe_bench.model.finding import FindingState


@dataclass(frozen=True, slots=True)
class Symptom:
    """``fix`` is the command that mends it, ``effect`` what that would change, measured; both empty where it is well,
    ``fix`` also where no command mends it."""

    check: str
    state: FindingState
    detail: str
    fix: str = ""
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    table: str
    symptoms: tuple[Symptom, ...]

    @property
    def state(self) -> FindingState:
        """The worst of all."""
        found = {symptom.state for symptom in self.symptoms}
        return next((each for each in (FindingState.FAIL, FindingState.WARN) if each in found), FindingState.OK)
