"""Finds names as somebody types: words anywhere in them; where none has them, their letters in that order."""

from __future__ import annotations

import re
from collections.abc import Sequence


def find(names: Sequence[str], typed: str) -> list[int]:
    """Places of the names (in small letters) that match: those that begin with the first word, then others that hold
    every word; when none does, those with the letters of the words. Each in the order of ``names``.

    20 000 names take a few milliseconds, so that it can be asked with every key.
    """
    words = typed.lower().split()
    if not words:
        return list(range(len(names)))
    holding = _holding(names, words)
    if not holding:
        return _scattered(names, words)
    first = words[0]
    result = [place for place in holding if names[place].startswith(first)]
    if len(result) < len(holding):
        result += [place for place in holding if not names[place].startswith(first)]
    return result


def _holding(names: Sequence[str], words: Sequence[str]) -> list[int]:
    first, *others = words
    found = [place for place, name in enumerate(names) if first in name]
    for word in others:
        found = [place for place in found if word in names[place]]
    return found


def _scattered(names: Sequence[str], words: Sequence[str]) -> list[int]:
    first, *others = [_letters(word) for word in words]
    found = [place for place, name in enumerate(names) if first.match(name)]
    for letters in others:
        found = [place for place in found if letters.match(names[place])]
    return found


def _letters(word: str) -> re.Pattern[str]:
    """Each class ends at the first of its letters, so that nothing is ever tried twice."""
    return re.compile("".join(f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in word), re.S)
