"""Series ids are canonical, selectors pick what they say, hostile text is made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.alerts import fingerprint
from perftui.domain.series import parse_selector, parse_series, series_id
from perftui.domain.text import clean

_NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


@given(_NAMES, st.dictionaries(_NAMES, st.text(min_size=1, max_size=12), max_size=4))
def test_an_id_comes_back_as_its_parts(name: str, labels: dict[str, str]) -> None:
    ref = parse_series(series_id("host", name, labels))

    assert (ref.source, ref.name, dict(ref.labels)) == ("host", name, labels)


def test_equal_series_have_equal_ids() -> None:
    assert series_id("a", "x", {"b": "1", "a": "2"}) == series_id("a", "x", {"a": "2", "b": "1", "c": ""})


@pytest.mark.parametrize(
    ("selector", "series", "picked"),
    [
        ("host/x", 'host/x{core="1"}', True),
        ("host/x", "host/y", False),
        ("host/x", "other/x", False),
        ('host/x{core="1"}', 'host/x{core="1"}', True),
        ('host/x{core!="1"}', 'host/x{core="1"}', False),
        ('host/x{core=~"1|2"}', 'host/x{core="2"}', True),
        ('host/x{core=~"1"}', 'host/x{core="10"}', False),
        ('host/x{core!~"1.*"}', 'host/x{core="10"}', False),
        ('host/x{disk=""}', 'host/x{core="1"}', True),
    ],
)
def test_selectors_match_as_in_prometheus(selector: str, series: str, picked: bool) -> None:
    assert parse_selector(selector).matches(series) is picked


@pytest.mark.parametrize(
    "text", ["", "host", "host/", "/x", "host/x{", 'host/x{a="1}', "host/x{a=1}", 'host/x{a=~"("}']
)
def test_what_is_no_selector_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a series|bad label matcher|bad regular expression"):
        parse_selector(text)


@given(st.text(max_size=80), st.integers(2, 40))
def test_hostile_text_loses_its_controls_and_its_length(text: str, limit: int) -> None:
    cleaned = clean(text, limit)

    assert len(cleaned) <= limit
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or 0x202A <= ord(char) <= 0x202E for char in cleaned)


def test_equal_labels_have_equal_fingerprints() -> None:
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert fingerprint({"a": "1"}) != fingerprint({"a": "2"})
