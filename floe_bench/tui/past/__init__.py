"""The bench as of a moment: what was then, worked out from what is known now; nothing here asks anybody."""
