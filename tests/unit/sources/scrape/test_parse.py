"""Expressions are read as PromQL has them, and what is wrong is told with its place and what was expected."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.sources.scrape.promql.parse import parse
from perftui.sources.scrape.promql.patterns import check_pattern
from perftui.sources.scrape.promql.tree import Binary, ExpressionError, Number, Select, selects
from perftui.sources.scrape.promql.words import FUNCTIONS


def _shape(expr: str) -> str:
    """The tree of binary operators with all its brackets."""

    def written(node: object) -> str:
        if isinstance(node, Binary):
            return f"({written(node.left)} {node.operator} {written(node.right)})"
        if isinstance(node, Number):
            return f"{node.value:g}"
        return node.picker.name if isinstance(node, Select) else type(node).__name__

    return written(parse(expr, 1.0))


@pytest.mark.parametrize(
    ("expr", "shape"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a ^ b ^ c", "(a ^ (b ^ c))"),
        ("a / b % c", "((a / b) % c)"),
        ("a > b + 1", "(a > (b + 1))"),
        ("a or b and c unless d", "(a or ((b and c) unless d))"),
        ("(a or b) and c", "((a or b) and c)"),
        ("a AND b Or c", "((a and b) or c)"),
        ("a == bool 1 # the end", "(a == 1)"),
        ("-1 + 0x10 + 1e3 + .5 + Inf", "((((-1 + 16) + 1000) + 0.5) + inf)"),
        ("sum + by + rate", "((sum + by) + rate)"),
    ],
)
def test_operators_bind_as_in_promql(expr: str, shape: str) -> None:
    assert _shape(expr) == shape


@pytest.mark.parametrize(
    ("expr", "seconds"),
    [
        ("x[5m]", 300), ("x[1h30m]", 5400), ("x[500ms]", 0.5), ("x[$win]", 8), ("x[${win}]", 8),
        ("x[$__rate_interval]", 8), ("x[$__interval]", 2), ("x{a='b'}[1d]", 86400),
    ],
)  # fmt: skip
def test_a_window_is_a_span_or_made_from_the_interval(expr: str, seconds: float) -> None:
    (select,) = selects(parse(f"rate({expr})", 2.0))

    assert select.range_s == seconds


@pytest.mark.parametrize("expr", ["x{$sel}", "x{$sel,a='b'}", "x{a='b',$sel}", "x{a='b', ${sel} , c!='d',}", "x{}"])
def test_no_selection_is_no_matcher_wherever_it_stands(expr: str) -> None:
    (select,) = selects(parse(expr, 1.0))

    assert all(matcher.label in "ac" for matcher in select.picker.matchers)
    assert select.picker.name == "x"


def test_quoted_values_are_those_of_go() -> None:
    (select,) = selects(parse(r"""x{a="q\"\\\n\x41é",b='it\'s',c=`\d`}""", 1.0))

    assert [matcher.value for matcher in select.picker.matchers] == ['q"\\\nAé', "it's", "\\d"]


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        ("", "character 1: an expression is not empty"),
        ("  # only a comment", "character 1: an expression is not empty"),
        ("rate(up)", "character 6: rate wants a range such as http_requests_total[$win] here, not a vector"),
        ("sum(rate(x[5m])", 'character 16: expected "," or ")" and found the end'),
        ("sum(x[5m])", "character 5: sum wants a vector here, not a range"),
        ("foo bar", 'character 5: expected an operator or the end and found "bar"'),
        ("x)", 'character 2: expected an operator or the end and found ")"'),
        ('x{a="b"', 'character 8: expected "," or "}" and found the end'),
        ("x{a}", 'character 4: expected "=", "!=", "=~" or "!~" and found "}"'),
        ("x{a=b}", 'character 5: expected a value in quotes and found "b"'),
        ('x{"a.b"="c"}', "character 3: expected a label's name or \"}\" and found"),
        ('x{__name__="y"}', "character 3: the metric's name is already given"),
        ("x[5]", 'character 3: expected a span such as 30s, or $win, and found "5"'),
        ("x[0s]", "character 3: a window is longer than nothing"),
        ("5q", 'character 1: "5q" is neither a number nor a span'),
        ('"abc', "character 1: the quote does not close"),
        ("$foo", "character 1: expected $win or $sel"),
        ("x ! y", 'character 3: "!" has no meaning in PromQL'),
        ('x{a="\\d"}', 'character 6: "\\d" is no escape sequence'),
        ('x{a=~"("}', "character 6: bad regular expression"),
        ('x{a=~"(?=b)"}', "character 6: "),
        ('x{a=~"(.)\\\\1"}', "Prometheus knows no back references"),
        ("label_join(x)", "character 1: label_join is not known to scraped sources; a Prometheus server knows it"),
        ("quantile by (a) (0.9, x)", "character 1: quantile is not known to scraped sources; a Prometheus server"),
        ("rat(x[5m])", 'character 1: there is no function "rat", did you mean "rate"?'),
        ("x offset 5m", "character 3: offset is not known to scraped sources"),
        ("x @ 5", "character 3: @ is not known to scraped sources"),
        ("rate(sum(x)[5m])", "character 12: ranges of expressions (subqueries) are not known to scraped sources"),
        ("max_over_time(x[5m:1m])", "ranges of expressions (subqueries) are not known to scraped sources"),
        ("(x)[5m]", "ranges of expressions (subqueries) are not known to scraped sources"),
        ("1 > 2", 'character 3: two numbers are compared with "> bool"'),
        ("x + bool y", 'character 3: "bool" only stands behind a comparison'),
        ("x[5m] + 1", 'character 1: "+" joins vectors and numbers, not a range'),
        ("x and 1", 'character 3: "and" joins two vectors'),
        ("x and on(a) group_left y", 'character 3: "and" knows no grouping'),
        ("x + on(a) 1", '"on" and "ignoring" stand between two vectors'),
        ("x * on(a) group_left(a) y", '"a" can\'t be both matched on and taken over'),
        ("topk(x, y)", "character 6: topk wants a number here, not a vector"),
        ("topk(x)", "character 1: topk takes 2 arguments, not 1"),
        ("sum(x, y)", "character 1: sum takes 1 argument, not 2"),
        ("abs(x, 1)", "character 1: abs takes 1 argument, not 2"),
        ("sum by (1) (x)", "character 9: expected a label's name and found \"1\""),
        ("{}", "character 1: a selector needs a name, or a matcher that does not match what is empty"),
        ('{a=~".*"}', "character 1: a selector needs a name"),
        ("-'a'", "character 1: a sign stands before a vector or a number"),
        ("vector('a')", "character 8: vector wants a number here, not a text in quotes"),
        ("label_replace(x, 'a b', '', 'c', '')", 'character 18: "a b" is no name of a label'),
        ("label_replace(x, 'a', '', 'c', '(')", "character 32: bad regular expression"),
        ("(" * 61 + "x" + ")" * 61, "nested more than 60 deep"),
        ("+".join("x" * 200), "up to 150 operators"),
        ("x" * 20_000, "up to 16384 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(expr: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(expr, 1.0)

    assert message in str(caught.value)


def test_deep_and_long_expressions_within_the_limits_are_read() -> None:
    assert _shape("(" * 59 + "x" + ")" * 59) == "x"
    assert len(selects(parse("+".join("x" * 150), 1.0))) == 150


@pytest.mark.parametrize("pattern", ["(a+)+", "(a*b?)*", "((a|b)+c)*", "(?:x*){20,}", "(a+){11,12}", "([ab]+|c)+d"])
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="for ever"):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["", "2..|5..", "a+b+", "(a|b)+", "(ab){3}", "(a{2}){3}", "[(+*]+x", "\\(+", "(?i)get|post", "(?P<n>a+)b", "a{2,5}",
     "(?:a+)?", "[]a]+", "[^]]*", "a{,3}"],
)  # fmt: skip
def test_a_usual_pattern_is_taken(pattern: str) -> None:
    check_pattern(pattern)


_WORDS = st.sampled_from(
    [*FUNCTIONS, "sum", "by", "(", ")", "x", "[", "]", "5m", "$win", "{", "}", "a", "=", "=~", '"b"', ",", "+", "-",
     "/", "1", ">", "bool", "on", "group_left", "or", "and", "@", "offset", " ", "$sel", "'", "\\", "Ω", "\x00"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(_WORDS, max_size=25))
def test_no_text_does_more_than_an_error_with_a_place(words: list[str]) -> None:
    text = " ".join(words)
    try:
        parse(text, 1.0)
    except ExpressionError as error:
        told = str(error)
    else:
        return
    assert 1 <= int(told.split(":")[0].removeprefix("character ")) <= len(text) + 1
    assert "\x00" not in told
