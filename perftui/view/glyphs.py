"""The two alphabets that pictures are drawn with: UTF-8, and ASCII for locales that have nothing else."""

from __future__ import annotations

import msgspec

from perftui.view.text import char_width


class GlyphSet(msgspec.Struct, frozen=True, cache_hash=True):
    """Single-cell characters by what they are for; ``braille`` false means charts are drawn with ``bars``.

    ``shades`` rise from next to nothing; a blank is none of them, as it stands for a gap.
    """

    name: str
    braille: bool
    shades: str
    top_left: str
    top_right: str
    bottom_left: str
    bottom_right: str
    horizontal: str
    vertical: str
    bad: str
    watch: str
    ok: str
    live: str
    frozen: str
    stale: str
    up: str
    down: str
    folded: str
    unfolded: str
    running: str
    branch: str
    last_branch: str
    pipe: str
    cursor: str
    threshold: str
    mark: str
    separator: str
    ellipsis: str
    dash: str
    minus: str
    full: str
    block: str
    bars: str
    left_bars: str


UTF8 = GlyphSet(
    name="utf8",
    braille=True,
    shades="·░▒▓█",
    top_left="╭",
    top_right="╮",
    bottom_left="╰",
    bottom_right="╯",
    horizontal="─",
    vertical="│",
    bad="✗",
    watch="▲",
    ok="✓",
    live="●",
    frozen="‖",
    stale="⋯",
    up="▲",
    down="▼",
    folded="▸",
    unfolded="▾",
    running="▶",
    branch="├─",
    last_branch="└─",
    pipe="│ ",
    cursor="┃",
    threshold="┄",
    mark="┊",
    separator="·",
    ellipsis="…",
    dash="–",
    minus="−",
    full="█",
    block="▆",
    bars=" ▁▂▃▄▅▆▇█",
    left_bars=" ▏▎▍▌▋▊▉█",
)

ASCII = GlyphSet(
    name="ascii",
    braille=False,
    shades=".:+*#",
    top_left="+",
    top_right="+",
    bottom_left="+",
    bottom_right="+",
    horizontal="-",
    vertical="|",
    bad="X",
    watch="!",
    ok="+",
    live="*",
    frozen="=",
    stale="~",
    up="^",
    down="v",
    folded=">",
    unfolded="v",
    running=">",
    branch="|-",
    last_branch="`-",
    pipe="| ",
    cursor="|",
    threshold="-",
    mark=":",
    separator="-",
    ellipsis="~",
    dash="-",
    minus="-",
    full="#",
    block="#",
    bars=" ._-=+*#@",
    left_bars="    -===#",
)


def to_ascii(text: str) -> str:
    """Our own texts for a terminal without UTF-8, in as many cells; characters without a counterpart become ``?``."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _ascii(char) for char in text)


def _ascii(char: str) -> str:
    return _COUNTERPARTS.get(char) or "?" * char_width(char)


_COUNTERPARTS = {
    **{
        own: plain
        for name in GlyphSet.__struct_fields__
        if name not in ("name", "braille")
        # the bars of a chart differ in height only: the n-th of one alphabet is the n-th of the other
        for own, plain in zip(getattr(UTF8, name), getattr(ASCII, name), strict=True)
        if own != " "
    },
    # the sign of a state and an arrow of sorting share this glyph, and the state must not be lost
    UTF8.watch: ASCII.watch,
    "—": "-",
    "×": "x",
    "≥": ">",
    "≤": "<",
    "µ": "u",
    "°": " ",
    "±": "+",
    "←": "<",
    "→": ">",
    "↑": "^",
    "↓": "v",
    "┤": "|",
    "┈": "-",
    "▌": "|",
    "↗": "^",
    "≈": "~",
}
