"""The code of the selected node: as it was run, as it was written, and what changed since the run before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar

from textual.binding import Binding, BindingType

from floe_bench.model.code import Code, failing_line
from floe_bench.model.run import NodeRun
from floe_bench.state import BenchState
from floe_bench.tui.failure import failure_in, told
from floe_bench.tui.inspection import CODE_FACES, CodeOf, Inspection, Want, face_of
from floe_bench.tui.panes.line_list import Item
from floe_bench.tui.panes.tabs.subject import asset_of, subject_of
from floe_bench.tui.panes.tabs.tab import Tab, still
from floe_bench.tui.render import face, unit
from floe_bench.tui.render.code import change_lines, changed, code_lines, failing_at, language_of
from floe_bench.tui.render.text import BLANK, Line, Span, Tone, clean, wrap
from floe_bench.tui.view import View

_ROOMY = 100


class SqlTab(Tab):
    tab: ClassVar[str] = "sql"
    title: ClassVar[str] = "SQL"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "app.act('code_face')", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._revealed: object = None
        """What was last scrolled to its failing line: once, then the user scrolls."""

    @classmethod
    def want(cls, state: BenchState, view: View) -> Want | None:
        subject, asset = subject_of(state, view), asset_of(state, view)
        if subject is None:
            return None
        as_of = (asset.last_run_id, asset.checksum) if asset is not None and subject.run_id is None else None
        return CodeOf(subject.run_id, subject.node_id, as_of)

    def head(self, state: BenchState, view: View, width: int) -> Sequence[Line]:
        code = _code(view.inspection)
        return (_head(code, face_of(code, view.drawing.code), width),) if code is not None else ()

    def foot(self, state: BenchState, view: View) -> str:
        return "s compiled, source, change" if _code(view.inspection) is not None else ""

    def content(self, state: BenchState, view: View, width: int) -> Sequence[Item]:
        if subject_of(state, view) is None:
            return still(
                face.empty("One node at a time has code.", ("1", "select an asset"), ("2", "or a node of a run"))
            )
        code = _code(view.inspection)
        if code is None:
            return still(self.waiting(view.inspection, "reading the code", width) or ())
        return still(_lines(code, face_of(code, view.drawing.code), width, failure_in(state, code)), "code")

    def sync(self, state: BenchState, view: View) -> None:
        super().sync(state, view)
        code = _code(view.inspection)
        seen = (code, view.drawing.code, self.size)
        if view.tab != self.tab or code is None or seen == self._revealed:
            return
        self._revealed = seen
        at = failing_at([item.of for item in self.lines.items])
        if at is not None:
            self.call_after_refresh(self.lines.reveal, at)


def _code(inspection: Inspection | None) -> Code | None:
    return inspection.code if inspection is not None and isinstance(inspection.want, CodeOf) else None


def _head(code: Code, shown: str, width: int) -> Line:
    spans: list[Span] = []
    for name in CODE_FACES:
        here = name == shown
        spans.append(Span(name, Tone.LIT if here else Tone.FAINT, bold=here, act="code_face"))
        if name == "change" and code.previous is not None and code.compiled:
            came, gone = changed(code.previous, code.compiled)
            spans.append(
                Span(f" +{came} −{gone}" if came or gone else " none", Tone.WARN if came or gone else Tone.FAINT)
            )
        spans.append(Span("  "))
    path = code.path if width >= _ROOMY else PurePath(code.path).name
    if code.run_id and shown != "source":
        spans += [Span(" in run ", Tone.SOFT), Span(unit.short_run(code.run_id), Tone.ID)]
    return Line(tuple(spans), (Span(f"  {clean(path)}", Tone.SOFT),))


def _lines(code: Code, shown: str, width: int, failure: NodeRun | None) -> Sequence[Line]:
    if shown == "change":
        return _change(code, width)
    if shown == "compiled":
        if code.compiled:
            message = failure.message if failure is not None else ""
            failing = failing_line(code.compiled, message) if message else None
            lines = code_lines(code.compiled, "sql", width, failing, told(message))
            # Where no line is named the message stands above all of them.
            above = [Line((Span(each, Tone.BAD),)) for each in wrap(told(message), width)] if message else []
            return lines if failing else (*above, *([BLANK] if above else ()), *lines)
        if code.run_id:
            return face.empty(f"Run {unit.short_run(code.run_id)} did not compile it.", ("s", "shows the source"))
        return face.empty("Nothing compiled it yet.", ("m", "materializes it"), ("s", "shows the source"))
    if not code.source:
        return face.empty(f"There is no file {code.path} any more." if code.path else "Its source is not known.")
    return code_lines(code.source, language_of(code.path), width)


def _change(code: Code, width: int) -> Sequence[Line]:
    if code.kind in ("source", "seed", "unit_test", "python"):
        return face.empty(f"A {code.kind.replace('_', ' ')} is not compiled: runs keep nothing to compare.")
    if not code.compiled:
        return face.empty("Nothing compiled it yet.", ("m", "materializes it"))
    if code.previous is None:
        return face.empty("No earlier run compiled it.")
    before = unit.short_run(code.previous_run_id or "")
    lines = change_lines(code.previous, code.compiled, width)
    return lines or face.empty(f"The same as in run {before}.")
