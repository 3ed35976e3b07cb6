"""How property tests run, in every tier."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A machine that has other things to do is no fault of what is tested, and a run that finds something does so again: the
# examples are the same each time. Others are looked for with ``--hypothesis-profile=exploring``.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("exploring", settings.get_profile("patient"), derandomize=False)
settings.load_profile("patient")
