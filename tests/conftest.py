"""How property tests run, and what a file's tests leave behind, in every tier."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A machine that has other things to do is no fault of what is tested, and a run that finds something does so again: the
# examples are the same each time. Others are looked for with ``--hypothesis-profile=exploring``.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("exploring", settings.get_profile("patient"), derandomize=False)
settings.load_profile("patient")


@pytest.fixture(scope="module", autouse=True)
def collector() -> Iterator[None]:
    """App and engine tell their process's collector to look less often, and never again at what is there: here one
    process is hundreds of them, and the connections that their garbage holds would add up to over a thousand.
    """
    often = gc.get_threshold()
    yield
    gc.set_threshold(*often)
    gc.unfreeze()
    gc.collect()
