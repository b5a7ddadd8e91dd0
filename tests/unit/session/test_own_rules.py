"""Objectives, anomalies and absences of a session, from what sources measured to alerts."""

from __future__ import annotations

import pytest

from perftui.config.schema import (
    AlertKind,
    AlertRule,
    Anomaly,
    Config,
    Objective,
    PrometheusSource,
    ScrapeSource,
    Sources,
    WorkflowSource,
)
from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.findings import Effort, Finding, Gain, Impact
from perftui.domain.samples import Batch
from perftui.domain.units import Unit
from perftui.session.own_rules import OwnRules
from perftui.store.memory import MemoryStore

NOW = 1_000_000.0
RUN = Objective(
    bad="sum(increase(x_total{code='500'}[$window]))", all="sum(increase(x_total[$window]))", target=0.99, period=1800.0
)


class Case:
    """Own rules over a memory that is filled by hand; ``published`` are the burn rates."""

    def __init__(self, config: Config) -> None:
        self.memory = MemoryStore(3600.0)
        self.published: list[Batch] = []
        self.rules = OwnRules(config, self.memory, self.published.append)

    def measure(self, at: float, source: str = "main", **values: float) -> None:
        self.memory.add(Batch(source, at, 0.0, {f"{source}/{name}": value for name, value in values.items()}), 1.0)

    def alerts(self, now: float = NOW) -> tuple[Alert, ...]:
        self.rules.tick(now)
        return self.rules.alerts(())


def _served(**slo: Objective) -> Case:
    sources = Sources(prometheus={"main": PrometheusSource(url="http://localhost", scrape_interval=1.0)})
    return Case(Config(sources=sources, slo=slo))


def test_a_prometheus_is_asked_for_each_window_and_whether_its_data_reaches_back() -> None:
    queries = {query.name: query for query in _served(api=RUN).rules.objectives.queries("main")}

    assert {name for name in queries if "all" in name} == {f"slo_api_all_{s}s" for s in (30, 150, 450, 1800)}
    assert queries["slo_api_bad_150s"].expr == "sum(increase(x_total{code='500'}[150s]))"
    assert queries["slo_api_reach_1800s"].expr == "sum(increase(x_total[180s] offset 1620s))"
    assert (queries["slo_api_all_30s"].every_s, queries["slo_api_all_1800s"].every_s) == (5.0, 30.0)


def _burning(case: Case, at: float = NOW, bad: float = 50.0) -> None:
    for window in (30, 150, 450):
        case.measure(at, **{f"slo_api_all_{window}s": 1000.0, f"slo_api_bad_{window}s": bad})
        case.measure(at, **{f"slo_api_reach_{window}s": 1.0})


def test_a_burning_budget_is_an_alert_with_its_rate_as_a_series() -> None:
    case = _served(api=RUN)
    _burning(case)
    (alert,) = case.alerts()

    assert (alert.name, alert.severity, alert.state) == ("api", Severity.CRITICAL, AlertState.FIRING)
    assert (alert.value, alert.threshold) == (pytest.approx(5.0), pytest.approx(2.4))
    assert alert.labels == (("slo", "api"), ("windows", "30s+150s"))
    assert case.published[0].values[alert.series] == pytest.approx(5.0)
    assert alert.series in {info.series for info in case.rules.objectives.catalogue()}


def test_it_keeps_its_beginning_while_it_burns_and_is_resolved_after() -> None:
    case = _served(api=RUN)
    _burning(case)
    case.alerts()
    _burning(case, NOW + 5)
    assert case.alerts(NOW + 5)[0].since == NOW
    _burning(case, NOW + 10, bad=0.0)
    (over,) = case.alerts(NOW + 10)

    assert (over.state, over.since) == (AlertState.RESOLVED, NOW + 10)


def test_a_window_that_the_data_does_not_fill_is_not_known() -> None:
    case = _served(api=RUN)
    case.measure(NOW, slo_api_all_30s=1000.0, slo_api_bad_30s=900.0, slo_api_all_150s=1000.0, slo_api_bad_150s=900.0)

    assert case.alerts() == ()
    assert [burn.rate for burn in case.rules.slos[0].burns] == [None, None]


def test_without_a_server_a_window_is_filled_once_perftui_watched_for_so_long() -> None:
    sources = Sources(scrape={"app": ScrapeSource(url="http://localhost")})
    case = Case(Config(sources=sources, slo={"api": RUN}))
    assert not any("reach" in query.name for query in case.rules.objectives.queries("app"))
    for second in range(0, 160, 5):
        at = NOW - 155 + second
        case.measure(at, "app", slo_api_all_30s=1000.0, slo_api_all_150s=5000.0)
        case.measure(at + 0.5, "app", slo_api_bad_30s=100.0, slo_api_bad_150s=500.0)
    case.alerts()

    assert case.rules.slos[0].burns[0].rate == pytest.approx(10.0)
    assert case.rules.slos[0].burns[1].rate is None


def test_a_count_that_is_old_is_not_known_any_more() -> None:
    case = _served(api=RUN)
    _burning(case, NOW - 60)

    assert case.alerts() == ()
    assert case.rules.slos[0].why == "nothing was counted yet"


def test_several_series_that_leave_their_bands_together_are_an_alert() -> None:
    names = ("cpu", "p95", "queue", "errors")
    config = Config(anomaly=Anomaly(series=tuple(f"app/{name}" for name in names), for_=2.0))
    case = Case(config)
    for second in range(60):
        case.measure(NOW + second, "app", **dict.fromkeys(names, 10.0 + second % 2))
        assert case.alerts(NOW + second) == ()
    found = []
    for second in range(60, 64):
        case.measure(NOW + second, "app", cpu=50.0, p95=50.0, queue=1.0, errors=10.5)
        found.append(case.alerts(NOW + second)[0])

    assert [alert.state for alert in found] == [AlertState.PENDING] * 2 + [AlertState.FIRING] * 2
    assert (found[-1].value, found[-1].threshold) == (3.0, 3.0)
    assert found[-1].summary == "cpu rose, p95 rose, queue fell"


def test_two_series_alone_are_noise() -> None:
    names = ("cpu", "p95", "queue")
    case = Case(Config(anomaly=Anomaly(series=tuple(f"app/{name}" for name in names))))
    for second in range(60):
        case.measure(NOW + second, "app", **dict.fromkeys(names, 10.0 + second % 2))
        case.alerts(NOW + second)
    case.measure(NOW + 60, "app", cpu=90.0, p95=90.0, queue=10.0)

    assert case.alerts(NOW + 60) == ()


def test_a_rule_for_absence_is_judged_beside_the_thresholds() -> None:
    rule = AlertRule(title="Gone", series="app/up", kind=AlertKind.ABSENCE, for_=10.0)
    case = Case(Config(alerts={"gone": rule}))
    case.measure(NOW, "app", up=1.0)
    assert case.alerts() == ()

    assert case.alerts(NOW + 30)[0].state is AlertState.FIRING


def _finding(low: float) -> Finding:
    impact = Impact("time", Unit.SECONDS, -1.0, -2.0, -3.0, "replayed")
    return Finding(
        "f1", "POOL1", "add 2 agents", Effort.LOW, 2.0, impact, 0.8, 1.0, target="pool",
        gain=Gain(low, 0.2, 0.3), since=NOW - 5,
    )  # fmt: skip


def test_a_recommendation_that_is_worth_it_is_an_opportunity() -> None:
    case = Case(Config())
    (alert,) = case.rules.alerts((_finding(0.1),))

    assert (alert.name, alert.severity, alert.summary) == ("Optimisation opportunity", Severity.INFO, "add 2 agents")
    assert case.rules.alerts((_finding(0.04),)) == ()


def test_every_source_of_workflows_brings_its_rules() -> None:
    case = Case(Config(sources=Sources(workflow={"flow": WorkflowSource(path="events")})))
    ids = {rule.id: (rule.warning, rule.critical) for rule in case.rules.judge.rules}

    assert ids == {"efficiency-flow": (0.75, 0.65), "response-flow": (3.0, 8.0)}
