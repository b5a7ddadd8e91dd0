"""Files that ship with perftui: in the wheel beside the code, in a checkout at its root."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def shipped(name: str) -> Path:
    """The shipped file or folder. Raises FileNotFoundError when the installation is broken."""
    for place in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if place.exists():
            return place
    raise FileNotFoundError(f"{name} is missing from this installation: install perftui again")


def example_text() -> str:
    """The example configuration: every key with its default."""
    return shipped("config.example.toml").read_text("utf-8")
