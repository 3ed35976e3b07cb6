"""How property tests run, in every tier."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A machine that has other things to do is no fault of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
