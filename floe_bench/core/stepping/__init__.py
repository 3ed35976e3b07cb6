"""Runs that are stepped: their order, what happens to it, where it stops, and what is kept on disk."""
