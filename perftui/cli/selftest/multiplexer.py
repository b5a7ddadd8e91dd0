"""What tmux is set to, by asking it: the settings that decide how a full-screen program looks and answers in it."""

from __future__ import annotations

import subprocess

import msgspec

from perftui.domain.text import clean

_WAIT_S = 2.0


class TmuxSettings(msgspec.Struct, frozen=True):
    """``escape_ms`` is how long Esc waits; ``features`` are those of the terminal that tmux is shown in."""

    version: str = ""
    escape_ms: int | None = None
    features: tuple[str, ...] = ()


def tmux_settings() -> TmuxSettings | None:
    """None when there is no tmux to ask, or it doesn't answer."""
    # tmux 3.1 and older print an empty text for what they don't know
    told = _ask("display-message", "-p", "#{version}|#{client_termfeatures}")
    if told is None:
        return None
    version, _, features = told.partition("|")
    escape = _ask("show-options", "-sv", "escape-time") or ""
    return TmuxSettings(
        clean(version, 32), int(escape) if escape.isdecimal() else None, tuple(clean(features, 400).split(","))
    )


def _ask(*question: str) -> str | None:
    try:
        done = subprocess.run(
            ["tmux", *question], stdin=subprocess.DEVNULL, capture_output=True, timeout=_WAIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
