"""Configured alert rules reach the alert engine with limits, hysteresis and advice."""

from __future__ import annotations

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.rules import threshold_rules
from perftui.config.schema import AlertRule, Config
from perftui.domain.series import parse_selector


def _rule(rule: AlertRule) -> tuple[float | None, float | None]:
    (made,) = threshold_rules(Config(alerts={"a": rule}))
    return made.warning_clear, made.critical_clear


@pytest.mark.parametrize(
    ("rule", "clears"),
    [
        (AlertRule("t", "host/a", warning=0.8, critical=0.9, clear=0.5), (0.4, 0.45)),
        (AlertRule("t", "host/a", above=False, warning=10.0, critical=4.0, clear=0.5), (15.0, 6.0)),
        (AlertRule("t", "host/a", warning=-10.0, clear=0.5), (-15.0, None)),
        (AlertRule("t", "host/a", critical=2.0, clear=0.0), (None, 2.0)),
    ],
)
def test_a_level_ends_a_share_of_its_limit_towards_the_good_side(
    rule: AlertRule, clears: tuple[float | None, float | None]
) -> None:
    assert _rule(rule) == clears


def test_rules_that_are_off_are_left_out_and_the_rest_is_in_order() -> None:
    off = msgspec.structs.replace(DEFAULTS.alerts["cpu_busy"], enabled=False)
    rules = threshold_rules(Config(alerts={**DEFAULTS.alerts, "cpu_busy": off}))

    assert [rule.id for rule in rules] == sorted(set(DEFAULTS.alerts) - {"cpu_busy"})


def test_every_default_rule_can_fire_resolve_and_advise() -> None:
    for rule in threshold_rules(DEFAULTS):
        assert parse_selector(rule.selector).source == "host"
        assert rule.warning is not None
        assert rule.critical is not None
        assert rule.warning_clear is not None
        assert rule.warning_clear < rule.warning < rule.critical
        assert rule.for_s >= 1
        assert rule.hours > 0
        assert all((rule.title, rule.summary, rule.advice, rule.steps))


def test_default_layouts_place_panels_that_exist_and_each_panel_says_why_it_is_empty() -> None:
    for layout in DEFAULTS.layouts.values():
        assert {panel for row in layout.rows for panel in row} <= set(DEFAULTS.panels)
    for name, panel in DEFAULTS.panels.items():
        listed = panel.kind.value in ("alerts", "fixes")
        assert panel.series or listed or f"[panels.{name}]" in panel.hint or "[sources.workflow" in panel.hint
