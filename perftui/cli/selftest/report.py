"""What the self test found, as a table with what to change below it, or as one JSON object."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

import msgspec

from perftui import __version__
from perftui.cli.selftest.verdicts import Figures, Verdict

_SIGNS = {"ok": "✓", "watch": "▲", "bad": "✗"}
_WORDS = {"ok": "ok", "watch": "look", "bad": "bad"}


def as_text(verdicts: Sequence[Verdict], columns: int = 100) -> str:
    """Each with its bound in brackets; then what to change, the worst first, and hints last."""
    lines = [_wrapped(_line(verdict), columns, 23) for verdict in verdicts]
    worst = [verdict for state in ("bad", "watch", "ok") for verdict in verdicts if verdict.state == state]
    advice = [verdict for verdict in worst if verdict.advice]
    if not advice:
        return "\n".join([*lines, "", "Nothing is worth changing."])
    return "\n".join(
        [
            *lines,
            "",
            "What to change:",
            *(_wrapped(f"- {verdict.name}: {verdict.advice}", columns, 2) for verdict in advice),
        ]
    )


def _wrapped(text: str, columns: int, indent: int) -> str:
    # commands are copied: nothing is broken at a hyphen
    return textwrap.fill(text, max(40, columns), subsequent_indent=" " * indent, break_on_hyphens=False)


def _line(verdict: Verdict) -> str:
    bound = f" [{verdict.bound}]" if verdict.bound else ""
    return f"{_SIGNS[verdict.state]} {_WORDS[verdict.state]:5}{verdict.name:15}{verdict.value}{bound}"


def as_json(figures: Figures, verdicts: Sequence[Verdict]) -> str:
    """Base units: seconds, bytes, bytes a second, shares of one core."""
    console = msgspec.to_builtins(figures.console)
    document = {
        "perftui": __version__,
        "terminal": {
            **msgspec.to_builtins(figures.surroundings),
            "synchronized_output": figures.sync,
            "glyphs": figures.glyphs,
            "widths": msgspec.to_builtins(figures.widths),
            "tmux": msgspec.to_builtins(figures.tmux),
        },
        "link": {"answers": figures.link.answers, **msgspec.to_builtins(figures.link)},
        "console": console,
        "verdicts": msgspec.to_builtins(list(verdicts)),
        "advice": [verdict.advice for verdict in verdicts if verdict.advice],
    }
    return json.dumps(document, indent=2, ensure_ascii=True)
