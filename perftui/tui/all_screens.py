"""The live screens by the names of the configuration and the prompt."""

from __future__ import annotations

from perftui.tui.live_screen import LiveScreen
from perftui.tui.screens.agents import AgentsScreen
from perftui.tui.screens.host import HostScreen
from perftui.tui.screens.metrics import MetricsScreen
from perftui.tui.screens.overview import OverviewScreen
from perftui.tui.screens.sources import SourcesScreen
from perftui.tui.screens.workflow import WorkflowScreen

SCREENS: dict[str, type[LiveScreen]] = {
    "overview": OverviewScreen,
    "workflow": WorkflowScreen,
    "agents": AgentsScreen,
    "metrics": MetricsScreen,
    "host": HostScreen,
    "sources": SourcesScreen,
}
