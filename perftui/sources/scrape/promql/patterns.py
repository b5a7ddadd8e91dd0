"""Which regular expressions are taken: what Prometheus would take too, and what ends in time.

Prometheus' engine never backtracks, Python's does: a repeat within a repeat could hold it for years over a label value
that a hostile endpoint made up.
"""

from __future__ import annotations

import re
import warnings

from perftui.domain.text import clean

_LONGEST = 1_000
_GROUP = re.compile(r"\((?:\?(?:P<[a-zA-Z_]\w*>|[imsx]*:|[imsx]+\)))?")
_SET = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.S)
_REPEAT = re.compile(r"([*+])|\{(\d*)(,?)(\d*)\}")


def check_pattern(text: str) -> None:
    """Raises ValueError for a pattern that is wrong, that Prometheus would refuse, or that could take for ever."""
    if len(text) > _LONGEST:
        raise ValueError(f"a regular expression has up to {_LONGEST} characters here")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text)
    except (re.error, Warning, RecursionError, OverflowError) as error:
        raise ValueError(f'bad regular expression "{clean(text, 60)}": {clean(str(error), 80)}') from None
    _check_repeats(text)


def _check_repeats(text: str) -> None:
    inside = [False]
    position, repeats = 0, False
    while position < len(text):
        char = text[position]
        if char == "(":
            position = _open(text, position, inside)
            repeats = False
            continue
        if char == ")":
            repeats = inside.pop() if len(inside) > 1 else False
            position += 1
        elif char == "\\":
            if text[position + 1 : position + 2].isdigit():
                raise ValueError(f'"{clean(text, 60)}": Prometheus knows no back references')
            position, repeats = position + 2, False
        elif char == "[":
            found = _SET.match(text, position)
            position, repeats = found.end() if found else position + 1, False
        else:
            position, repeats = position + 1, False
        repeat = _REPEAT.match(text, position)
        if repeat is not None:
            if repeats and _many(repeat):
                raise ValueError(f'"{clean(text, 60)}" repeats what repeats: that could take for ever here')
            repeats = repeats or _many(repeat)
            position = repeat.end()
        inside[-1] = inside[-1] or repeats


def _open(text: str, position: int, inside: list[bool]) -> int:
    group = _GROUP.match(text, position)
    if group is None or (text[position + 1 : position + 2] == "?" and len(group[0]) == 1):
        raise ValueError(
            f'"{clean(text, 60)}": Prometheus knows no group that begins with {clean(text[position:][:3])}'
        )
    if not group[0].endswith(")"):
        inside.append(False)
    return group.end()


def _many(repeat: re.Match[str]) -> bool:
    """Whether it repeats more than a few times."""
    if repeat[1]:
        return True
    upper = repeat[4] if repeat[3] else repeat[2]
    return not upper or int(upper) > 10
