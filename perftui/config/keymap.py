"""Every key is data: a binding has an id, default keys and a description, and can be remapped in the config."""

from __future__ import annotations

from enum import Enum

import msgspec


class Scope(str, Enum):
    """Where a binding works: on one screen, in ``tables`` on every screen that has one, as ``app`` everywhere."""

    APP = "app"
    TABLES = "tables"
    OVERVIEW = "overview"
    WORKFLOW = "workflow"
    AGENTS = "agents"
    METRICS = "metrics"
    ALERTS = "alerts"
    LOAD = "load"
    HOST = "host"
    SOURCES = "sources"


_WITH_TABLE = (Scope.WORKFLOW, Scope.AGENTS, Scope.ALERTS, Scope.LOAD, Scope.HOST)


def scopes_of(screen: Scope) -> tuple[Scope, ...]:
    """The scopes whose bindings work on a screen, its own first."""
    return (
        screen,
        *((Scope.TABLES,) if screen in _WITH_TABLE else ()),
        *((Scope.APP,) if screen is not Scope.APP else ()),
    )


def meet(one: Scope, other: Scope) -> bool:
    """Whether bindings of both work on some screen, so that they can't share a key."""
    return one is other or Scope.APP in (one, other) or one in scopes_of(other) or other in scopes_of(one)


class Binding(msgspec.Struct, frozen=True):
    """``keys`` in Textual's names (``space``, ``left``, ``ctrl+p``, ``question_mark``); ``footer`` shows it there.

    ``over`` are ids of bindings whose key it takes on its own screen, on purpose.
    """

    id: str
    keys: tuple[str, ...]
    description: str
    scope: Scope = Scope.APP
    footer: bool = False
    over: tuple[str, ...] = ()


# only means something to a console that was opened with a control of this name
FAULT = "app.fault"
# works whatever lies over the screens
PANIC = "app.panic"

BINDINGS: tuple[Binding, ...] = (
    Binding("app.quit", ("q", "ctrl+q", "ctrl+c"), "quit"),
    Binding("app.help", ("question_mark",), "help", footer=True),
    Binding("app.palette", ("ctrl+p",), "palette"),
    Binding("app.command", ("colon",), "command", footer=True),
    Binding("app.redraw", ("ctrl+l",), "redraw the screen"),
    Binding("app.suspend", ("ctrl+z",), "suspend to the shell"),
    Binding("app.theme", ("T",), "choose a theme"),
    Binding("app.copy", ("y",), "copy the focused panel as text"),
    Binding("app.screenshot", ("S",), "screenshot (SVG and text)"),
    Binding("app.export", ("X",), "export the visible window (CSV and JSON)"),
    Binding(FAULT, ("F",), "fault on/off", footer=True),
    Binding(PANIC, ("ctrl+x",), "stop the load that runs, at once"),
    Binding("app.restart", ("r",), "restart a session that ended"),
    Binding("screen.overview", ("1",), "overview", footer=True),
    Binding("screen.workflow", ("2",), "workflow", footer=True),
    Binding("screen.agents", ("3",), "agents", footer=True),
    Binding("screen.metrics", ("4",), "metrics", footer=True),
    Binding("screen.alerts", ("5",), "alerts", footer=True),
    Binding("screen.load", ("7",), "load", footer=True),
    Binding("screen.host", ("9",), "host", footer=True),
    Binding("screen.sources", ("0",), "sources", footer=True),
    Binding("time.freeze", ("space",), "freeze", footer=True),
    Binding("time.back", ("left",), "back in time"),
    Binding("time.forward", ("right",), "forward in time"),
    Binding("time.zoom_in", ("plus", "equals_sign"), "shorter window"),
    Binding("time.zoom_out", ("minus",), "longer window"),
    Binding("time.live", ("l",), "back to live"),
    Binding("time.goto", ("g",), "go to a time"),
    Binding("panel.next", ("tab",), "next panel", Scope.OVERVIEW),
    Binding("panel.previous", ("shift+tab",), "previous panel", Scope.OVERVIEW),
    Binding("panel.expand", ("e", "enter"), "expand", Scope.OVERVIEW, footer=True),
    Binding("panel.collapse", ("escape",), "collapse", Scope.OVERVIEW),
    Binding("panel.up", ("up", "k"), "up in an expanded panel", Scope.OVERVIEW),
    Binding("panel.down", ("down", "j"), "down in an expanded panel", Scope.OVERVIEW),
    Binding("panel.cursor_left", ("shift+left",), "read values to the left", Scope.OVERVIEW),
    Binding("panel.cursor_right", ("shift+right",), "read values to the right", Scope.OVERVIEW),
    Binding("workflow.switch", ("tab",), "runs or tasks", Scope.WORKFLOW, footer=True),
    Binding("workflow.choose", ("enter",), "look at the run", Scope.WORKFLOW),
    Binding("workflow.expand", ("e",), "unfold tasks", Scope.WORKFLOW, footer=True),
    Binding("workflow.previous_run", ("left_square_bracket",), "run before", Scope.WORKFLOW),
    Binding("workflow.next_run", ("right_square_bracket",), "next run", Scope.WORKFLOW),
    Binding("workflow.leave", ("escape",), "clear the filter, back to the newest run", Scope.WORKFLOW),
    Binding("agents.next_pool", ("tab",), "next pool", Scope.AGENTS),
    Binding("agents.leave", ("escape",), "clear the filter", Scope.AGENTS),
    Binding("metrics.up", ("up", "k"), "up", Scope.METRICS),
    Binding("metrics.down", ("down", "j"), "down", Scope.METRICS),
    Binding("metrics.page_up", ("pageup",), "page up", Scope.METRICS),
    Binding("metrics.page_down", ("pagedown",), "page down", Scope.METRICS),
    Binding("metrics.first", ("home",), "first metric", Scope.METRICS),
    Binding("metrics.last", ("end", "G"), "last metric", Scope.METRICS),
    Binding("metrics.draw", ("enter",), "draw", Scope.METRICS, footer=True),
    Binding("metrics.type", ("i",), "type PromQL", Scope.METRICS, footer=True),
    Binding("metrics.filter", ("slash",), "filter", Scope.METRICS, footer=True),
    Binding("metrics.compare", ("c",), "compare", Scope.METRICS, footer=True),
    Binding("metrics.add", ("a",), "add to the chart", Scope.METRICS),
    Binding("metrics.type_more", ("I",), "type another expression", Scope.METRICS),
    Binding("metrics.remove", ("d", "delete"), "take the last expression off the chart", Scope.METRICS),
    Binding("metrics.exemplars", ("x",), "exemplars", Scope.METRICS),
    Binding("metrics.save", ("p",), "save as a panel", Scope.METRICS),
    Binding("metrics.big", ("B",), "big chart", Scope.METRICS),
    Binding("metrics.next_source", ("tab", "right_square_bracket"), "next source", Scope.METRICS),
    Binding("metrics.previous_source", ("shift+tab", "left_square_bracket"), "previous source", Scope.METRICS),
    Binding("metrics.cursor_left", ("shift+left",), "read values to the left", Scope.METRICS),
    Binding("metrics.cursor_right", ("shift+right",), "read values to the right", Scope.METRICS),
    Binding("metrics.leave", ("escape",), "cancel the question, end reading, clear the filter", Scope.METRICS),
    Binding("alerts.ack", ("a",), "ack", Scope.ALERTS, footer=True),
    Binding("alerts.snooze", ("z",), "snooze", Scope.ALERTS, footer=True),
    Binding("alerts.silence", ("s",), "silence", Scope.ALERTS, footer=True, over=("table.sort",)),
    Binding("alerts.note", ("n",), "note", Scope.ALERTS, footer=True),
    Binding("alerts.undo", ("u",), "undo", Scope.ALERTS, footer=True),
    Binding("alerts.mark", ("space",), "mark", Scope.ALERTS, footer=True, over=("time.freeze",)),
    Binding("alerts.group", ("g",), "group", Scope.ALERTS, footer=True, over=("time.goto",)),
    Binding("alerts.open", ("enter",), "full detail", Scope.ALERTS, footer=True),
    Binding("alerts.timeline", ("t",), "timeline", Scope.ALERTS, footer=True),
    Binding("alerts.next_view", ("tab",), "next view: timeline, noise, objectives, silences", Scope.ALERTS),
    Binding("alerts.previous_view", ("shift+tab",), "view before", Scope.ALERTS),
    Binding("alerts.fold", ("f",), "fold, unfold the section", Scope.ALERTS),
    Binding("alerts.sort", ("o",), "sort", Scope.ALERTS),
    Binding("alerts.freeze", ("p",), "freeze", Scope.ALERTS),
    Binding("alerts.extend", ("e",), "extend the silence", Scope.ALERTS),
    Binding("alerts.expire", ("x",), "expire the silence", Scope.ALERTS),
    Binding("alerts.leave", ("escape",), "clear marks and filter, back to the list", Scope.ALERTS),
    Binding("load.new", ("N",), "new load", Scope.LOAD, footer=True),
    Binding("load.stop", ("p",), "panic stop", Scope.LOAD, footer=True),
    Binding("load.pause", ("P",), "pause", Scope.LOAD, footer=True),
    Binding("load.faster", ("plus", "equals_sign"), "rate +10 %", Scope.LOAD, footer=True, over=("time.zoom_in",)),
    Binding("load.slower", ("minus",), "rate -10 %", Scope.LOAD, footer=True, over=("time.zoom_out",)),
    Binding("load.mark", ("space",), "mark", Scope.LOAD, footer=True, over=("time.freeze",)),
    Binding("load.compare", ("c",), "compare", Scope.LOAD, footer=True),
    Binding("load.details", ("enter",), "details", Scope.LOAD, footer=True),
    Binding("load.detach", ("D",), "detach: it outlives this console", Scope.LOAD),
    Binding("load.freeze", ("f",), "freeze", Scope.LOAD),
    Binding("load.runs", ("tab",), "past loads", Scope.LOAD, footer=True),
    Binding("load.leave", ("escape",), "one step back", Scope.LOAD, footer=True),
    Binding("table.up", ("up", "k"), "up", Scope.TABLES),
    Binding("table.down", ("down", "j"), "down", Scope.TABLES),
    Binding("table.page_up", ("pageup",), "page up", Scope.TABLES),
    Binding("table.page_down", ("pagedown",), "page down", Scope.TABLES),
    Binding("table.first", ("home",), "first row", Scope.TABLES),
    Binding("table.last", ("end", "G"), "last row", Scope.TABLES),
    Binding("table.filter", ("slash",), "filter", Scope.TABLES, footer=True),
    Binding("table.sort", ("s",), "sort", Scope.TABLES, footer=True),
    Binding("table.reverse", ("R",), "reverse the order", Scope.TABLES),
    Binding("table.mark", ("m",), "mark the row", Scope.TABLES),
    Binding("table.unmark", ("M",), "clear all marks", Scope.TABLES),
    Binding("host.follow", ("f", "enter"), "follow", Scope.HOST, footer=True),
    Binding("host.tree", ("t",), "tree", Scope.HOST, footer=True),
    Binding("table.fold", ("o",), "fold, unfold the branch", Scope.HOST),
    Binding("host.leave", ("escape",), "clear the filter, stop following", Scope.HOST),
    Binding("sources.up", ("up", "k"), "up", Scope.SOURCES),
    Binding("sources.down", ("down", "j"), "down", Scope.SOURCES),
)
