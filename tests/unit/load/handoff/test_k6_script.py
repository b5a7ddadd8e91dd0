"""Scripts for k6: the plan's stages, thresholds and texts, and no text that gets out of its literal."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from perftui.load.handoff.k6_script import expression, k6_script
from perftui.load.handoff.outline import Outline
from perftui.load.job import Model
from perftui.load.plan import PlannedTarget, PlannedThreshold
from perftui.load.shapes import PlannedStage, Shape
from perftui.load.thresholds import parse_threshold
from tests.unit.load.handoff.plans import changed, outlined, with_texts
from tests.unit.load.handoff.test_locustfile import texts

_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def _options(outline: Outline) -> dict[str, Any]:
    source = k6_script(outline)
    found, _ = json.JSONDecoder().raw_decode(source, source.index("options = ") + len("options = "))
    options: dict[str, Any] = found
    return options


@given(texts)
def test_no_text_of_a_plan_can_end_its_literal(text: str) -> None:
    source = k6_script(with_texts(text))

    assert source.isascii()
    assert source.isprintable() or set(source) - {"\n"} <= set(map(chr, range(32, 127)))
    if text:
        assert _LITERAL.sub('""', source) == _LITERAL.sub('""', k6_script(with_texts("x")))
        assert text in [json.loads(each) for each in _LITERAL.findall(source)]


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here: its syntax is looked at by structure only")
@pytest.mark.parametrize("is_watched", [False, True])
def test_node_finds_no_fault_in_it(tmp_path: Path, is_watched: bool) -> None:
    script = tmp_path / "plan.mjs"
    hostile = with_texts("\u2028`${a}`\"'\\\n*/</script>")
    script.write_text(k6_script(hostile, is_watched=is_watched))
    answer = subprocess.run(["node", "--check", str(script)], capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr


def test_a_constant_rate_is_a_constant_arrival_rate_after_its_ramp() -> None:
    scenarios = _options(outlined(rate=2.5, duration="30s", connections=4, timeout="5s"))["scenarios"]

    assert scenarios["ramp"]["stages"] == [{"duration": "2000ms", "target": 5}]
    assert scenarios["ramp"]["timeUnit"] == "2s"
    assert scenarios["load"] == {
        "executor": "constant-arrival-rate", "rate": 5, "timeUnit": "2s", "duration": "30000ms",
        "preAllocatedVUs": 4, "maxVUs": 4, "gracefulStop": "5000ms", "startTime": "2000ms",
    }  # fmt: skip


def test_stages_are_a_ramping_arrival_rate_and_a_jump_takes_no_time() -> None:
    stages = (PlannedStage("10s", 50.0), PlannedStage("20s", 200.0))
    outline = outlined(shape=Shape.STAGES, stages=stages, ramp="0s")
    first, second = outline.stages
    jumping = outline._replace(stages=(first, changed(second, start_rate=100.0)))

    assert _options(outline)["scenarios"]["load"]["stages"] == [
        {"duration": "10000ms", "target": 50},
        {"duration": "20000ms", "target": 200},
    ]
    assert _options(jumping)["scenarios"]["load"]["stages"][1] == {"duration": "0s", "target": 100}
    assert _options(outline)["scenarios"]["load"]["startRate"] == 50


def test_a_closed_model_is_a_constant_number_of_users() -> None:
    load = _options(outlined(model=Model.CLOSED, connections=7, duration="5s", ramp="0s"))["scenarios"]["load"]

    assert (load["executor"], load["vus"], load["duration"]) == ("constant-vus", 7, "5000ms")


def test_thresholds_are_those_of_the_plan_word_for_word() -> None:
    thresholds = (
        PlannedThreshold("p(95)<200", True, "5s"),
        PlannedThreshold("http_req_duration{name:home}: med<=50.5"),
        PlannedThreshold("rate<0.01"),
        PlannedThreshold("count>1000"),
    )

    assert _options(outlined(thresholds=thresholds))["thresholds"] == {
        "http_req_duration": [{"threshold": "p(95)<200", "abortOnFail": True, "delayAbortEval": "5000ms"}],
        "http_req_duration{name:home}": [{"threshold": "med<=50.5"}],
        "http_req_failed": [{"threshold": "rate<0.01"}],
        "http_reqs": [{"threshold": "count>1000"}],
    }


def test_what_k6_does_not_measure_is_named() -> None:
    assert '// k6 does not measure this: "lag: p(99)<2"' in k6_script(
        outlined(thresholds=(PlannedThreshold("lag: p(99)<2"),))
    )


@pytest.mark.parametrize("text", ["p(99.9)<1000000", "avg>=0.5", "max!=3", "rate===0"])
def test_an_expression_is_written_as_it_was_read(text: str) -> None:
    assert expression(parse_threshold(text)) == text


def test_secrets_come_from_the_environment() -> None:
    source = k6_script(outlined(headers={"Authorization": "Bearer hush"}))

    assert "hush" not in source
    assert '__ENV["PERFTUI_AUTHORIZATION"]' in source


def test_tls_redirects_and_bodies_are_as_in_our_own_engine() -> None:
    options = _options(outlined("https://127.0.0.1:8443/", verify=False))
    reading = _options(outlined(targets=(PlannedTarget(checks=("body ~ x",)),)))

    assert (options["insecureSkipTLSVerify"], options["maxRedirects"]) == (True, 0)
    assert (options["discardResponseBodies"], reading["discardResponseBodies"]) == (True, False)


def test_a_run_of_our_own_connects_to_the_address_that_was_judged() -> None:
    outline = outlined()._replace(host="example.test", addresses=("127.0.0.1",))

    assert '"example.test": "127.0.0.1"' in k6_script(outline, is_watched=True)
