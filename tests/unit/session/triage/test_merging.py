"""One alert from all that tell it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.alerts import Alert, AlertState
from perftui.session.triage.merging import Merged, merged
from tests.unit.session.triage.alerts import NOW, alert

AM = frozenset({"am-eu", "am-us"})


def _only(told: dict[str, tuple[Alert, ...]]) -> Merged:
    (one,) = merged(told, AM).values()
    return one


def test_equal_labels_are_one_alert_that_names_all_who_tell_it() -> None:
    one = _only({"prom": (alert(),), "am-us": (alert(source="am-us"),), "am-eu": (alert(source="am-eu"),)})

    assert one.sources == ("prom", "am-eu", "am-us")


def test_value_and_expression_come_from_the_rule_and_the_state_from_alertmanager() -> None:
    rule = alert(value=0.9, expr="busy > 0.8", active_at=NOW - 500)
    held = alert(source="am-eu", state=AlertState.SUPPRESSED, silenced_by=("s1",), since=NOW - 400)
    one = _only({"prom": (rule,), "am-eu": (held,)}).alert

    assert (one.value, one.expr, one.active_at, one.source) == (0.9, "busy > 0.8", NOW - 500, "prom")
    assert (one.state, one.silenced_by, one.since) == (AlertState.SUPPRESSED, ("s1",), NOW - 400)


def test_one_alertmanager_that_tells_it_as_active_is_heard() -> None:
    silent = alert(source="am-eu", state=AlertState.SUPPRESSED, silenced_by=("s1",))

    assert _only({"am-eu": (silent,), "am-us": (alert(source="am-us"),)}).alert.state is AlertState.FIRING
    assert _only({"am-us": (silent,), "am-eu": (alert(source="am-us"),)}).alert.state is AlertState.FIRING


def test_labels_that_a_prometheus_adds_on_the_way_are_learned() -> None:
    rules = tuple(alert(instance=str(number)) for number in range(3))
    held = tuple(alert(source="am-eu", instance=str(number), cluster="eu") for number in range(3))
    found = merged({"prom": rules, "am-eu": held}, AM)

    assert set(found) == {one.fingerprint for one in held}
    assert {one.sources for one in found.values()} == {("prom", "am-eu")}
    assert {one.own_labels for one in found.values()} == {one.all_labels for one in rules}


def test_an_alert_with_more_labels_of_its_own_is_another_one() -> None:
    both = merged({"prom": (alert(job="a"),), "am-eu": (alert(source="am-eu", job="b"),)}, AM)

    assert len(both) == 2


def test_two_servers_that_evaluate_the_same_rule_are_one_row() -> None:
    assert _only({"a": (alert(source="a"),), "b": (alert(source="b"),)}).sources == ("b", "a")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["prom", "am-eu", "am-us"])), max_size=12))
def test_every_alert_that_is_told_is_in_exactly_one_row(pairs: list[tuple[str, str]]) -> None:
    told: dict[str, list[Alert]] = {}
    for name, source in dict.fromkeys(pairs):
        told.setdefault(source, []).append(alert(name, source=source))
    found = merged({source: tuple(alerts) for source, alerts in told.items()}, AM)

    assert {one.alert.name for one in found.values()} == {name for name, _ in pairs}
    assert sorted((one.alert.name, source) for one in found.values() for source in one.sources) == sorted(set(pairs))
