"""The live screens by the names of the configuration and the prompt; each is imported when it is shown first."""

from __future__ import annotations

from perftui.tui.deck import Deck
from perftui.tui.live_screen import LiveScreen


def made(name: str, deck: Deck) -> LiveScreen:
    """The screen of that name. Raises ValueError when there is none."""
    if name == "overview":
        from perftui.tui.screens.overview import OverviewScreen

        return OverviewScreen(deck)
    if name == "workflow":
        from perftui.tui.screens.workflow import WorkflowScreen

        return WorkflowScreen(deck)
    if name == "agents":
        from perftui.tui.screens.agents import AgentsScreen

        return AgentsScreen(deck)
    if name == "metrics":
        from perftui.tui.screens.metrics import MetricsScreen

        return MetricsScreen(deck)
    if name == "alerts":
        from perftui.tui.screens.alerts import AlertsScreen

        return AlertsScreen(deck)
    if name == "load":
        from perftui.tui.screens.load import LoadScreen

        return LoadScreen(deck)
    if name == "host":
        from perftui.tui.screens.host import HostScreen

        return HostScreen(deck)
    if name == "sources":
        from perftui.tui.screens.sources import SourcesScreen

        return SourcesScreen(deck)
    raise ValueError(f"there is no screen {name!r}")
