"""Where a check begins to fail, in as few evaluations as that takes."""

from __future__ import annotations

from collections.abc import Callable

from floe_bench.model.bisection import Evaluation, Verdict

Evaluate = Callable[[int], Evaluation]
"""The check at the moment of that index, from 0, the oldest."""


class Search:
    """Remembers what was evaluated, so that no moment is evaluated twice.

    A moment at which the check could not be evaluated counts as one at which it did not fail yet.
    """

    def __init__(self, moments: int, evaluate: Evaluate) -> None:
        self._moments, self._evaluate = moments, evaluate
        self._known: dict[int, Evaluation] = {}

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        return tuple(self._known[index] for index in sorted(self._known))

    @property
    def turns(self) -> tuple[int, ...]:
        """Places whose verdict is another than that of the moment before, where both are known."""
        known = self._known
        found = (index for index in sorted(known) if index - 1 in known)
        return tuple(known[index].place for index in found if known[index].verdict != known[index - 1].verdict)

    def fails(self, index: int) -> bool:
        return self.at(index).verdict is Verdict.FAILED

    def at(self, index: int) -> Evaluation:
        if index not in self._known:
            self._known[index] = self._evaluate(index)
        return self._known[index]

    def halving(self) -> int | None:
        """The index of a moment that fails right after one that does not; None when the newest does not fail.

        0 when the oldest fails. It is the only one if the check failed ever since; else one of several.
        """
        passing, failing = -1, self._moments - 1
        if not self.fails(failing):
            return None
        if self.fails(0):
            return 0
        passing = 0
        while failing - passing > 1:
            middle = (passing + failing) // 2
            if self.fails(middle):
                failing = middle
            else:
                passing = middle
        return failing

    def every(self) -> int | None:
        """The index of the first moment that fails; None when none does."""
        evaluations = [self.at(index) for index in range(self._moments)]
        return next((index for index, each in enumerate(evaluations) if each.verdict is Verdict.FAILED), None)
