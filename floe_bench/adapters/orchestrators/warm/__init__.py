"""A warm parent: a process that has imported dbt and Dagster and forks a child for every program that is asked for.

Imports are most of what a dbt or a Dagster start costs. The parent never opens a connection, an instance or a thread,
so its children start clean, each for one invocation.
"""
