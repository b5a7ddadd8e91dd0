"""The console's configuration for a demo that is ready."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FILLED = ("events", "service", "client")
_DELETE = "\x7f"


def configuration(ready: Mapping[str, Any]) -> str:
    """TOML with the addresses that the conductor tells in its first line. Raises KeyError when one is missing."""
    text = Path(__file__).with_name("demo.toml").read_text("utf-8")
    for name in _FILLED:
        text = text.replace(f'"{{{name}}}"', _toml(str(ready[name])))
    return text


def _toml(text: str) -> str:
    """A basic string of TOML: that of JSON, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")
