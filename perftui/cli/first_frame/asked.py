"""Whether a command line opens the console, told without the parser of arguments."""

from __future__ import annotations

from collections.abc import Sequence

# options of the console, each with whether a value follows and whether it may change the picture
_OPTIONS = {
    "--config": (True, True),
    "--theme": (True, True),
    "--screen": (True, True),
    "--window": (True, False),
    "--prometheus": (True, True),
    "--scrape": (True, True),
    "--workflow": (True, True),
    "--no-journal": (False, False),
    "--no-mouse": (False, False),
    "--driver": (True, False),
}


class Asked:
    """``config`` is what ``--config`` names; ``changed``: what will be shown may differ from the defaults."""

    __slots__ = ("changed", "config")

    def __init__(self) -> None:
        self.config: str | None = None
        self.changed = False


def console_asked(arguments: Sequence[str]) -> Asked | None:
    """None for another command, for what is not known here, and where a budget forbids a picture that is not needed."""
    asked = Asked()
    if list(arguments) == ["demo"]:
        asked.changed = True
        return asked
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name not in _OPTIONS:
            return None
        takes_value, changes = _OPTIONS[name]
        if bool(equals) > takes_value:
            return None
        if takes_value and not equals:
            value = next(words, "")
            if not value or value.startswith("-"):
                return None
        if name == "--config":
            asked.config = value
        asked.changed = asked.changed or changes
    return asked
