"""The list of alerts: after any changes it is what a list made anew would be, and the cursor stays with its alert."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.alerts import AlertState, Severity
from perftui.domain.triage import AlertRow
from perftui.view.alerts_filter import parse_filter
from perftui.view.alerts_index import AlertIndex
from perftui.view.alerts_table import alert_index
from perftui.view.glyphs import ASCII, UTF8
from perftui.view.text import line_width, plain
from tests.unit.view.alert_rows import HOSTILE, NOW, alert, some

FILTERS = ("", "a", "busy !two", 'severity="critical"', 'service=~"x|y" busy', 'state="pending"', "nothing at all")
GROUPS: tuple[tuple[str, ...], ...] = ((), ("service",), ("service", "severity"), ("missing",))

keys = st.integers(0, 30).map(lambda number: f"k{number:02}")
rows = st.builds(
    lambda key, severity, state, service, name, since, value: alert(
        key, name, severity, state, labels={"service": service}, since=NOW - since, value=value
    ),
    keys, st.sampled_from(Severity), st.sampled_from(AlertState), st.sampled_from(["x", "y", ""]),
    st.sampled_from(["Busy", "Two"]), st.integers(0, 5), st.sampled_from([None, 1.0, 2.0, float("nan")]),
)  # fmt: skip
tables = st.lists(rows, max_size=25).map(lambda found: {row.key: row for row in found})


def index_of(*found: AlertRow) -> AlertIndex:
    index = alert_index(lambda: NOW, lambda: None)
    index.update({row.key: row for row in found})
    return index


def names(index: AlertIndex) -> list[str]:
    return [plain(index.row_line(key, 60, UTF8)).strip() for key in index.order]


@settings(max_examples=150, deadline=None)
@given(st.lists(tables, min_size=1, max_size=5), st.sampled_from(FILTERS), st.sampled_from(GROUPS), st.data())
def test_a_list_that_changed_is_the_list_that_would_be_made_anew(
    states: Sequence[dict[str, AlertRow]], text: str, group: Sequence[str], data: st.DataObject
) -> None:
    column = data.draw(st.sampled_from([one.id for one in index_of().columns]))
    descending = data.draw(st.booleans())
    changed = index_of()
    changed.sort_by(column, descending=descending)
    changed.set_group(group)
    changed.set_filter(text)
    merged = alert_index(lambda: NOW, lambda: None)
    merged.sort_by(column, descending=descending)
    merged.set_group(group)
    merged.set_filter(text)
    merged.few = 0  # every change is merged in as one of many
    pieces = alert_index(lambda: NOW, lambda: None)
    pieces.set_group(group)
    pieces.sort_by(column, descending=descending)
    pieces.set_filter(text)
    for state in states:
        # rows that are equal to what they were are often the same objects too
        changed.update(state)
        merged.update(state)
        while pieces.take(state, 3):
            pass
        anew = alert_index(lambda: NOW, lambda: None)
        anew.update(state)
        anew.set_filter(text)
        anew.set_group(group)
        anew.sort_by(column, descending=descending)
        assert changed.order == merged.order == pieces.order == anew.order
        assert changed.alerts_shown == anew.alerts_shown == len([key for key in anew.order if key in state])


@settings(max_examples=150, deadline=None)
@given(tables, tables, st.sampled_from(GROUPS), st.integers(0, 40))
def test_the_cursor_stays_on_its_alert_as_long_as_it_is_shown(
    before: dict[str, AlertRow], after: dict[str, AlertRow], group: Sequence[str], place: int
) -> None:
    index = index_of(*before.values())
    index.set_group(group)
    index.move_to(place)
    chosen = index.cursor_key

    index.update(after)

    if chosen in index.order:
        assert index.cursor_key == chosen
    assert (index.cursor_key is None) is not bool(index.order)
    assert index.cursor_key is None or index.order[index.cursor_index] == index.cursor_key
    assert index.marks <= after.keys()


@given(tables, st.sampled_from([one for one in GROUPS if one]))
def test_sections_hold_every_alert_once_in_the_order_of_their_first_ones(
    state: dict[str, AlertRow], group: Sequence[str]
) -> None:
    index = index_of(*state.values())
    flat = list(index.order)

    index.set_group(group)

    inside = [key for key in index.order if key in state]
    assert sorted(inside) == sorted(flat)
    heads = [place for place, key in enumerate(index.order) if key not in state]
    firsts = [index.order[place + 1] for place in heads]
    assert firsts == sorted(firsts, key=flat.index)


@given(st.text(max_size=60))
def test_no_filter_that_somebody_types_breaks_the_list(text: str) -> None:
    index = index_of(*some())

    index.set_filter(text)

    assert index.problem or set(index.order) <= {row.key for row in some()}


def test_what_needs_somebody_stands_first_then_the_worst_then_the_oldest() -> None:
    index = index_of(
        alert("new", since=NOW - 1), alert("old", since=NOW - 9), alert("crit", severity=Severity.CRITICAL),
        alert("pend", severity=Severity.CRITICAL, state=AlertState.PENDING),
        alert("hid", severity=Severity.CRITICAL, state=AlertState.SUPPRESSED),
        alert("snoozed", severity=Severity.CRITICAL, snoozed_until=NOW + 9),
        alert("over", severity=Severity.CRITICAL, state=AlertState.RESOLVED),
    )  # fmt: skip

    assert index.order == ["crit", "old", "new", "pend", "snoozed", "hid", "over"]


def test_rows_without_a_value_come_last_in_both_directions() -> None:
    index = index_of(alert("none", value=None), alert("one", value=1.0), alert("two", value=2.0))

    index.sort_by("value")
    assert index.order == ["two", "one", "none"]
    index.reverse()
    assert index.order == ["one", "two", "none"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("checkout", ["a1", "a2", "a3"]),
        ("checkout !disk", ["a1", "a2"]),
        ('service="checkout", severity!="critical"', ["a2", "a3"]),
        ('{service=~"se.*"}', ["b1", "b2"]),
        ('severity = "critical" firing', ["a1"]),
        ('owner="anna"', ["a3"]),
        ('state=~"pending|snoozed"', ["b1", "a3"]),
        ("service=search up == 0", ["b1"]),
        ("TooManyErrors ,", ["b2"]),
        ("!", ["a1", "a2", "b1", "a3", "b2"]),
    ],
)
def test_the_filter_takes_matchers_and_words(text: str, found: list[str]) -> None:
    index = index_of(*some())

    index.set_filter(text)

    assert (index.order, index.problem) == (found, "")


def test_a_matcher_that_is_not_whole_leaves_the_filter_before_in_force() -> None:
    index = index_of(*some())
    index.set_filter("checkout")

    index.set_filter('severity=~"(')

    assert index.problem
    assert index.order == ["a1", "a2", "a3"]
    with pytest.raises(ValueError, match="quote"):
        parse_filter('severity="crit')


def test_a_label_is_stronger_than_what_the_row_knows_by_its_name() -> None:
    index = index_of(alert("one", labels={"state": "Bavaria"}), alert("two"))

    index.set_filter('state="Bavaria"')
    assert index.order == ["one"]
    index.set_filter('state="firing"')
    assert index.order == ["two"]


def test_a_section_is_folded_from_within_and_marked_as_a_whole() -> None:
    index = index_of(*some())
    index.set_group(["service"])
    assert names(index)[0] == "▾ checkout (3)  ✗ 1"
    index.move_to(2)
    assert index.cursor_key == "a2"

    index.toggle_fold()

    assert names(index)[0] == "▸ ▸ checkout (3)  ✗ 1"
    assert [row.key for row in index.chosen()] == ["a1", "a2", "a3"]
    index.toggle_mark()
    assert index.marks == {"a1", "a2", "a3"}
    index.toggle_mark()
    assert not index.marks
    index.toggle_fold()
    assert index.order[1:4] == ["a1", "a2", "a3"]


def test_the_cursor_is_in_the_section_when_its_alert_is_folded_away() -> None:
    index = index_of(*some())
    index.set_group(["service"])
    index.toggle_fold()
    index.move_to(1)
    index.toggle_fold()
    assert len(index.order) == 2
    assert index.cursor_key == index.order[1]


def test_an_action_means_the_marked_alerts_in_their_order_else_that_under_the_cursor() -> None:
    index = index_of(*some())
    index.move_to(1)
    assert [row.key for row in index.chosen()] == ["a2"]
    index.toggle_mark()
    index.move_to(0)
    index.toggle_mark()
    assert [row.key for row in index.chosen()] == ["a1", "a2"]
    index.update({"a2": some()[1]})
    assert [row.key for row in index.chosen()] == ["a2"]
    assert not index_of().chosen()


def test_a_row_that_changed_is_searched_by_what_it_is_now() -> None:
    index = index_of(alert("one"), alert("two"))
    index.set_filter("zoe")
    assert index.order == []

    index.update({"one": alert("one"), "two": alert("two", acked_by="zoe")})

    assert index.order == ["two"]
    while index.read_ahead(1):
        pass
    index.set_filter("zoe busy")
    assert index.order == ["two"]


def test_lines_of_hostile_alerts_are_clean_and_as_wide_as_asked_for() -> None:
    hostile = alert(
        "h", HOSTILE, labels={"service": HOSTILE * 50}, summary=HOSTILE * 400, acked_by=HOSTILE, sources=(HOSTILE,)
    )
    index = index_of(hostile, alert("b"))
    index.set_group(["service"])

    for glyphs in (UTF8, ASCII):
        for width in (5, 20, 80, 200):
            lines = [index.row_line(key, width, glyphs) for key in index.order]
            assert all(line_width(line) == width for line in lines)
            assert not any(char in plain(line) for line in lines for char in "\x1b\x00\n\u202e")


def test_labels_of_all_alerts_can_be_grouped_by() -> None:
    index = index_of(*some())

    assert {"service", "mountpoint", "state", "owner", "source"} <= set(index.label_names())


def test_a_change_that_moves_nothing_leaves_the_order_and_shows_the_new_row() -> None:
    index = index_of(*some())
    order = index.order
    newer = msgspec.structs.replace(some()[0], value=0.5)

    index.update({row.key: row for row in (newer, *some()[1:])})

    assert index.order is order or index.order == order
    assert "500 ms" in plain(index.row_line("a1", 120, UTF8))
