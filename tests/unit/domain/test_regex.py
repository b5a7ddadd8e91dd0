"""Expressions mean what RE2 means by them, and none takes long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.regex import Regex, _Machine
from perftui.domain.regex_syntax import read

_ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\w", r"\s", r"\.", "-", "[b-]", r"[\d.]", r"\x61", r"\W"]
)
_COUNTS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}", "*?", "+?", "??"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.tuples(st.sampled_from(["(", "(?:", "(?P<name>"]), inner).map(lambda pair: f"{pair[0]}{pair[1]})")
    once = st.tuples(st.one_of(_ATOMS, group), _COUNTS).map("".join)
    row = st.lists(once, min_size=1, max_size=4).map("".join)
    return st.lists(row, min_size=1, max_size=3).map("|".join)


_PATTERNS = st.recursive(_ATOMS, _larger, max_leaves=6).filter(lambda pattern: pattern.count("<name>") < 2)


@given(_PATTERNS, st.lists(st.text("abc1-. \n\u00e4", max_size=8), max_size=20))
def test_what_both_understand_matches_what_python_matches(pattern: str, texts: list[str]) -> None:
    ours, theirs = Regex(pattern), re.compile(pattern, re.ASCII)

    for text in texts:
        assert ours.matches(text) is (theirs.fullmatch(text) is not None), text


@given(_PATTERNS, st.lists(st.text("abc1-. \n\u00e4", max_size=8), max_size=20))
def test_short_cuts_and_the_machine_agree(pattern: str, texts: list[str]) -> None:
    regex, machine = Regex(pattern), _Machine(read(pattern))

    for text in texts:
        assert regex.matches(text) is machine.matches(text), text


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("", [""], ["a"]),
        ("critical|warning", ["critical", "warning"], ["critical|warning", "criticalwarning", ""]),
        ("web-.*", ["web-1", "web-"], ["web", "my-web-1", "web-\n"]),
        ("(?s)web-.*", ["web-\n"], []),
        ("(?i)CRIT(ical)?", ["critical", "Crit", "CRITICAL"], ["warning"]),
        ("a(?i:b)c", ["abc", "aBc"], ["Abc", "abC"]),
        ("^(a|b)$", ["a"], ["ab"]),
        ("[[:b]", [":", "["], ["a"]),
        ("a$b", [], ["ab", "a"]),
        ("a|", ["a", ""], ["b"]),
        (r"\Qa.b*\E+", ["a.b*", "a.b**"], ["aXb*", "a.b"]),
        (r"a\Q.", ["a."], ["ab"]),
        (r".*\bdb\b.*", ["the db is", "db", "a-db"], ["dbs", "adb", "d b"]),
        (r"a\Bb.*", ["ab", "abc"], ["a b"]),
        ("[[:alpha:]_]+", ["a_B"], ["a1", ""]),
        ("[[:^digit:]]", ["a", "\n", "\u00e4"], ["1"]),
        (r"[^\d\s]", ["a"], ["1", " "]),
        ("[]a]+", ["]a"], ["b"]),
        ("[a-c-]", ["-", "b"], ["d"]),
        (r"\x{1F600}\x41", ["\U0001f600A"], []),
        (r"\101\0", ["A\0"], []),
        ("a{,2}", ["a{,2}"], ["aa"]),
        ("a{2", ["a{2"], ["aa"]),
        ("(a{2}){3}", ["aaaaaa"], ["aaaaa"]),
        ("(?m)a$\n^b", ["a\nb"], ["ab"]),
        ("(?U)a+", ["aa"], [""]),
        ("(?P<name>a)(?<other>b)", ["ab"], []),
        ("(?i)straße", ["STRAßE"], ["strasse"]),
        (r"[\W]", ["-", "\u00e4"], ["a"]),
    ],
)
def test_expressions_are_anchored_and_mean_what_re2_means(pattern: str, yes: list[str], no: list[str]) -> None:
    regex = Regex(pattern)

    assert [text for text in yes if not regex.matches(text)] == []
    assert [text for text in no if regex.matches(text)] == []


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "a ( has no )"),
        ("a)", "a ) without a ( (at character 2"),
        ("[a", "a [ has no ]"),
        ("*a", "before * stands nothing"),
        ("a**", "repeated again"),
        ("a|+", "before + stands nothing"),
        ("a\\", "last backslash"),
        (r"\1", r"\1 is not understood"),
        (r"\pL", r"\p is not understood"),
        (r"\x{110000}", "two digits"),
        ("[b-a]", "goes up"),
        ("[[:letters:]]", "[:letters:] is not known"),
        ("a{3,2}", "goes up"),
        ("a{1001}", "to 1000"),
        ("(?=a)", "looking ahead"),
        ("(?<!a)", "looking ahead"),
        ("(?z)", "a flag"),
        ("(?P<x", "does not end"),
        ("((a{100}){100}){100}", "too large"),
        ("a" * 1001, "at most 1000 characters"),
        ("(" * 60 + ")" * 60, "too many ("),
    ],
)
def test_what_is_wrong_is_said_in_words(pattern: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        Regex(pattern)


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_is_refused_in_words(pattern: str) -> None:
    try:
        regex = Regex(pattern)
    except ValueError as error:
        said = str(error)
    else:
        said = str(regex.matches("a"))
    assert said


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*b", "(a*)*b", "a*a*a*a*a*b", "(.*)(.*)(.*)x", ".*a.{400}", "(a?){300}a{300}"]
)
def test_expressions_that_backtrack_for_ever_elsewhere_come_to_an_end(pattern: str) -> None:
    """Python's ``re`` needs longer than a life for most of these; the timeout of the tests is what would tell."""
    regex = Regex(pattern)

    assert [regex.matches("a" * length) for length in (200, 201, 202)] in ([False] * 3, [True] * 3)
    assert not regex.matches("c" * 256)


def test_what_is_remembered_is_bounded() -> None:
    regex = Regex("(.*)a.{300}")

    for number in range(60):
        regex.matches(f"{number:b}".replace("1", "a") * 20)
    assert regex._machine is not None
    assert regex._machine._remembered <= 200_000
