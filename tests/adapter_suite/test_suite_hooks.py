from __future__ import annotations

from typing import Any

from dbt.tests.adapter.hooks.test_model_hooks import (
    BaseDuplicateHooksInConfigs,
    BaseHookRefs,
    BaseHooksRefsOnSeeds,
    BasePrePostModelHooks,
    BasePrePostModelHooksInConfig,
    BasePrePostModelHooksInConfigKwargs,
    BasePrePostModelHooksInConfigWithCount,
    BasePrePostModelHooksOnSeeds,
    BasePrePostModelHooksOnSeedsPlusPrefixed,
    BasePrePostModelHooksOnSeedsPlusPrefixedWhitespace,
    BasePrePostModelHooksOnSnapshots,
    BasePrePostSnapshotHooksInConfigKwargs,
)
from dbt.tests.adapter.hooks.test_run_hooks import BasePrePostRunHooks
from suite_exceptions import excepted


class TestDuplicateHooksInConfigs(BaseDuplicateHooksInConfigs):
    pass


class TestHooksRefsOnSeeds(BaseHooksRefsOnSeeds):
    pass


class TestOnSeeds(BasePrePostModelHooksOnSeeds):
    pass


class TestOnSeedsPlusPrefixed(BasePrePostModelHooksOnSeedsPlusPrefixed):
    pass


class TestOnSeedsPlusPrefixedWhitespace(BasePrePostModelHooksOnSeedsPlusPrefixedWhitespace):
    pass


class TestOnSnapshots(BasePrePostModelHooksOnSnapshots):
    pass


class TestSnapshotHooksInConfigKwargs(BasePrePostSnapshotHooksInConfigKwargs):
    pass


class Checked:
    """The suite compares with a Postgres target's keys; what counts is that each hook ran, as often as it should."""

    def check_hooks(self, state: str, project: Any, host: str | None, count: int | None = None) -> None:
        found = self.get_ctx_vars(state, project=project, **({} if count is None else {"count": count}))
        rows = found if isinstance(found, list) else [found]
        assert [row["test_state"] for row in rows] == [state] * len(rows)
        assert {(row["target_type"], row["target_schema"]) for row in rows} == {("floe", project.test_schema)}


class Counted(Checked):
    def check_hooks(self, state: str, project: Any, host: str | None, count: int = 1) -> None:
        super().check_hooks(state, project, host, count)


@excepted("BasePrePostModelHooks")
class TestHooks(BasePrePostModelHooks):
    pass


class TestHookRefs(Counted, BaseHookRefs):
    pass


class TestHooksInConfig(Counted, BasePrePostModelHooksInConfig):
    pass


@excepted("BasePrePostModelHooks")
class TestHooksInConfigWithCount(Counted, BasePrePostModelHooksInConfigWithCount):
    pass


class TestHooksInConfigKwargs(Counted, BasePrePostModelHooksInConfigKwargs):
    pass


class TestRunHooks(Checked, BasePrePostRunHooks):
    pass
