"""The place of an error is found again in the text that was typed, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.view.query_error import error_place


@pytest.mark.parametrize(
    ("error", "expr", "place"),
    [
        ("1:5: parse error: unexpected right parenthesis", "sum()", 4),
        ("bad query: 1:1: parse error: no expression found", "@", 0),
        ('invalid parameter "query": 1:14: parse error: unexpected "n"', 'up{job="node"n}', 13),
        # the server counts bytes
        ('1:14: parse error: unexpected "x"', 'up{job="ä"} x', 12),
        # at the end of the text
        ("1:5: parse error: unclosed left parenthesis", "sum(", 4),
        ("unexpected character at char 3", "up]", 2),
        ("parse error at character 3", "up]", 2),
        # a real server's place is the one behind the character
        ("1:9: parse error: unexpected right parenthesis ')'", "sum(up))", 7),
        ("1:4: parse error: unexpected right bracket ']'", "up]", 2),
        ("1:15: parse error: unexpected character inside braces: '+'", 'up{job="node" +', 14),
    ],
)
def test_a_place_that_the_server_names_is_found(error: str, expr: str, place: int) -> None:
    assert error_place(error, expr) == place


@pytest.mark.parametrize(
    ("error", "expr"),
    [
        ("connection refused", "up"),
        # in a second line
        ("2:5: parse error: unexpected", "sum(\nup))"),
        # behind the text
        ("1:99: parse error", "up"),
        # the server saw more than was typed
        ("1:12: parse error", "rate(up[$win])]"),
        ("1:99999999999999999999: parse error", "up"),
        # a time is no place
        ("the server is away since 12:30", "sum(up)))))))))))))))))))))))))"),
    ],
)
def test_no_place_is_better_than_a_wrong_one(error: str, expr: str) -> None:
    assert error_place(error, expr) is None


def test_before_the_first_placeholder_places_are_right() -> None:
    assert error_place("1:1: parse error", ")rate(up[$win])") == 0


def test_a_place_that_is_absurd_breaks_nothing() -> None:
    assert error_place("1:" + "9" * 5000 + ": parse error", "up") is None
    assert error_place("1:0: parse error", "up") is None


@given(st.text(max_size=40), st.text(max_size=20), st.integers(0, 50), st.integers(0, 3))
def test_a_place_lies_within_the_text(noise: str, expr: str, column: int, line: int) -> None:
    for error in (noise, f"{line}:{column}: {noise}", f"{noise} at char {column}"):
        place = error_place(error, expr)
        assert place is None or 0 <= place <= len(expr)
