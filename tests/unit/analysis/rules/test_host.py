"""The rules of the machine: each found, quiet, blind, and moved by its signal."""

from __future__ import annotations

from random import Random

import pytest

from perftui.analysis.rules.engine import RULES
from perftui.analysis.rules.signals import Baseline, ServiceSignals, ServiceWindow, Signals
from perftui.analysis.rules.verdicts import Blind, Found, Quiet, Verdict
from tests.unit.analysis.rules.worlds import histogram, service_signals, service_windows

JUDGE = {rule.id: rule.judge for rule in RULES}
NEEDS = {rule.id: rule.needs for rule in RULES}
DISK = 'host/disk_busy_ratio{device="sda"}'
GIB = float(2**30)

# what makes each rule true
SICK: dict[str, dict[str, float]] = {
    "CPU1": {"host/cpu_busy_ratio": 0.95, "host/pressure_cpu_some_ratio": 0.3},
    "CPU6": {
        "host/processes_running": 12.0, "host/cpu_cores": 4.0, "host/context_switches_per_second": 9000.0,
        "host/pressure_cpu_some_ratio": 0.4,
    },
    "MEM1": {"host/pressure_memory_full_ratio": 0.2},
    "DSK1": {DISK: 0.97, "host/pressure_io_some_ratio": 0.25},
    "NET2": {"host/tcp_retransmits_ratio": 0.03},
}  # fmt: skip
HEALTHY = {
    "CPU1": {"host/pressure_cpu_some_ratio": 0.05},
    "CPU6": {"host/processes_running": 4.0},
    "MEM1": {"host/pressure_memory_full_ratio": 0.005},
    "DSK1": {DISK: 0.5},
    "NET2": {"host/tcp_retransmits_ratio": 0.005},
}
BASELINE = Baseline(0.0, 60.0, {"host/context_switches_per_second": [(1.0, 3000.0), (2.0, 3200.0)]})


def machine(levels: dict[str, float], noise: float = 0.1) -> Signals:
    random = Random(7)
    series = {
        name: [
            (float(at), level * (1.0 if name.endswith("cores") else random.uniform(1 - noise, 1 + noise)))
            for at in range(240, 300)
        ]
        for name, level in levels.items()
    }
    return Signals(now=300.0, window_s=300.0, limits={}, series=series, baseline=BASELINE)


def judged(rule: str, signals: Signals) -> Verdict:
    (verdict,) = JUDGE[rule](signals)
    return verdict


@pytest.mark.parametrize("rule", SICK)
def test_a_sick_machine_is_found_and_a_healthy_one_is_quiet(rule: str) -> None:
    found = judged(rule, machine(SICK[rule]))
    assert isinstance(found, Found)
    assert found.gain is None or 0 < found.gain.low <= found.gain.mid <= found.gain.high <= 3 * found.gain.low
    assert found.steps
    assert found.evidence[0].n > 0
    assert isinstance(judged(rule, machine({**SICK[rule], **HEALTHY[rule]})), Quiet)


@pytest.mark.parametrize("rule", ["CPU1", "CPU6", "MEM1", "DSK1"])
def test_the_gain_is_what_was_stalled_and_moves_with_it(rule: str) -> None:
    pressure = next(name for name in SICK[rule] if "pressure" in name)
    now, more = (judged(rule, machine({**SICK[rule], pressure: level})) for level in (0.25, 0.5))
    assert isinstance(now, Found)
    assert isinstance(more, Found)
    assert now.gain is not None
    assert more.gain is not None
    assert now.gain.mid == pytest.approx(0.25, rel=0.1)
    assert more.gain.mid == pytest.approx(0.5, rel=0.1)
    assert more.impact.mid < now.impact.mid


@pytest.mark.parametrize("rule", [*SICK, "MEM3"])
def test_a_machine_that_tells_nothing_is_not_judged(rule: str) -> None:
    blind = judged(rule, machine({}))
    assert isinstance(blind, Blind)
    assert blind.text.startswith("needs ")


def test_without_pressure_poorer_signals_give_a_finding_of_less_confidence() -> None:
    queue = {"host/cpu_busy_ratio": 0.95, "host/processes_running": 8.0, "host/cpu_cores": 4.0}
    cpu = judged("CPU1", machine(queue))
    assert isinstance(cpu, Found)
    assert cpu.confidence == pytest.approx(0.7)
    assert cpu.gain is not None
    assert cpu.gain.mid == pytest.approx(0.5, abs=0.05)
    disk = judged("DSK1", machine({DISK: 0.97, "host/cpu_iowait_ratio": 0.3}))
    assert isinstance(disk, Found)
    assert disk.confidence == pytest.approx(0.7)
    assert isinstance(judged("DSK1", machine({DISK: 0.97})), Blind)
    assert isinstance(judged("CPU1", machine({"host/cpu_busy_ratio": 0.95})), Blind)


def test_oversubscription_needs_a_baseline_and_says_what_it_waits_for() -> None:
    waiting = machine(SICK["CPU6"])._replace(baseline=Baseline(missing="needs a baseline: 4 s of 10 s"))
    assert judged("CPU6", waiting) == Blind("host", "needs a baseline: 4 s of 10 s")


def test_old_samples_do_not_hide_what_is_wrong_now() -> None:
    signals = machine(SICK["CPU1"])
    calm = {name: [*((float(at), 0.0) for at in range(240)), *points] for name, points in signals.series.items()}
    assert isinstance(judged("CPU1", signals._replace(series=calm)), Found)


def leaking(rate: float, services: tuple[ServiceSignals, ...] = ()) -> Signals:
    random = Random(3)
    used = [(float(at), GIB + rate * at + random.uniform(-1, 1) * 5e6) for at in range(600)]
    total = [(float(at), 8 * GIB) for at in range(600)]
    series = {"host/memory_used_bytes": used, "host/memory_total_bytes": total}
    return Signals(now=600.0, window_s=600.0, limits={}, series=series, services=services)


def test_a_leak_tells_when_memory_is_full_and_a_faster_one_sooner() -> None:
    slow, fast = judged("MEM3", leaking(2e6)), judged("MEM3", leaking(8e6))
    assert isinstance(slow, Found)
    assert isinstance(fast, Found)
    assert slow.impact.mid == pytest.approx(-2e6, rel=0.02)
    assert fast.impact.mid == pytest.approx(-8e6, rel=0.02)
    assert slow.gain is None
    assert (slow.urgency, fast.urgency) == (1.0, 1.5) if 7 * GIB / 2e6 - 600 > 3600 else (1.5, 1.5)
    assert "full in" in slow.title


def test_a_leak_that_slows_answers_gains_what_was_lost() -> None:
    windows = [
        ServiceWindow(at * 30.0, at * 30.0 + 30, {"/a": histogram([0.01 * (1 + at / 20)] * 100)}, {}, {})
        for at in range(20)
    ]
    found = judged("MEM3", leaking(8e6, (ServiceSignals("shop", "", None, windows, None),)))
    assert isinstance(found, Found)
    assert found.gain is not None
    assert 0.2 < found.gain.mid < 0.6


def test_steady_memory_is_quiet_and_a_short_look_is_not_enough() -> None:
    assert isinstance(judged("MEM3", leaking(0.0)), Quiet)
    short = leaking(8e6)
    points = list(short.series["host/memory_used_bytes"])[:100]
    blind = judged("MEM3", short._replace(series={"host/memory_used_bytes": points}))
    assert blind == Blind("host", "needs 540 s of memory use: 99 s")


def test_retransmissions_gain_what_the_slow_requests_cost_where_a_service_is_known() -> None:
    alone = judged("NET2", machine(SICK["NET2"]))
    assert isinstance(alone, Found)
    assert alone.gain is None
    assert alone.impact.mid == pytest.approx(-0.03, rel=0.1)
    service = service_signals(service_windows(Random(1), 0.25)).services
    found = judged("NET2", machine(SICK["NET2"])._replace(services=service))
    assert isinstance(found, Found)
    assert found.gain is not None
    assert found.gain.mid > 0.5
    assert found.impact.metric == "p99 of service shop"
    quick = service_signals(service_windows(Random(1), 0.0)).services
    unhurt = judged("NET2", machine(SICK["NET2"])._replace(services=quick))
    assert isinstance(unhurt, Found)
    assert unhurt.gain is None


@pytest.mark.parametrize("rule", SICK)
def test_rules_read_only_what_they_say_they_need(rule: str) -> None:
    assert {name.partition("{")[0] for name in SICK[rule]} <= set(NEEDS[rule])
