"""What is taken out of answers: by path, by expression, from headers, and nothing from what is too large."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.extract import LONGEST, LOOKED_AT, Extract, at_path, extractor, parse_json_path

_HEAD = b"HTTP/1.1 200 OK\r\nLocation: /orders/42\r\nX-Two: a\r\n\r\n"
_DOCUMENT = {"a": {"b c": [{"id": 7}, {"id": 1.5}, None, True, "x"]}, "0": "zero"}
_LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
_TREES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.a['b c'][0].id", "7"), ('$.a["b c"][1].id', "1.5"), ("a['b c'].0.id", "7"), ("$.a['b c'][-1]", "x"),
        ("$.a['b c'][3]", "true"), ("$.0", "zero"), ("$.a['b c'][0]", '{"id":7}'), ("$.a['b c'][2]", None),
        ("$.a.nothing", None), ("$.a['b c'][9]", None), ("$.a['b c'].id", None), ("$.a[0]", None),
    ],
)  # fmt: skip
def test_a_json_path_leads_to_a_value_as_text(path: str, value: str | None) -> None:
    assert at_path(json.dumps(_DOCUMENT).encode(), parse_json_path(path)) == value


@pytest.mark.parametrize(
    "text", ["$..a", "$.a[*]", "$.a[?(@.b)]", "$.a[1:2]", "$.", "$a", "$.a b", "$['a", "a..b", "$.a["]
)
def test_a_path_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a JSON path such as \$\.items\[0\]\.id"):
        parse_json_path(text)


@given(st.text())
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    try:
        parse_json_path(text)
    except ValueError:
        return


@given(_TREES, st.data())
def test_a_path_to_a_leaf_finds_it(tree: Any, data: st.DataObject) -> None:
    path, value = "$", tree
    while isinstance(value, (dict, list)) and value:
        key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        if isinstance(key, str) and "'" in key:
            return
        path += f"[{key}]" if isinstance(key, int) else f"['{key}']"
        value = value[key]
    found = at_path(json.dumps(tree).encode(), parse_json_path(path))

    assert found == (value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":")))


@given(st.binary())
def test_any_bytes_are_looked_at_without_harm(body: bytes) -> None:
    for what in (Extract("a", json="$.a"), Extract("a", regex="a+(b)?"), Extract("a", header="a")):
        extractor(what).take(b"HTTP/1.1 200 OK\r\n" + body, body)


def test_expressions_give_their_first_group_or_all() -> None:
    assert extractor(Extract("a", regex='value="([^"]*)"')).take(_HEAD, b'<input value="7f">') == "7f"
    assert extractor(Extract("a", regex="[0-9]+")).take(_HEAD, b"no 12") == "12"
    assert extractor(Extract("a", regex="(x)|y")).take(_HEAD, b"y") is None


def test_headers_are_found_whatever_their_case_also_by_expression() -> None:
    assert extractor(Extract("a", header="LOCATION")).take(_HEAD, b"") == "/orders/42"
    assert extractor(Extract("a", header="location", regex=r"(\d+)$")).take(_HEAD, b"") == "42"
    assert extractor(Extract("a", header="X-None", regex="a")).take(_HEAD, b"a") is None


def test_only_so_much_is_looked_at_and_kept() -> None:
    far = b" " * LOOKED_AT + b"needle"

    assert extractor(Extract("a", regex="needle")).take(_HEAD, far) is None
    assert extractor(Extract("a", json="$.a")).take(_HEAD, b'{"a": 1}' + b" " * LOOKED_AT) is None
    assert extractor(Extract("a", regex="x+")).take(_HEAD, b"x" * (LONGEST + 1)) is None
    assert extractor(Extract("a", regex="x+")).take(_HEAD, b"x" * LONGEST) == "x" * LONGEST


@pytest.mark.parametrize(
    "what",
    [Extract("a"), Extract("a", json="$.a", regex="a"), Extract("a", json="$.a", header="a"), Extract("a", regex="(")],
)
def test_what_can_not_be_extracted_is_refused_in_words(what: Extract) -> None:
    with pytest.raises(ValueError, match=r"expected|regular expression"):
        extractor(what)
