"""Checks across keys: names that must exist, thresholds on the right side, keys that clash."""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from perftui.config.answer_checks import check_answers
from perftui.config.clock_face import ClockFace
from perftui.config.keymap import BINDINGS, Binding, meet
from perftui.config.load_checks import check_load
from perftui.config.objectives import check_objectives
from perftui.config.problems import Problems, nearest
from perftui.config.schema import AlertKind, AlertRule, Config, Panel
from perftui.config.source_checks import check_sources
from perftui.config.workflow_checks import check_workflows
from perftui.domain.errors import PerftuiError
from perftui.domain.findings import Effort

_ID = re.compile(r"[a-z0-9_-]+")
_SPECIAL_KEYS = frozenset(
    [
        "space",
        "left",
        "right",
        "up",
        "down",
        "tab",
        "enter",
        "escape",
        "home",
        "end",
        "pageup",
        "pagedown",
        "insert",
        "delete",
        "backspace",
        "colon",
        "slash",
        "plus",
        "minus",
        "equals_sign",
        "question_mark",
        "comma",
        "full_stop",
        "semicolon",
        "exclamation_mark",
        "at",
        "number_sign",
        "dollar_sign",
        "percent_sign",
        "circumflex_accent",
        "ampersand",
        "asterisk",
        "left_parenthesis",
        "right_parenthesis",
        "underscore",
        "left_square_bracket",
        "right_square_bracket",
        "left_curly_bracket",
        "right_curly_bracket",
        "vertical_line",
        "backslash",
        "grave_accent",
        "tilde",
        "quotation_mark",
        "apostrophe",
        "less_than_sign",
        "greater_than_sign",
    ]
)
_FUNCTION_KEY = re.compile(r"f(?:[1-9]|1[0-9]|2[0-4])")
_KEY = re.compile(r"(?:(?:ctrl|shift|alt)\+)*(?P<key>.+)")


def check_meaning(config: Config, themes: Collection[str], problems: Problems) -> None:
    """Add what the types can't tell."""
    if config.theme not in themes:
        problems.add(("theme",), f'no theme is called "{config.theme}"{nearest(config.theme, themes)}')
    try:
        ClockFace(config.timezone)
    except PerftuiError as error:
        problems.add(("timezone",), str(error))
    _intervals(config, problems)
    _telling(config, problems)
    check_sources(config, problems)
    check_workflows(config, problems)
    check_answers(config, problems)
    check_objectives(config, problems)
    check_load(config, problems)
    for name, panel in config.panels.items():
        _named(("panels", name), name, problems)
        _panel(("panels", name), panel, problems)
    _layouts(config, problems)
    for name, rule in config.alerts.items():
        _named(("alerts", name), name, problems)
        _rule(("alerts", name), rule, problems)
    _keys(config, problems)


def _intervals(config: Config, problems: Problems) -> None:
    for name in ("host", "processes", "followed"):
        if not 0.1 <= getattr(config.intervals, name) <= 3600:
            problems.add(("intervals", name), "an interval is from 100ms to 1h")
    if not 60 <= config.window <= 30 * 86400:
        problems.add(("window",), "the window is from 1m to 30d")
    if not 60 <= config.storage.memory <= 86400:
        problems.add(("storage", "memory"), "memory holds from 1m to 24h")
    if config.storage.keep_raw < 60:
        problems.add(("storage", "keep_raw"), "raw samples are kept for at least 1m")
    if config.sources.host.deadline < 0.1:
        problems.add(("sources", "host", "deadline"), "a deadline is at least 100ms")
    if "\0" in config.storage.path:
        problems.add(("storage", "path"), "no path has the character NUL in it")


def _telling(config: Config, problems: Problems) -> None:
    """How what changes is told to those who don't look."""
    if not 0 < config.plain.change <= 10:
        problems.add(("plain", "change"), "a change is a share above 0, such as 0.25, up to 10")
    if not 1 <= config.plain.every <= 3600:
        problems.add(("plain", "every"), "a figure is told again after 1s to 1h")
    if config.plain.summary and not 1 <= config.plain.summary <= 86400:
        problems.add(("plain", "summary"), "a summary is told every 1s to 24h, or only at the start with 0s")
    if not 1 <= config.notify.deadline <= 60:
        problems.add(("notify", "deadline"), "from 1s to 1m")
    if not 1 <= config.notify.per_minute <= 60:
        problems.add(("notify", "per_minute"), "from 1 to 60")
    if any("\0" in word for word in config.notify.command):
        problems.add(("notify", "command"), "no argument has the character NUL in it")


def id_problem(name: str) -> str:
    """Why a panel, a layout or a rule can't be called so; empty when it can."""
    return "" if _ID.fullmatch(name) else "an id has small letters, digits, _ and - only"


def _named(path: tuple[str, ...], name: str, problems: Problems) -> None:
    if problem := id_problem(name):
        problems.add(path, problem)


def _layouts(config: Config, problems: Problems) -> None:
    for name, layout in config.layouts.items():
        path = ("layouts", name)
        if not any(layout.rows):
            problems.add((*path, "rows"), "a layout needs at least one panel")
        placed = [panel for row in layout.rows for panel in row]
        for index, row in enumerate(layout.rows):
            for panel in row:
                if panel not in config.panels:
                    problems.add((*path, "rows", index), f'no panel is called "{panel}"{nearest(panel, config.panels)}')
        for panel in sorted({panel for panel in placed if placed.count(panel) > 1}):
            problems.add((*path, "rows"), f'"{panel}" stands in it twice')
        for index, panel in enumerate(layout.priority):
            if panel not in placed:
                problems.add((*path, "priority", index), f'"{panel}" is not in its rows{nearest(panel, placed)}')
        if any(weight <= 0 for weight in layout.weights):
            problems.add((*path, "weights"), "a weight is above 0")
        if len(layout.weights) > len(layout.rows):
            problems.add((*path, "weights"), f"{len(layout.weights)} weights for {len(layout.rows)} rows")


def _panel(path: tuple[str, ...], panel: Panel, problems: Problems) -> None:
    if panel.scale == 0:
        problems.add((*path, "scale"), "a scale is not 0")
    if panel.watch is None or panel.bad is None:
        return
    if panel.watch == panel.bad or (panel.bad > panel.watch) is not panel.above:
        side = "above" if panel.above else "below"
        problems.add((*path, "bad"), f'"bad" must be {side} "watch" when above = {str(panel.above).lower()}')


def _rule(path: tuple[str, ...], rule: AlertRule, problems: Problems) -> None:
    if rule.kind is AlertKind.ABSENCE:
        for key in ("warning", "critical"):
            if getattr(rule, key) is not None:
                problems.add((*path, key), 'what is absent has no value: give it "severity" and "for"')
    elif rule.warning is None and rule.critical is None:
        problems.add(path, 'give it "warning", "critical" or both')
    if rule.warning is not None and rule.critical is not None:
        ordered = rule.critical > rule.warning if rule.above else rule.critical < rule.warning
        if not ordered:
            side = "above" if rule.above else "below"
            problems.add(
                (*path, "critical"), f'"critical" must be {side} "warning" when above = {str(rule.above).lower()}'
            )
    if not 0 <= rule.clear < 1:
        problems.add((*path, "clear"), "a share from 0 up to 1")
    if rule.effort not in {effort.value for effort in Effort}:
        problems.add((*path, "effort"), f"not an effort{nearest(rule.effort, [effort.value for effort in Effort])}")


def bindings(config: Config) -> tuple[Binding, ...]:
    """Every binding with the keys that the configuration gives it."""
    return tuple(
        msgspec.structs.replace(binding, keys=config.keys.get(binding.id, binding.keys)) for binding in BINDINGS
    )


def _keys(config: Config, problems: Problems) -> None:
    known = {binding.id for binding in BINDINGS}
    for name, keys in config.keys.items():
        if name not in known:
            problems.add(("keys", name), f"no binding has this id{nearest(name, known)}")
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            problems.add(("keys", name), f'"{key}" stands in it twice')
        for key in keys:
            if not _is_key(key):
                problems.add(("keys", name), f'"{key}" is not a key{nearest(key, _SPECIAL_KEYS)}')
    taken: dict[str, list[Binding]] = {}
    for binding in bindings(config):
        for key in dict.fromkeys(binding.keys):
            for other in taken.get(key, []):
                if meet(binding.scope, other.scope) and not _on_purpose(binding, other):
                    changed = binding.id if binding.id in config.keys else other.id
                    problems.add(("keys", changed), f'"{key}" is the key of both {other.id} and {binding.id}')
            taken.setdefault(key, []).append(binding)


def _on_purpose(one: Binding, other: Binding) -> bool:
    return one.id in other.over or other.id in one.over


def _is_key(key: str) -> bool:
    match = _KEY.fullmatch(key)
    name = match["key"] if match else ""
    is_function_key = _FUNCTION_KEY.fullmatch(name) is not None
    return (len(name) == 1 and name.isalnum()) or name in _SPECIAL_KEYS or is_function_key
