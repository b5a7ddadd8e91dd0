"""Rates and their totals: counters that reset, devices that come and go, time that stands still."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.sources.host.proc_file import ProcFile, number_after
from perftui.sources.host.rates import Rates, Totals


def _total(rates: Rates, at: float, **counters: float) -> float | None:
    totals, values = Totals(rates, at), dict[str, float]()
    for name, value in counters.items():
        totals.add("total", name, value)
    totals.read(values)
    rates.turn()
    return values.get("total")


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 2**64), st.floats(0, 1e6)), min_size=2, max_size=20))
def test_a_rate_is_never_negative_and_never_from_no_time(polls: list[tuple[int, float]]) -> None:
    rates = Rates()
    for index, (value, at) in enumerate(polls):
        rate = rates.per_second("counter", value, at)
        rates.turn()
        before = polls[index - 1] if index else None
        known = before is not None and value >= before[0] and at > before[1]
        assert (rate is not None) == known
        assert rate is None or rate >= 0


def test_what_one_poll_did_not_see_starts_anew() -> None:
    rates = Rates()
    rates.per_second("counter", 1, 1.0)
    rates.turn()
    rates.turn()

    assert rates.per_second("counter", 5, 3.0) is None


def test_a_new_device_adds_nothing_and_a_lost_one_is_left_out() -> None:
    rates = Rates()
    assert _total(rates, 1.0, a=0) is None
    assert _total(rates, 2.0, a=10, b=1_000_000) == 10
    assert _total(rates, 3.0, a=20, b=1_000_005) == 15
    assert _total(rates, 4.0, b=1_000_010) == 5


def test_one_reset_device_takes_the_total_with_it_for_one_poll() -> None:
    rates = Rates()
    _total(rates, 1.0, a=0, b=900)
    assert _total(rates, 2.0, a=10, b=0) is None
    assert _total(rates, 3.0, a=20, b=30) == 40


def test_a_file_that_is_handed_out_in_pieces_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "diskstats"
    path.write_bytes(b"0123456789" * 1000)
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, offset: pread(fd, min(size, 4096), offset))
    file = ProcFile(path)

    assert file.read() == path.read_bytes()
    assert file.read() == path.read_bytes()
    file.close()


def test_a_file_that_appears_later_is_read_then(tmp_path: Path) -> None:
    file = ProcFile(tmp_path / "late")
    assert file.read() is None
    (tmp_path / "late").write_bytes(b"here")

    assert file.read() == b"here"
    file.close()


_LINES = st.lists(st.tuples(st.sampled_from(["a", "ab", "b", "xa"]), st.sampled_from(["", "7", "12 kB", "max", "0 1"])))


@given(_LINES, st.sampled_from([" ", ":", ":   "]), st.booleans())
def test_a_number_is_found_as_if_all_lines_were_taken_apart(
    lines: list[tuple[str, str]], between: str, ended: bool
) -> None:
    text = "\n".join(f"{name}{between}{rest}" for name, rest in lines) + ("\n" if ended else "")
    found = next((rest.split()[:1] for name, rest in lines if name == "a"), [])
    wanted = found[0].encode() if found and found[0].isdigit() else None

    assert number_after(text.encode(), b"a" + between[:1].encode()) == wanted
