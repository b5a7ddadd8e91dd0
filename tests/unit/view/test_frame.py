"""Frames: exact, with the figure whole or not at all."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.domain.roles import Role
from perftui.view.frame import framed, framed_as_made
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.panels import indented
from perftui.view.text import Line, fit, line_width, plain

texts = st.text(max_size=25) | st.sampled_from(("日本語の題", "Host", ""))


def shown(title: str, summary: str = "", width: int = 24, height: int = 3, **more: str) -> list[str]:
    figure: Line = ((summary, Role.VALUE),) if summary else ()
    body = ((("inside", Role.TEXT),),)
    footer = more.get("footer", "")
    lines = framed(body, width=width, height=height, title=title, summary=figure, footer=footer, glyphs=UTF8)
    return [plain(line) for line in lines]


@settings(max_examples=100, deadline=None)
@given(texts, texts, texts, st.lists(texts, max_size=6), st.integers(0, 50), st.integers(0, 8),
       st.sampled_from((UTF8, ASCII)))  # fmt: skip
def test_a_frame_has_exactly_its_size(
    title: str, summary: str, footer: str, body: list[str], width: int, height: int, glyphs: GlyphSet
) -> None:
    lines = framed(
        [((text, Role.TEXT),) for text in body], width=width, height=height, title=title,
        summary=((summary, Role.VALUE),), footer=footer, glyphs=glyphs,
    )  # fmt: skip
    assert len(lines) == height
    assert all(line_width(line) == width for line in lines)


@settings(max_examples=100, deadline=None)
@given(texts, texts, texts, st.lists(texts, max_size=6), st.integers(4, 50), st.integers(2, 8))
def test_lines_of_the_right_width_are_framed_as_any_others_are(
    title: str, summary: str, footer: str, body: list[str], width: int, height: int
) -> None:
    lines = [fit(((text, Role.VALUE),), width - 4) for text in body]
    figure: Line = ((summary, Role.VALUE),)
    assert framed_as_made(
        lines, width=width, height=height, title=title, summary=figure, footer=footer, glyphs=UTF8
    ) == framed(
        indented(lines), width=width, height=height, title=title, summary=figure, footer=footer, glyphs=UTF8
    )  # fmt: skip


def test_title_stands_left_and_the_figure_right() -> None:
    assert shown("Host", "41 %") == ["╭ Host ────────── 41 % ╮", "│inside                │", "╰──────────────────────╯"]


def test_the_footer_stands_in_the_bottom_line() -> None:
    assert shown("Host", footer="slo 200")[-1] == "╰──────────── slo 200 ─╯"


def test_a_figure_is_never_cut() -> None:
    assert "…" not in shown("Host", "2:14 of 3:40", width=24)[0]
    assert shown("Throughput", "2:14 of 3:40", width=27)[0] == "╭ Through… ─ 2:14 of 3:40 ╮"
    for width in range(4, 40):
        top = shown("Throughput", "2:14 of 3:40", width=width)[0]
        assert ("2:14 of 3:40" in top) or ("2:" not in top), width


def test_a_long_title_is_cut_with_an_ellipsis() -> None:
    assert shown("A very long title of a panel", width=20)[0] == "╭ A very long ti… ─╮"


def test_focus_changes_the_top_line_of_the_frame_alone() -> None:
    calm = framed((), width=10, height=2, title="x", glyphs=UTF8)
    focused = framed((), width=10, height=2, title="x", focused=True, glyphs=UTF8)
    assert [plain(line) for line in calm] == [plain(line) for line in focused]
    assert {role for line in calm for _, role in line} == {Role.FRAME, Role.TITLE}
    assert {role for _, role in focused[0]} == {Role.FOCUS}
    assert focused[1:] == calm[1:]


def test_where_no_frame_fits_the_body_stands_alone() -> None:
    assert shown("Host", width=6, height=1) == ["inside"]
