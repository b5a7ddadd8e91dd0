"""The parts of one line of an exposition, as https://prometheus.io/docs/instrumenting/exposition_formats/ has them.

Every function raises ValueError with what is wrong; the caller knows where.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from perftui.domain.text import clean
from perftui.sources.scrape.series import Labels

MAX_LINE = 16_384
MAX_LABELS = 64
MAX_NAME = 256
MAX_VALUE = 1_024
_NAME = re.compile(r"[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*")
_PAIR = r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t]*'
_PAIRS = re.compile(_PAIR)
_SET = re.compile(rf"(?:{_PAIR},)*(?:{_PAIR})?[ \t]*\}}")
_ESCAPE = re.compile(r'\\([\\n"])')
# what no number of the formats has, though Python would take it: 1_000, 0x10, figures of other scripts
_NO_NUMBER = re.compile(r"[^-+.0-9eEnNaAiIfFtTyY\n]")


class Exemplar(NamedTuple):
    """``at`` is epoch seconds, None when the exemplar tells no time."""

    labels: Labels
    value: float
    at: float | None


def parse_key(line: str) -> tuple[str, Labels, int]:
    """The name and the sorted labels that a line begins with, and where they end. Labels that are empty are none."""
    if len(line) > MAX_LINE:
        raise ValueError(f"it has more than {MAX_LINE} characters")
    head = _NAME.match(line)
    if head is None:
        raise ValueError("expected the name of a metric")
    name = head[1]
    if len(name) > MAX_NAME:
        raise ValueError(f"the metric's name has more than {MAX_NAME} characters")
    if line[head.end() : head.end() + 1] != "{":
        return name, (), head.end(1)
    labels, end = parse_labels(line, head.end() + 1)
    return name, labels, end


def parse_labels(line: str, start: int) -> tuple[Labels, int]:
    """Sorted labels from behind the opening brace on, and where the closing one ends."""
    whole = _SET.match(line, start)
    if whole is None:
        raise ValueError('expected labels such as {label="value"}')
    pairs = _PAIRS.findall(line, start, whole.end())
    if len(pairs) > MAX_LABELS:
        raise ValueError(f"it has more than {MAX_LABELS} labels")
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a label is given twice")
    for label, value in pairs:
        if len(label) > MAX_NAME or len(value) > MAX_VALUE:
            raise ValueError(f'the label "{label[:40]}" is longer than {MAX_VALUE} characters')
        if not value.isalnum():
            found[label] = clean(_unescape(value), MAX_VALUE)
    return tuple(sorted(pair for pair in found.items() if pair[1])), whole.end()


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], value)


def numbers(texts: list[str]) -> list[float]:
    """Values as the formats write them: Go's ParseFloat without hexadecimals and underscores; many in one go."""
    if _NO_NUMBER.search("\n".join(texts)):
        raise ValueError("expected a number")
    try:
        return list(map(float, texts))
    except ValueError:
        raise ValueError("expected a number") from None


def parse_rest(rest: str, openmetrics: bool) -> tuple[str, float | None, str]:
    """What follows the key: the value's text, the timestamp in epoch seconds, the exemplar's text.

    The text format has milliseconds and no exemplars, OpenMetrics has seconds.
    """
    sample, mark, exemplar = rest.partition("#") if openmetrics else (rest, "", "")
    parts = sample.split()
    if not 1 <= len(parts) <= 2:
        raise ValueError("expected a value" if not parts else "expected the end of the line after the timestamp")
    at = None
    if len(parts) == 2:
        try:
            at = numbers(parts[1:])[0] / (1.0 if openmetrics else 1000.0)
        except ValueError:
            at = math.nan
        if not math.isfinite(at) or (not openmetrics and not parts[1].lstrip("+-").isdigit()):
            raise ValueError("expected a timestamp")
    if mark:
        parse_exemplar(exemplar)
    return parts[0], at, exemplar


def parse_exemplar(text: str) -> Exemplar:
    """``{trace_id="x"} 0.5 1700000000.5``: the text behind the ``#``."""
    if len(text) > MAX_VALUE:
        raise ValueError(f"the exemplar is longer than {MAX_VALUE} characters")
    body = text.strip()
    if not body.startswith("{"):
        raise ValueError("expected an exemplar after #")
    labels, end = parse_labels(body, 1)
    parts = body[end:].split()
    if not 1 <= len(parts) <= 2:
        raise ValueError("expected an exemplar's value and time")
    found = numbers(parts)
    return Exemplar(labels, found[0], found[1] if len(found) > 1 else None)
