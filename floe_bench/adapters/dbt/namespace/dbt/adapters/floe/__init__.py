"""Where dbt looks for the adapter of ``type: floe``. The adapter itself lives in ``floe_bench.adapters.dbt``."""

from floe_bench.adapters.dbt import plugin

Plugin = plugin()
