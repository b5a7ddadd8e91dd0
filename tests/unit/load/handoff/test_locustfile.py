"""Locustfiles: they compile, they say what the plan says, and no text of a plan gets out of its literal."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.handoff.locustfile import locustfile, whole_weights
from perftui.load.job import Model
from perftui.load.plan import PlannedTarget, PlannedThreshold
from perftui.load.shapes import PlannedStage, Shape
from tests.unit.load.handoff.plans import outlined, with_texts

_HOSTILE = ['"""', "'''", "\\", "\n", "\r", "\u2028", "\x00", "\ud800", "*/", "{", "}", "%", "');import os;('", "é"]
texts = st.lists(st.one_of(st.sampled_from(_HOSTILE), st.text(st.characters(), max_size=4)), max_size=8).map("".join)


class _Blank(ast.NodeTransformer):
    """Takes the texts out of a program: what is left is what it does."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.copy_location(ast.Constant("" if isinstance(node.value, str | bytes) else node.value), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name.startswith("task_"):
            node.name = node.name[:6]
        return self.generic_visit(node)


def _does(source: str) -> str:
    return ast.dump(_Blank().visit(ast.parse(source)))


def _asked(source: str) -> list[dict[str, Any]]:
    """The arguments of every request in the file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ask":
            named = {str(each.arg): ast.literal_eval(each.value) for each in node.keywords}
            method, path, name, headers = (ast.literal_eval(each) for each in node.args)
            found.append({"method": method, "path": path, "name": name, "headers": headers, **named})
    return found


@given(texts, st.booleans())
def test_no_text_of_a_plan_can_end_its_literal(text: str, is_watched: bool) -> None:
    source = locustfile(with_texts(text), is_watched=is_watched)
    plain = locustfile(with_texts("x"), is_watched=is_watched)

    assert source.isascii()
    compile(source, "locustfile.py", "exec")
    if text:
        assert _does(source) == _does(plain)


@given(texts)
def test_every_text_arrives_as_it_was(text: str) -> None:
    text = text.encode("utf-8", "replace").decode() or "x"
    asked = _asked(locustfile(with_texts(text)))

    for each in asked:
        assert (each["path"], each["name"], each["data"]) == (text, text, text.encode())
        assert each["headers"][text] == text
    assert [check[0] for check in asked[0]["checks"]] == [text, text]


def test_secrets_come_from_the_environment() -> None:
    source = locustfile(outlined(headers={"Authorization": "Bearer hush"}))

    assert "hush" not in source
    assert "os.environ['PERFTUI_AUTHORIZATION']" in source
    assert "in the environment: PERFTUI_AUTHORIZATION" in source


def test_it_says_what_locust_can_not_do() -> None:
    assert "Locust has no open model" in (ast.get_docstring(ast.parse(locustfile(outlined()))) or "")


def test_users_follow_the_stages_of_the_rate() -> None:
    stages = (PlannedStage("10s", 50.0), PlannedStage("20s", 200.0))
    source = locustfile(outlined(shape=Shape.STAGES, stages=stages, connections=20))

    namespace = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _FIGURES
    }
    assert namespace == {"USERS": 20, "STAGES": [(2.0, 0.0, 5.0), (10.0, 5.0, 5.0), (20.0, 5.0, 20.0)]}
    assert "wait_time = constant_throughput(10.0)" in source


_FIGURES = ("USERS", "STAGES")


def test_users_of_a_closed_model_wait_for_nothing_but_answers() -> None:
    source = locustfile(outlined(model=Model.CLOSED, connections=7, duration="5s", ramp="0s"))

    assert "wait_time = constant(0)" in source
    assert "(5.0, 7.0, 7.0)" in source
    assert "open model" not in source


def test_thresholds_are_judged_at_the_end_and_those_that_locust_can_not_measure_are_named() -> None:
    thresholds = (
        PlannedThreshold("p(95)<200", True, "5s"),
        PlannedThreshold("http_req_waiting: p(99)<50"),
    )
    source = locustfile(outlined(thresholds=thresholds))

    assert "('p(95)<200', 'http_req_duration', '', 'p', 95.0, '<', 200.0, True, 5.0)" in source
    assert "process_exit_code = 99 if found else 0" in source
    assert "# Locust does not measure this: 'http_req_waiting: p(99)<50'" in source
    assert "THRESHOLDS" not in locustfile(outlined(thresholds=thresholds), is_watched=True)


def test_verification_and_timeouts_are_those_of_the_plan() -> None:
    url = "https://127.0.0.1:8443/"
    trusting = locustfile(outlined(url, ca_file="/tmp/ca.pem", timeout="3s", connect_timeout="2s"))  # noqa: S108

    assert "insecure = False" in trusting
    assert "create_default_context(cafile='/tmp/ca.pem')" in trusting
    assert ("network_timeout = 3.0" in trusting, "connection_timeout = 2.0" in trusting) == (True, True)
    assert "insecure = True" in locustfile(outlined(url, verify=False))


@pytest.mark.parametrize(
    ("weights", "whole"), [((1.0, 1.0), [1, 1]), ((3.0, 0.5), [6, 1]), ((1e-9, 1.0), [1, 1000]), ((0.25, 0.1), [5, 2])]
)
def test_weights_become_whole_numbers_in_the_same_proportions(weights: tuple[float, ...], whole: list[int]) -> None:
    assert whole_weights(outlined(targets=tuple(PlannedTarget(weight=w) for w in weights)).asks) == whole
