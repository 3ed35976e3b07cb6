"""Pure: model in, lines of text out."""
