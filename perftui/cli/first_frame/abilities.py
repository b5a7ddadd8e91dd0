"""What the terminal is able to show, told from the environment alone."""

from __future__ import annotations

from collections.abc import Mapping

TRUE, INDEXED, SIXTEEN, NONE = "true", "256", "16", "none"
# Python sets LC_CTYPE to one of these where it finds the C locale (PEP 538): that is not the user's word
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
_ERASES_IN_COLOUR = (
    "xterm", "tmux", "alacritty", "foot", "kitty", "wezterm", "ghostty", "linux", "rxvt", "vte", "konsole", "gnome",
    "st-", "iterm",
)  # fmt: skip


def shows_braille(environ: Mapping[str, str]) -> bool:
    """What the user's environment says of UTF-8, which is less than Python takes for granted.

    The console of Linux reads UTF-8, and has none of our signs in its font.
    """
    if environ.get("TERM") == "linux":
        return False
    names = ["LC_ALL", "LC_CTYPE", "LANG"]
    if environ.get("LC_CTYPE") in _COERCED and environ.get("LANG", "") in ("", "C", "POSIX"):
        names.remove("LC_CTYPE")
    for name in names:
        value = environ.get(name)
        if value:
            return "utf" in value.lower()
    return False


def depth(environ: Mapping[str, str]) -> str:
    """As many colours as the driver will find: its own question needs a library that is not there yet."""
    term = environ.get("TERM", "").lower()
    if environ.get("NO_COLOR") or term in ("", "dumb") or _is_monochrome(term):
        return NONE
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "direct" in term:
        return TRUE
    return INDEXED if "256" in term else SIXTEEN


def erases_in_colour(environ: Mapping[str, str]) -> bool:
    """Whether an erased screen gets the background of the pen; where nobody promises that, blanks are written."""
    return environ.get("TERM", "").lower().startswith(_ERASES_IN_COLOUR)


def _is_monochrome(term: str) -> bool:
    """VT52, VT100 to VT239, VT300 to VT499, VT510, and what is called ``-m`` or ``-mono``."""
    if term.endswith(("-m", "-mono")):
        return True
    number, _, _ = term.removeprefix("vt").partition("-")
    if not term.startswith("vt") or not (number.isascii() and number.isdigit()):
        return False
    return number in ("52", "510") or (len(number) == 3 and (number[0] in "134" or "200" <= number <= "239"))
