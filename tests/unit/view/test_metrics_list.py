"""The list of metrics: which are seen, where the selected one stands, what is said when there are none."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.queries import MetricInfo
from perftui.domain.roles import Role
from perftui.domain.units import Unit
from perftui.view.exploring import Exploring, Listing
from perftui.view.glyphs import UTF8
from perftui.view.metrics_list import details_picture, list_picture
from perftui.view.scene import Scene
from perftui.view.text import line_width, plain
from tests.unit.view.metrics_scene import anything, exploring, listing, scene


def _text(found: Exploring, width: int = 48, height: int = 12, *, details: bool = False) -> str:
    picture = details_picture if details else list_picture
    return "\n".join(plain(line) for line in picture(scene(), found, width, height))


@settings(max_examples=150, deadline=None)
@given(anything(), st.integers(4, 130), st.integers(0, 40))
def test_every_picture_has_exactly_its_size(given_: tuple[Scene, Exploring], width: int, height: int) -> None:
    for picture in (list_picture, details_picture):
        lines = picture(*given_, width, height)
        assert [line_width(line) for line in lines] == [width] * height


def test_a_metric_stands_with_its_type_and_unit() -> None:
    infos = [MetricInfo("node_cpu_seconds_total", "counter", Unit.SECONDS), MetricInfo("up", "gauge", Unit.NONE)]

    rows = [row.strip("│ ").split() for row in _text(exploring(listing=Listing(infos, (0, 1), 1))).split("\n")]

    assert rows[2:4] == [["node_cpu_seconds_total", "counter", "s"], ["▸", "up", "gauge"]]


def test_the_selected_one_is_seen_wherever_it_is() -> None:
    names = [f"metric_{number:03}" for number in range(200)]
    for at in (0, 1, 100, 198, 199):
        assert f"▸ metric_{at:03}" in _text(exploring(listing=listing(*names, at=at)))


def test_the_selected_one_is_not_told_by_colour_alone() -> None:
    found = exploring(listing=listing("a", "b", at=1))

    selected = [line for line in list_picture(scene(), found, 48, 12) if any(role is Role.SELECTED for _, role in line)]

    assert [plain(line).split()[1:3] for line in selected] == [["▸", "b"]]


def test_a_long_name_keeps_its_ends() -> None:
    text = _text(exploring(listing=listing("node_" + "x" * 60 + "_seconds_total")))

    assert "node_xx" in text
    assert "_seconds_total" in text
    assert UTF8.ellipsis in text


def test_the_filter_and_how_many_it_leaves_are_told() -> None:
    infos = [MetricInfo(name, "gauge", Unit.NONE) for name in ("a", "b", "c")]

    text = _text(exploring(listing=Listing(infos, (1,), 0, "b")))

    assert "filter b" in text
    assert "1 of 3" in text


def test_a_filter_that_leaves_nothing_says_how_to_get_out() -> None:
    infos = [MetricInfo("a", "gauge", Unit.NONE)]

    assert 'Nothing matches "zz": esc clears the filter.' in _text(exploring(listing=Listing(infos, (), 0, "zz")))


def test_while_it_asks_and_when_it_fails_the_list_says_so() -> None:
    assert "asking main, 2 s of 5 s" in _text(exploring(listing=Listing(note="asking main, 2 s of 5 s")))
    assert "main: connection refused" in _text(exploring(listing=Listing(note="main: connection refused", bad=True)))


def test_what_was_known_stays_while_it_is_asked_again() -> None:
    assert "▸ up" in _text(exploring(listing=listing("up", note="asking main, 2 s of 5 s")))


def test_without_any_source_the_way_to_one_is_told() -> None:
    assert "perftui --prometheus URL" in _text(Exploring())


def test_of_many_sources_the_chosen_one_is_seen() -> None:
    sources = tuple((f"prometheus-{number}", True) for number in range(9))

    assert "▸prometheus-7" in _text(Exploring(sources, "prometheus-7"))


def test_the_selected_metric_is_explained_with_its_labels() -> None:
    info = MetricInfo("request_seconds_bucket", "histogram", Unit.SECONDS, "How long requests took.")
    found = exploring(listing=Listing([info], (0,)), labels={"le": ["0.1", "0.5"], "path": ["/pay"]})

    text = _text(found, details=True)

    assert "histogram, seconds" in text
    assert "How long requests took." in text
    assert ["le", "2", "0.1,", "0.5"] in [row.strip("│ ").split() for row in text.split("\n")]
    assert "/pay" in text


def test_labels_that_are_not_known_are_not_said_to_be_none() -> None:
    one = listing("up")

    assert "asking for its labels" in _text(exploring(listing=one), details=True)
    assert "connection refused" in _text(exploring(listing=one, labels_note="connection refused"), details=True)
    assert "No labels" in _text(exploring(listing=one, labels={}), details=True)


def test_labels_without_room_are_counted() -> None:
    labels = {f"label_{number}": ["x"] for number in range(20)}

    assert f"{UTF8.ellipsis} 13 more" in _text(exploring(listing=listing("up"), labels=labels), 48, 10, details=True)
