"""Text from outside is hostile: control characters, direction marks and length are taken out before it is kept."""

from __future__ import annotations

import re

# C0, DEL, C1, bidirectional controls, zero-width and line separators, surrogates, BOM, interlinear marks
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def clean(text: str, limit: int = 512) -> str:
    """The text with every control character as a space, cut to ``limit`` characters with ``…``."""
    if len(text) <= limit and text.isprintable():  # almost all of it, and quick to see
        return text
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return _HOSTILE.sub(" ", cut)
