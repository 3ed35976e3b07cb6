"""Since which snapshot a check fails."""
