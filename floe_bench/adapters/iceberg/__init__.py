"""Iceberg through the REST catalog: what every other adapter shares. It has no port, since it is not pluggable."""
