"""One module a command, imported when its word is used."""
