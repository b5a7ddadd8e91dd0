"""What panels show that nobody gave a series to: the load that this session sends, while there is one.

Not a default of the configuration: who puts series of a service there must not get the generator's between them.
"""

from __future__ import annotations

import msgspec

from perftui.config.schema import Panel, PanelKind
from perftui.domain.units import Unit

_SHOWN = {
    "latency": Panel(
        series=("load/response_p50", "load/response_p95", "load/response_p99"),
        figures=("load/service_p95",),
        legend=("p50", "p95", "p99", "service p95"),
        unit=Unit.SECONDS,
    ),
    "throughput": Panel(
        series=("load/sent", "load/done", "load/errors"),
        figures=("load/offered", "load/in_flight", "load/backlog"),
        legend=("sent", "done", "errors", "offered", "in flight", "waiting"),
        unit=Unit.PER_SECOND,
    ),
}


def stands_in(panel_id: str, panel: Panel) -> bool:
    """Whether the panel has nothing of its own, and a load would be of use there."""
    if panel_id not in _SHOWN or panel.kind is not PanelKind.LINE:
        return False
    return not (panel.series or panel.promql or panel.figures)


def with_load(panel_id: str, panel: Panel) -> Panel:
    """The panel with the load's series where it stands in; any other as it is."""
    if not stands_in(panel_id, panel):
        return panel
    return msgspec.structs.replace(_SHOWN[panel_id], title=panel.title, hint=panel.hint)
