"""What `tests/contracts/test_catalog_notice.py` claims, on stacks where nothing but the catalog tells of changes."""

from collections.abc import Iterator

import pytest
from test_catalog_notice import *  # noqa: F403
from test_catalog_notice import Lake, counted

from floe_bench.adapters.catalogs.rest import RestCatalogReader
from floe_bench.adapters.iceberg.catalog import open_catalog
from floe_bench.model.stack import Endpoints


@pytest.fixture
def lake(endpoints: Endpoints) -> Iterator[Lake]:
    reader = RestCatalogReader(endpoints)
    lake = Lake(None, reader, open_catalog(endpoints))
    with counted(reader, lake.asked):
        yield lake
    reader.close()


def test_a_catalog_that_knows_versions_answers_nothing_for_one_that_is_known(lake: Lake, name: TableName) -> None:  # noqa: F405
    """Where it gives no such tag (SeaweedFS) there is the small answer."""
    lake.table(name, 1)
    lake.reader.tables()
    answers: list[requests.Response] = []  # noqa: F405
    lake.reader._session()._session.hooks["response"].append(lambda answer, **options: answers.append(answer))
    lake.reader.tables()
    mine = [each for each in answers if f"/tables/{name.name}" in str(each.url)]
    assert mine
    assert all(each.status_code == 304 or "ETag" not in each.headers for each in mine)
