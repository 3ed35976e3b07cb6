"""One lakehouse, and what one Spark made in it, for all tests here."""

from tests.contracts.lakehouse import lakehouse as lakehouse
from tests.slow.on_spark import corpus as corpus
