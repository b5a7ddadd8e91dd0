"""Completion of expressions: what can stand at the cursor, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.tui.promql import beginning, complete

_METRICS = ("node_cpu_seconds_total", "node_load1", "rate_limit", "up")
_LABELS: dict[str, Mapping[str, Sequence[str]]] = {
    "up": {"instance": ["127.0.0.1:9090", 'quo"te', "back\\slash"], "job": ["node", "prometheus"]},
    "node_cpu_seconds_total": {"cpu": ["0", "1"], "mode": ["idle", "user"]},
    "": {"selected": ["x"]},
}


def completed(head: str, *, functions: bool = True) -> list[str]:
    return complete(head, _METRICS, _LABELS.get, functions=functions)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("node_", ["node_cpu_seconds_total", "node_load1"]),
        ("rat", ["rate(", "rate_limit"]),
        ("sum(rate(u", ["sum(rate(up"]),
        ("1+u", ["1+up"]),
        # labels within braces
        ("up{", ['up{instance="', 'up{job="']),
        ("up{j", ['up{job="']),
        ('up{job="node",i', ['up{job="node",instance="']),
        ('up{job="node", ', ['up{job="node", instance="', 'up{job="node", job="']),
        # their values within quotes
        ('up{job="', ['up{job="node"', 'up{job="prometheus"']),
        ('up{job!="p', ['up{job!="prometheus"']),
        ('up{instance="127.0.0.1:', ['up{instance="127.0.0.1:9090"']),
        # as they must be written
        ('up{instance="q', ['up{instance="quo\\"te"']),
        ('up{instance="b', ['up{instance="back\\\\slash"']),
        # groupings take the labels of metrics that are named already
        ("sum(node_cpu_seconds_total) by (m", ["sum(node_cpu_seconds_total) by (mode"]),
        ("up / on (job, i", ["up / on (job, instance"]),
        # ranges
        ("rate(up[", ["rate(up[$win]", "rate(up[1m]", "rate(up[5m]", "rate(up[15m]", "rate(up[1h]"]),
        ("rate(up[1", ["rate(up[1m]", "rate(up[15m]", "rate(up[1h]"]),
    ],
)
def test_what_can_stand_there_is_offered(head: str, expected: list[str]) -> None:
    assert completed(head) == expected


@pytest.mark.parametrize("head", ["", "up ", "up)", "1", 'up{job="node"', "nothing_is_called_so", "up{job=~'"])
def test_where_nothing_is_known_nothing_is_offered(head: str) -> None:
    assert completed(head) == []


def test_functions_are_for_sources_that_know_them() -> None:
    assert completed("rat", functions=False) == ["rate_limit"]


def test_labels_that_are_asked_for_come_later() -> None:
    asked: list[str] = []

    def labels_of(metric: str) -> None:
        asked.append(metric)

    assert complete("up{", _METRICS, labels_of) == []
    assert asked == ["up"]


def test_braces_without_a_metric_take_the_labels_of_the_selected_one() -> None:
    assert completed("{s") == ['{selected="']


def test_what_begins_so_is_found_among_sorted_names() -> None:
    assert list(beginning(("a", "ab", "b"), "a")) == ["a", "ab"]
    assert list(beginning(("a", "ab", "b"), "c")) == []
    assert list(beginning((), "c")) == []


@given(st.text(alphabet=st.sampled_from('up{}[]()="\\, \n1rate_byé漢'), max_size=30))
def test_a_completion_begins_with_what_was_typed(head: str) -> None:
    for text in completed(head):
        assert text.startswith(head) or '"' in head  # in quotes a value is written with its escapes
        assert len(text) >= len(head)
