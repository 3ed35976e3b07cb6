"""A local-first workbench in the terminal for data engineers on Iceberg, dbt and Dagster."""

__version__ = "0.1.0"
