"""Matchers are read and written as Alertmanager reads and writes them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.matchers import format_matcher, format_matchers, matches, parse_matchers
from perftui.domain.triage import Matcher

_VALUES = st.text(max_size=20) | st.text('\\"n,{}=~! ', max_size=8)
_NAMES = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True) | _VALUES.filter(bool)
_PLAIN = st.builds(Matcher, _NAMES, _VALUES, st.booleans(), st.just(False))
_REGEX = st.builds(Matcher, _NAMES, _VALUES.map(re.escape), st.booleans(), st.just(True))


@given(st.lists(_PLAIN, max_size=5))
def test_what_was_written_is_read_again(matchers: list[Matcher]) -> None:
    assert parse_matchers(format_matchers(matchers)) == tuple(matchers)
    assert [parse_matchers(format_matcher(one)) for one in matchers] == [(one,) for one in matchers]


@given(st.text(max_size=30) | st.text('abc=!~",{}\\ ()*', max_size=12))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        found = parse_matchers(text)
    except ValueError:
        return
    assert parse_matchers(format_matchers(found)) == found


@given(st.dictionaries(_NAMES, _VALUES, max_size=4), _NAMES, _VALUES)
def test_a_condition_and_its_contrary_never_both_hold(labels: dict[str, str], name: str, value: str) -> None:
    assert matches([Matcher(name, value)], labels) is not matches([Matcher(name, value, equal=False)], labels)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("{}", []),
        ("severity=critical", [Matcher("severity", "critical")]),
        (' { severity =~ "crit|warn" , team != perf , } ', [
            Matcher("severity", "crit|warn", regex=True), Matcher("team", "perf", equal=False),
        ]),
        ('a!~"b.*"', [Matcher("a", "b.*", equal=False, regex=True)]),
        ('a="b\\"c\\\\d\\ne"', [Matcher("a", 'b"c\\d\ne')]),
        (r"pod=~web-\d+", [Matcher("pod", r"web-\d+", regex=True)]),
        ('a=",}"', [Matcher("a", ",}")]),
        ("a={b}", [Matcher("a", "{b}")]),
        ("a=", [Matcher("a", "")]),
        ("a=,b=c", [Matcher("a", ""), Matcher("b", "c")]),
        ("summary=disk is full", [Matcher("summary", "disk is full")]),
        ('"my label"="x"', [Matcher("my label", "x")]),
        ("job:up:rate=1", [Matcher("job:up:rate", "1")]),
        ("name=ключ", [Matcher("name", "ключ")]),
    ],
)  # fmt: skip
def test_the_syntax_of_alertmanager_is_understood(text: str, expected: list[Matcher]) -> None:
    assert list(parse_matchers(text)) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("critical", 'after the label "critical" stands =, !=, =~ or !~, and there is nothing more'),
        ("a==b c", None),
        ("=b", "expected the name of a label, such as severity=\"critical\", not '=b'"),
        ("1a=b", "expected the name of a label"),
        ('a="b', "a quote does not end, not '\"b'"),
        ('a=b"c', 'a quote inside of a value is written \\"'),
        ('a="b" c="d"', "between matchers stands a comma, not 'c=\"d\"'"),
        ("{a=b", "a { without a }"),
        ('a=~"("', "a=~: a ( has no )"),
        ("a,b", 'after the label "a" stands'),
        ("a=b\\", "last backslash"),
        ('""="a"', "name is empty"),
        ("a" * 20_001, "at most 20000 characters"),
        (",".join(["a=b"] * 65), "at most 64 matchers"),
        (",", "expected the name of a label"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(text: str, says: str | None) -> None:
    if says is None:
        assert parse_matchers(text) == (Matcher("a", "=b c"),)
        return
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_matchers(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('severity="critical"', True),
        ('severity!="critical"', False),
        ('severity=~"crit"', False),
        ('severity=~"crit.*|warn.*"', True),
        ('severity!~"info|none"', True),
        ('missing=""', True),
        ('missing!=""', False),
        ('missing=~".*"', True),
        ('missing=~".+"', False),
        ('severity="critical",team="other"', False),
        ("", True),
    ],
)
def test_conditions_are_anchored_and_a_missing_label_is_empty(text: str, expected: bool) -> None:
    assert matches(parse_matchers(text), {"severity": "critical", "team": "perf"}) is expected


@given(st.lists(_PLAIN | _REGEX, min_size=1, max_size=3))
def test_all_conditions_are_to_hold(matchers: list[Matcher]) -> None:
    labels = {"severity": "critical"}

    assert matches(matchers, labels) is all(matches([one], labels) for one in matchers)


def test_a_bad_expression_of_elsewhere_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="has no"):
        matches([Matcher("a", "(", regex=True)], {"a": "b"})
