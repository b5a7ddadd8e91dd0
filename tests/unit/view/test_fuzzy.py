"""Names are found as somebody types them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from perftui.view.fuzzy import find

_NAMES = sorted(
    ("go_goroutines", "node_cpu_guest_seconds_total", "node_cpu_seconds_total", "process_cpu_seconds_total", "up")
)
_NAME = st.text(alphabet=st.sampled_from("abc_"), max_size=8)


def found(typed: str) -> list[str]:
    return [_NAMES[place] for place in find(_NAMES, typed)]


def test_nothing_typed_leaves_all_of_them() -> None:
    assert found("") == found("  ") == _NAMES


def test_what_begins_so_comes_before_what_holds_it() -> None:
    names = ["a_up", "up", "upper"]
    assert [names[place] for place in find(names, "up")] == ["up", "upper", "a_up"]


def test_every_word_must_be_in_it_in_any_order() -> None:
    assert found("total cpu") == [
        "node_cpu_guest_seconds_total", "node_cpu_seconds_total", "process_cpu_seconds_total"
    ]  # fmt: skip
    assert found("cpu proc") == ["process_cpu_seconds_total"]


def test_capitals_are_no_different() -> None:
    assert found("NODE_CPU_S") == ["node_cpu_seconds_total"]


def test_letters_in_their_order_count_where_no_name_holds_the_words() -> None:
    assert found("ndcpu") == ["node_cpu_guest_seconds_total", "node_cpu_seconds_total"]
    assert found("xyz") == []


@given(st.text(max_size=20))
def test_whatever_is_typed_is_text_and_no_pattern(typed: str) -> None:
    assert set(find(_NAMES, typed)) <= set(range(len(_NAMES)))


@given(st.lists(_NAME, max_size=10), st.text(alphabet=st.sampled_from("abc_ "), max_size=6))
def test_what_is_found_is_what_a_slow_search_finds(names: list[str], typed: str) -> None:
    words = typed.split()
    holding = [place for place, name in enumerate(names) if all(word in name for word in words)]
    letters = [re.compile(".*".join(map(re.escape, word))) for word in words]
    scattered = [place for place, name in enumerate(names) if all(one.search(name) for one in letters)]

    assert sorted(find(names, typed)) == (holding or scattered)


def test_a_long_hostile_name_is_searched_at_once() -> None:
    """Letters that never end must not be tried in every combination."""
    assert find(["a" * 50_000], "a" * 60 + "b") == []
