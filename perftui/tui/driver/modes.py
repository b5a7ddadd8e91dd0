"""Words that put a terminal right, whatever was written to it before."""

from __future__ import annotations

# ends a string that was cut off, then leaves every mode that is entered; the alternate screen goes before the cursor
RESTORE = (
    b"\x1b\\\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1016l\x1b[<u\x1b[0m"
    b"\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
