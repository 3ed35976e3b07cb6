"""Runs whose tables are branches, to be published or thrown away."""
