"""A lakehouse whose services are containers of this machine."""
