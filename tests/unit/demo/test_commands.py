"""Commands come in lines, whatever comes between; answers go out, or nowhere."""

from __future__ import annotations

import json
import os

from hypothesis import given
from hypothesis import strategies as st

from perftui.demo.commands import Commands, answer


def _read(pieces: list[bytes]) -> list[str]:
    """What is read of pieces that are written one after the other."""
    source, sink = os.pipe()
    try:
        commands, found = Commands(source), []
        for piece in pieces:
            os.write(sink, piece)
            for _ in range(0, len(piece), 4096):
                found += commands.read() or []
        return found
    finally:
        os.close(source)
        os.close(sink)


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n")), max_size=5),
    st.lists(st.integers(1, 40), max_size=8),
)
def test_lines_are_the_same_however_they_are_cut(lines: list[str], cuts: list[int]) -> None:
    text = "".join(f"{line}\n" for line in lines).encode()
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(text[at : at + cut])
        at += cut
    pieces.append(text[at:])

    assert _read([piece for piece in pieces if piece]) == [line.strip() for line in lines]


def test_a_line_that_is_too_long_is_one_empty_one_and_the_next_is_read() -> None:
    assert _read([b"x" * 30_000, b"x" * 30_000, b"yz\nlift\n"]) == ["", "lift"]


def test_the_end_of_the_input_is_told() -> None:
    source, sink = os.pipe()
    os.close(sink)
    try:
        assert Commands(source).read() is None
    finally:
        os.close(source)


def test_who_does_not_read_answers_holds_nobody_up() -> None:
    source, sink = os.pipe()
    try:
        for number in range(10_000):
            answer({"ok": f"{number:0100}"}, sink)
        first = os.read(source, 65_536).splitlines()[0]
        assert json.loads(first) == {"ok": f"{0:0100}"}
    finally:
        os.close(source)
        os.close(sink)
    answer({"ok": "nobody is there"}, sink)
