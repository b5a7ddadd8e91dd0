"""What is taken out of an answer for the steps after it: by JSON path, by regular expression, from a header.

Answers are hostile: only the first ``LOOKED_AT`` bytes of a body are looked at, and a value of more than ``LONGEST``
characters is none. Nothing found is None; the step fails then, with the kind of error ``extract``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from perftui.load.checks import header

LOOKED_AT = 1024 * 1024
LONGEST = 8192
_STEP = re.compile(r"\.([^\s.\[\]'\"$*]+)|\[(-?\d{1,9})\]|\[(?:'([^']*)'|\"([^\"]*)\")\]")
_DIGITS = re.compile(r"-?\d{1,9}")


class Extract(msgspec.Struct, frozen=True):
    """One variable. With ``header`` and ``regex`` the expression is looked for in the header, else in the body.

    The value of an expression is its first group, or all that it found when it has none.
    """

    name: str
    json: str = ""
    regex: str = ""
    header: str = ""


class Extractor(NamedTuple):
    """An Extract that is understood: called with the head and the body of an answer."""

    name: str
    take: Callable[[bytes, bytes], str | None]


def extractor(what: Extract) -> Extractor:
    """Raises ValueError with what is wrong about it."""
    if bool(what.json) == bool(what.regex or what.header):
        raise ValueError(
            'expected json = "$.token", regex = "id=([0-9]+)" or header = "Location", with or without regex'
        )
    if what.json:
        steps = parse_json_path(what.json)
        return Extractor(what.name, lambda head, body: bounded(at_path(body, steps)))
    pattern = _compiled(what.regex) if what.regex else None
    name = what.header
    if pattern is None:
        return Extractor(what.name, lambda head, body: bounded(header(head, name)))
    if name:
        return Extractor(what.name, lambda head, body: bounded(_first(pattern, header(head, name))))
    return Extractor(
        what.name, lambda head, body: bounded(_first(pattern, body[:LOOKED_AT].decode("utf-8", "replace")))
    )


def parse_json_path(text: str) -> tuple[str | int, ...]:
    """``$.items[0].id``, ``$['a b']``, ``$[-1]``, or ``items.0.id`` as in checks. Raises ValueError."""
    whole = text if text.startswith("$") else f"${text}" if text.startswith("[") else f"$.{text}"
    at = 1
    steps: list[str | int] = []
    while at < len(whole):
        match = _STEP.match(whole, at)
        if match is None:
            raise ValueError(f"{text!r} is not a JSON path such as $.items[0].id (no wildcards, filters or slices)")
        plain, index, single, double = match.groups()
        steps.append(int(index) if index is not None else plain or single or double or "")
        at = match.end()
    return tuple(steps)


def at_path(body: bytes, steps: tuple[str | int, ...]) -> str | None:
    """The value as text, all but texts as JSON writes them; None for null and where there is nothing."""
    if len(body) > LOOKED_AT:
        return None
    try:
        value: Any = msgspec.json.decode(body)
        for step in steps:
            if isinstance(value, list) and (isinstance(step, int) or _DIGITS.fullmatch(step)):
                value = value[int(step)]
            elif isinstance(value, dict):
                value = value[str(step)]
            else:
                return None
    except (msgspec.DecodeError, KeyError, IndexError, UnicodeDecodeError, RecursionError):
        return None
    return text_of(value)


def text_of(value: object) -> str | None:
    """How a JSON value is written where a variable stands."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def bounded(value: str | None) -> str | None:
    return value if value is not None and len(value) <= LONGEST else None


def _compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None


def _first(pattern: re.Pattern[str], text: str | None) -> str | None:
    found = pattern.search(text) if text is not None else None
    if found is None:
        return None
    return found[1] if pattern.groups else found[0]
