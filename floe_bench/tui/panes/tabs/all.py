"""The drawer's tabs, in order."""

from __future__ import annotations

from floe_bench.tui.panes.tabs.checks import ChecksTab
from floe_bench.tui.panes.tabs.data import DataTab
from floe_bench.tui.panes.tabs.diff import DiffTab
from floe_bench.tui.panes.tabs.lineage import LineageTab
from floe_bench.tui.panes.tabs.log import LogTab
from floe_bench.tui.panes.tabs.meta import MetaTab
from floe_bench.tui.panes.tabs.sql import SqlTab
from floe_bench.tui.panes.tabs.tab import Tab

TABS: tuple[type[Tab], ...] = (LogTab, SqlTab, ChecksTab, DataTab, DiffTab, LineageTab, MetaTab)
