"""Our colours, and what each tone of the renderers looks like under any theme."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
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


def _theme(name: str, *, dark: bool, lit: str, line: str, soft: str, bar: str, tones: Mapping[Tone, str]) -> Theme:
    """A theme from a few colours of its own and the tones that the renderers use."""
    text, ground = tones[Tone.TEXT], tones[Tone.BADGE].split(" on ")[0] if dark else _PAPER
    return Theme(
        name=name,
        dark=dark,
        primary=lit,
        secondary=tones[Tone.RUN],
        accent=lit,
        success=tones[Tone.OK],
        warning=tones[Tone.WARN],
        error=tones[Tone.BAD],
        foreground=text,
        background=ground,
        surface=bar,
        panel=bar,
        variables={
            "line": line,
            "line-lit": lit,
            "soft": soft,
            "bar": bar,
            "scrollbar": line,
            "scrollbar-hover": soft,
            "scrollbar-active": lit,
            "scrollbar-background": ground,
            "scrollbar-background-hover": ground,
            "scrollbar-background-active": ground,
        },
    )


VARIABLE_DEFAULTS = {"line": "ansi_bright_black", "line-lit": "ansi_cyan", "soft": "ansi_white", "bar": "ansi_default"}
"""For themes that are not ours."""


class Palette(StrEnum):
    """Which colours the tones have."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"
    ANSI = "ansi"
    """The terminal's own sixteen."""


_PAPER = "#ffffff"
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
_LIGHT = {
    Tone.TEXT: "#1f2328",
    Tone.SOFT: "#57606a",
    Tone.FAINT: "#7d8590",
    Tone.OK: "#1a7f37",
    Tone.RUN: "#0969da",
    Tone.WARN: "#9a6700",
    Tone.BAD: "#cf222e",
    Tone.ID: "#8250df",
    Tone.LIT: "#0b7285",
    Tone.BADGE: "#ffffff on #0b7285",
    Tone.ALERT: "#ffffff on #9a6700",
}
_CONTRAST = {
    Tone.TEXT: "#ffffff",
    Tone.SOFT: "#e0e0e0",
    Tone.FAINT: "#b8b8b8",
    Tone.OK: "#5dff7e",
    Tone.RUN: "#7cc4ff",
    Tone.WARN: "#ffd24a",
    Tone.BAD: "#ff8a80",
    Tone.ID: "#d9b8ff",
    Tone.LIT: "#00ffff",
    Tone.BADGE: "#000000 on #00ffff",
    Tone.ALERT: "#000000 on #ffd24a",
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
_TONES = {Palette.DARK: _TRUE, Palette.LIGHT: _LIGHT, Palette.CONTRAST: _CONTRAST, Palette.ANSI: _ANSI}
_CURSOR = {
    Palette.DARK: ("on #1f2f40", "on #161d26"),
    Palette.LIGHT: ("on #cfe8ee", "on #eef1f4"),
    Palette.CONTRAST: ("on #005f87", "on #303030"),
}
FLOE_LIGHT = _theme(
    "floe-light", dark=False, lit="#0b7285", line="#afb8c1", soft="#57606a", bar="#eaeef2", tones=_LIGHT
)
FLOE_CONTRAST = _theme(
    "floe-contrast", dark=True, lit="#00ffff", line="#c0c0c0", soft="#e0e0e0", bar="#1c1c1c", tones=_CONTRAST
)
OURS = (FLOE_DARK, FLOE_LIGHT, FLOE_CONTRAST)
THEMES = {
    FLOE_DARK.name: Palette.DARK,
    FLOE_LIGHT.name: Palette.LIGHT,
    FLOE_CONTRAST.name: Palette.CONTRAST,
    "ansi-dark": Palette.ANSI,
}
"""The themes that the key goes through."""


def palette_for(theme: str, *, ansi: bool, dark: bool) -> Palette:
    """Of any theme, ours or not."""
    if ansi:
        return Palette.ANSI
    return THEMES.get(theme, Palette.DARK if dark else Palette.LIGHT)


@lru_cache(maxsize=128)
def style_of(tone: Tone, bold: bool, palette: Palette) -> Style:
    return Style.parse(_TONES[palette][tone]) + Style(bold=bold or None)


def cursor_style(palette: Palette, lit: bool) -> Style:
    """Of the line under the cursor; brighter in the pane that has the focus."""
    if palette is Palette.ANSI:
        return Style(reverse=True) if lit else Style(underline=True)
    return Style.parse(_CURSOR[palette][0 if lit else 1])
