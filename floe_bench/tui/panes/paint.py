"""From toned spans to what Textual puts on the screen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip
from textual.style import Style as ContentStyle
from textual.widget import Widget

from floe_bench.tui.render.text import Span, clean, width_of
from floe_bench.tui.theme import Palette, palette_for, style_of


def ansi_of(widget: Widget) -> Palette:
    """The colours of the theme that ``widget`` is drawn in."""
    app = widget.app
    return palette_for(app.theme, ansi=app.native_ansi_color, dark=app.current_theme.dark)


def strip_of(spans: Iterable[Span], base: Style, *, ansi: Palette, over: Style | None = None) -> Strip:
    """``over`` goes on top of every span: the line of the cursor."""
    segments: list[Segment] = []
    width = 0
    for span in spans:
        if not span.text:
            continue
        style = base + style_of(span.tone, span.bold, ansi)
        if over is not None:
            style = style + over
        if span.act:
            style = style + Style.from_meta({"@click": f"app.act('{span.act}')"})
        segments.append(Segment(span.text, style))
        width += width_of((span,))
    return Strip(segments, width)


def content_of(spans: Iterable[Span], *, ansi: Palette) -> Content:
    """For borders, which want content and must not see markup."""
    parts: list[str | tuple[str, ContentStyle]] = []
    for span in spans:
        style = ContentStyle.from_rich_style(style_of(span.tone, span.bold, ansi))
        if span.act:
            style = style + ContentStyle.from_meta({"@click": f"app.act('{span.act}')"})
        parts.append((clean(span.text), style))
    return Content.assemble(*parts)
