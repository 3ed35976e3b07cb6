"""The services of the stack, one by one: the bench's verbs."""

from __future__ import annotations

from typing import Protocol

from floe_bench.model.stack import StackStatus


class ServiceVerbs(Protocol):
    """``service`` is a service's word or its name, whatever the case. Logs: ``Bench.logs`` with its word as source."""

    def status(self) -> StackStatus:
        """As ``Bench.status``, with what memory each service takes."""

    def restart(self, service: str) -> StackStatus:
        """Start it again, also one that was stopped, and wait until the lakehouse is whole.

        Raises:
            NoSuchService: names those there are.
            StackUnavailable: somebody else runs this stack.
            StackNotReady: it did not come back, with its last words.
        """

    def stop(self, service: str) -> StackStatus:
        """Stop it, and leave it so until ``restart`` or the next start of the stack.

        Raises: NoSuchService, StackUnavailable.
        """
