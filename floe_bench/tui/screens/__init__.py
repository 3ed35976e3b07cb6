"""Screens put panes in their places."""
