"""Our colours, and what each tone of the renderers looks like under any theme."""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style
from textual.theme import Theme

from floe_bench.tui.render.text import Tone

FLOE_DARK = Theme(
    name="floe-dark",
    primary="#39c5cf",
    secondary="#58a6ff",
    accent="#39c5cf",
    success="#3fb950",
    warning="#d29922",
    error="#f85149",
    foreground="#d7dee6",
    background="#0d1117",
    surface="#161b22",
    panel="#161b22",
    variables={
        "line": "#30363d",
        "line-lit": "#39c5cf",
        "soft": "#8b949e",
        "bar": "#161b22",
        "scrollbar": "#30363d",
        "scrollbar-hover": "#484f58",
        "scrollbar-active": "#39c5cf",
        "scrollbar-background": "#0d1117",
        "scrollbar-background-hover": "#0d1117",
        "scrollbar-background-active": "#0d1117",
    },
)

VARIABLE_DEFAULTS = {"line": "ansi_bright_black", "line-lit": "ansi_cyan", "soft": "ansi_white", "bar": "ansi_default"}
"""For themes that are not ours."""

_TRUE = {
    Tone.TEXT: "#d7dee6",
    Tone.SOFT: "#8b949e",
    Tone.FAINT: "#59626d",
    Tone.OK: "#3fb950",
    Tone.RUN: "#58a6ff",
    Tone.WARN: "#d29922",
    Tone.BAD: "#f85149",
    Tone.ID: "#a371f7",
    Tone.LIT: "#39c5cf",
    Tone.BADGE: "#0d1117 on #39c5cf",
    Tone.ALERT: "#0d1117 on #d29922",
}
_ANSI = {
    Tone.TEXT: "default",
    Tone.SOFT: "white",
    Tone.FAINT: "bright_black",
    Tone.OK: "green",
    Tone.RUN: "bright_blue",
    Tone.WARN: "yellow",
    Tone.BAD: "red",
    Tone.ID: "magenta",
    Tone.LIT: "cyan",
    Tone.BADGE: "black on cyan",
    Tone.ALERT: "black on yellow",
}


@lru_cache(maxsize=64)
def style_of(tone: Tone, bold: bool, ansi: bool) -> Style:
    return Style.parse((_ANSI if ansi else _TRUE)[tone]) + Style(bold=bold or None)


def cursor_style(ansi: bool, lit: bool) -> Style:
    """Of the line under the cursor; brighter in the pane that has the focus."""
    if ansi:
        return Style(reverse=True) if lit else Style(underline=True)
    return Style.parse("on #1f2f40" if lit else "on #161d26")
