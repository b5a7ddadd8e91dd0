"""Faults are read from what people type, and whatever else they type is refused in one clear line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.demo.faults import Fault, parse


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("pool", Fault("pool", 4)),
        (" pool:5 ", Fault("pool", 5)),
        ("slow", Fault("slow", 400)),
        ("failing", Fault("failing", 40)),
        ("straggler", Fault("straggler", 12)),
        ("straggler:60", Fault("straggler", 60)),
    ],
)
def test_a_name_with_or_without_a_size_is_a_fault(text: str, fault: Fault) -> None:
    assert parse(text) == fault


@pytest.mark.parametrize(
    "text", ["pool:0", "pool:6", "pool:", "pool:3.0", "pool:+3", "slow:٣", "failing:101", "slow:4:4"]
)
def test_a_size_that_makes_no_sense_is_refused_with_the_ones_that_do(text: str) -> None:
    with pytest.raises(ValueError, match=r"a whole number from \d+ to \d+"):
        parse(text)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"pool:K .* slow:MS .* failing:PERCENT .* straggler:FACTOR"):
        parse("poool")


@given(
    st.text()
    | st.sampled_from(["pool", "slow", "failing", "straggler"]).flatmap(lambda n: st.text().map(f"{n}:{{}}".format))
)
def test_any_text_is_a_fault_that_reads_back_or_one_printable_line(text: str) -> None:
    fault, said = None, ""
    try:
        fault = parse(text)
    except ValueError as error:
        said = str(error)

    if fault is None:
        assert said.isprintable()
        assert 0 < len(said) < 500
    else:
        assert parse(str(fault)) == fault
