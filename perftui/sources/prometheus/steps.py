"""Steps, windows and placeholders of expressions: how a person's ``$win`` becomes a server's ``[60s]``."""

from __future__ import annotations

import math
import re
from functools import lru_cache

_NICE_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_PLACEHOLDER = re.compile(r"\$(__rate_interval|__interval|win|sel)\b|\$\{(__rate_interval|__interval|win|sel)\}")
# an empty selection goes together with a comma beside it
_NO_SELECTION = re.compile(r",\s*\$(?:sel\b|\{sel\})|\$(?:sel\b|\{sel\})\s*,?\s*")
_SELECTOR = re.compile(r'\s*[a-zA-Z_][a-zA-Z0-9_]*\s*(?:\{(?:[^{}"\']|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')*\})?\s*')
_MISSED_SCRAPES = 2.5
# Prometheus refuses more points than this for each series
MAX_POINTS = 11_000
DEFAULT_SCRAPE_S = 15.0


def nice_step(seconds: float) -> float:
    """The smallest step that people read easily, and at least ``seconds``; whole days above one day."""
    found = next((step for step in _NICE_S if step >= seconds - 1e-9), None)
    return float(found) if found is not None else math.ceil(seconds / 86400) * 86400.0


def rate_window(step_s: float, scrape_s: float) -> float:
    """The range for rates: max(step + scrape, 4 scrapes), as Grafana's ``$__rate_interval``: never empty, no gaps."""
    return max(step_s + scrape_s, 4 * scrape_s)


@lru_cache(maxsize=1024)
def ready(expr: str, step_s: float, scrape_s: float, select: str, longest_scrape_s: float | None) -> str:
    """The expression as it is asked: ``filled``, then ``fresh``. The same one is asked every second."""
    return fresh(filled(expr, step_s, scrape_s, select), longest_scrape_s)


def filled(expr: str, step_s: float, scrape_s: float, select: str) -> str:
    """The expression with ``$win`` and ``$sel`` in place; Grafana's names for the window are understood too."""
    values = {
        "win": span(rate_window(step_s, scrape_s)),
        "__rate_interval": span(rate_window(step_s, scrape_s)),
        "__interval": span(step_s),
        "sel": select,
    }
    text = expr if select else _NO_SELECTION.sub("", expr)
    return _PLACEHOLDER.sub(lambda match: values[match[1] or match[2]], text)


def fresh(expr: str, longest_scrape_s: float | None) -> str:
    """The expression without samples that are older than two scrapes, where it is a plain selector.

    A server shows the last sample of a series for five minutes after it died itself, and for that time afterwards: a
    line that looks like a measurement. Results of recording rules (names with a colon) have intervals of their own.
    """
    if longest_scrape_s is None or _SELECTOR.fullmatch(expr) is None:
        return expr
    return f"{expr} unless (time() - timestamp({expr}) > {_MISSED_SCRAPES * longest_scrape_s:g})"


def span(seconds: float) -> str:
    """A duration as PromQL writes it, in whole milliseconds."""
    millis = max(1, round(seconds * 1000))
    return f"{millis // 1000}s" if millis % 1000 == 0 else f"{millis}ms"


def aligned(start: float, end: float, step_s: float) -> tuple[float, float]:
    """Both ends on whole steps, so that the same points come back each time; never too many of them."""
    first, last = math.ceil(start / step_s - 1e-9) * step_s, math.floor(end / step_s + 1e-9) * step_s
    return max(first, last - (MAX_POINTS - 1) * step_s), last
