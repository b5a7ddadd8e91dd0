"""Lines reach whoever reads, and a reader who is slow or gone holds nobody up."""

from __future__ import annotations

import os
import threading

import pytest

from perftui.cli.line_writer import LineWriter

_DEADLINE_S = 20.0


def _read(descriptor: int) -> str:
    with open(descriptor, "rb") as file:
        return file.read().decode()


def test_lines_come_in_their_order_and_what_the_encoding_lacks_is_replaced() -> None:
    reader, writer = os.pipe()
    lines = LineWriter(writer, "ascii", lambda why: None)
    lines.say(["one", "two µs"])
    lines.say(["three"])

    assert lines.flush(_DEADLINE_S)
    os.close(writer)
    assert _read(reader) == "one\ntwo ?s\nthree\n"


@pytest.mark.parametrize("waits", [True, False])
def test_a_reader_that_stands_still_costs_lines_that_are_counted_and_never_time(waits: bool) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, waits)
    lines = LineWriter(writer, "utf-8", lambda why: None)
    for _ in range(3000):
        lines.say(["x" * 200])
    assert not lines.flush(0.01)

    text: list[str] = []
    thread = threading.Thread(target=lambda: text.append(_read(reader)))
    thread.start()
    assert lines.flush(_DEADLINE_S)
    os.close(writer)
    thread.join(_DEADLINE_S)
    told = text[0].splitlines()
    dropped = [line for line in told if "left out" in line]
    assert dropped
    assert len(told) - len(dropped) + sum(int(line.split()[0]) for line in dropped) == 3000


def test_a_reader_that_is_gone_is_told_without_words_and_a_full_disk_with_its_reason() -> None:
    told: list[str] = []
    heard = threading.Event()

    def broken(why: str) -> None:
        told.append(why)
        heard.set()

    reader, writer = os.pipe()
    os.close(reader)
    lines = LineWriter(writer, "utf-8", broken)
    lines.say(["x"])
    assert heard.wait(_DEADLINE_S)
    assert not lines.flush(_DEADLINE_S)
    os.close(writer)

    heard.clear()
    full = os.open("/dev/full", os.O_WRONLY)
    LineWriter(full, "utf-8", broken).say(["x"])
    assert heard.wait(_DEADLINE_S)
    os.close(full)
    assert told == ["", "No space left on device"]
