"""What travels to the app: upward from panes, across from the bridge's threads."""

from __future__ import annotations

from textual.message import Message

from floe_bench.events import Event
from floe_bench.model.snapshot import Diff
from floe_bench.tui.inspection import Answer
from floe_bench.tui.view import Selection, Shares, Trouble


class Happened(Message):
    """Events wait in the inbox."""


class Linked(Message):
    """The engine answered."""

    def __init__(self, generation: int) -> None:
        super().__init__()
        self.generation = generation


class Unlinked(Message):
    """The engine could not be reached, or went away."""

    def __init__(self, generation: int, trouble: Trouble) -> None:
        super().__init__()
        self.generation = generation
        self.trouble = trouble


class Read(Message):
    """An answer to a numbered read."""

    def __init__(self, key: str, number: int, answer: Event | Diff | Answer | Trouble) -> None:
        super().__init__()
        self.key = key
        self.number = number
        self.answer = answer


class Done(Message):
    """A verb ended: ``text`` for the user, or what went wrong."""

    def __init__(self, verb: str, text: str, trouble: Trouble | None = None) -> None:
        super().__init__()
        self.verb = verb
        self.text = text
        self.trouble = trouble


class Closed(Message):
    """The client let go of the engine."""


class NodeChosen(Message):
    """The cursor of the order of a stepped run rests on an asset."""

    def __init__(self, asset: str) -> None:
        super().__init__()
        self.asset = asset


class Selected(Message):
    """The cursor of a pane came to rest on something."""

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self.selection = selection


class Entered(Message):
    """A place (a pane or the drawer) got the focus."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place


class Filtered(Message):
    """The filter as it is typed; ``done`` when the user leaves it."""

    def __init__(self, text: str, *, done: bool = False) -> None:
        super().__init__()
        self.text = text
        self.done = done


class Dragged(Message):
    """A border was moved: how the screen is divided now."""

    def __init__(self, shares: Shares) -> None:
        super().__init__()
        self.shares = shares


class Turned(Message):
    """The user wants the drawer's tabs another way: fields of ``Drawing``."""

    def __init__(self, **changed: object) -> None:
        super().__init__()
        self.changed = changed


class Looked(Message):
    """The user looks at something else on the table screen: fields of ``TableView``."""

    def __init__(self, **changed: object) -> None:
        super().__init__()
        self.changed = changed


class ServiceChosen(Message):
    """The cursor of the services rests on one."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service


class Tended(Message):
    """The user looks at something else on the stack screen: fields of ``StackView``."""

    def __init__(self, **changed: object) -> None:
        super().__init__()
        self.changed = changed


class Queried(Message):
    """The user types or looks at something else on the SQL screen: fields of ``SqlView``."""

    def __init__(self, **changed: object) -> None:
        super().__init__()
        self.changed = changed


class RowOpened(Message):
    """A row of a result is to be shown in full; None is all of them again."""

    def __init__(self, row: int | None) -> None:
        super().__init__()
        self.row = row


class MoreWanted(Message):
    """The end of what was read is in sight."""


class Copied(Message):
    """``text`` is for the clipboard; ``what`` says what it is."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what


class Asked(Message):
    """A part of the screen asks for a user action by name."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
