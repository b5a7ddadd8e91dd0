"""The words of the prompt."""

from __future__ import annotations

import re

import pytest

from perftui.tui.commands import COMMANDS, completions, parse
from perftui.tui.keys import shown


def test_a_command_is_its_name_and_the_rest_of_the_line() -> None:
    command, argument = parse("  mark   deploy 1.4.2  ")
    assert (command.name, argument) == ("mark", "deploy 1.4.2")


def test_an_argument_that_may_be_missing_may_be_missing() -> None:
    assert parse("theme")[1] == ""
    assert parse("filter")[1] == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hots", 'no command "hots", did you mean "host"?'),
        ("xyzzy", 'no command "xyzzy"; ? shows help'),
        ("goto", "goto needs TIME: go to 12:04, 12:04:31 or 2026-11-20T12:04"),
        ("live now", "live takes no argument"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason) + "$"):
        parse(line)


def test_names_are_completed_with_room_for_an_argument() -> None:
    assert completions("wi", ()) == ["window "]
    assert completions("l", ()) == ["load ", "live"]
    assert len(completions("", ())) == len(COMMANDS)


def test_arguments_are_completed() -> None:
    assert completions("theme d", ("dark", "light")) == ["theme dark"]
    assert completions("export ", ()) == ["export csv", "export json"]
    assert completions("mark d", ()) == []


def test_keys_are_written_as_they_are_on_the_keyboard() -> None:
    assert [shown("question_mark"), shown("left"), shown("ctrl+p")] == ["?", "←", "ctrl+p"]
    assert shown("left", ascii_only=True) == "left"
