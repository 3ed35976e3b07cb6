"""Keys of a field, done before the letters that were typed behind them."""

from __future__ import annotations

from textual import events
from textual.widget import Widget


async def done_at_once(field: Widget, event: events.Key) -> bool:
    """Whether the key is one of the field's own, and was done. Textual sends it up to the app first, and a letter that
    was typed right behind a backspace would come before it."""
    own = field._bindings.key_to_bindings.get(event.key, [])
    if not own:
        return False
    event.stop()
    event.prevent_default()
    for binding in own:
        await field.app.run_action(binding.action, field)
    return True
