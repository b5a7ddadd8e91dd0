"""What a keyboard sends for a key, by the names that bindings use."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from perftui.config.keymap import Binding

_NAMED = {
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "enter": b"\r",
    "tab": b"\t",
    "space": b" ",
    "backspace": b"\x7f",
    # those that Textual gives shorter names than Unicode does
    "plus": b"+",
    "minus": b"-",
    "slash": b"/",
    "backslash": b"\\",
    "underscore": b"_",
    "at": b"@",
}


def stroke(key: str) -> bytes:
    """The bytes of ``x``, ``question_mark``, ``ctrl+x`` or ``down``; nothing for what can't be typed safely."""
    if key in _NAMED:
        return _NAMED[key]
    if len(key) == 1:
        return key.encode()
    if len(key) == 6 and key.startswith("ctrl+") and key[5].isalpha() and key[5].isascii():
        return bytes([ord(key[5].upper()) & 0x1F])
    try:
        return unicodedata.lookup(key.replace("_", " ").upper()).encode()
    except KeyError:
        return b""


def strokes(bindings: Iterable[Binding]) -> dict[str, bytes]:
    """By the bindings' ids: the first key of each that can be typed."""
    typed = {binding.id: next(filter(None, map(stroke, binding.keys)), b"") for binding in bindings}
    return {name: keys for name, keys in typed.items() if keys}
