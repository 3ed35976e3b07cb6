"""What `tests/contracts/test_connect_spark.py` claims, on every stack of containers."""

from test_connect_spark import *  # noqa: F403
