"""Panes draw a slice of state and send messages up; none fetches."""
