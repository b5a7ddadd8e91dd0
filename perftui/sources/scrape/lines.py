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
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|[iI]nf(?:inity)?|[nN]a[nN])"
_NO_MILLIS = re.compile(r"[^-+0-9\n]")
_EXEMPLAR = re.compile(rf"[ \t]*\{{{_SET.pattern}[ \t]+{_NUMBER}(?:[ \t]+{_NUMBER})?[ \t]*")
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


def timestamps(texts: list[str], openmetrics: bool) -> list[float]:
    """Epoch seconds: the text format has whole milliseconds, OpenMetrics seconds."""
    if not openmetrics and _NO_MILLIS.search("\n".join(texts)):
        raise ValueError("expected a timestamp")
    try:
        found = numbers(texts)
    except ValueError:
        raise ValueError("expected a timestamp") from None
    if not all(map(math.isfinite, found)):
        raise ValueError("expected a timestamp")
    return found if openmetrics else [at / 1000.0 for at in found]


def parse_rest(rest: str, openmetrics: bool) -> tuple[str, str, str]:
    """What follows the key: the texts of the value, of the timestamp, and of the exemplar, which only OpenMetrics has;
    empty for what is not there.
    """
    sample, mark, exemplar = rest.partition("#") if openmetrics else (rest, "", "")
    parts = sample.split()
    if not 1 <= len(parts) <= 2:
        raise ValueError("expected a value" if not parts else "expected the end of the line after the timestamp")
    if mark:
        check_exemplar(exemplar)
    return parts[0], parts[1] if len(parts) == 2 else "", exemplar


def check_exemplar(text: str) -> None:
    """Whether ``parse_exemplar`` can read it: most exemplars are never asked for."""
    if len(text) > MAX_VALUE or _EXEMPLAR.fullmatch(text) is None:
        raise ValueError(f'expected an exemplar such as {{trace_id="x"}} 0.5 of up to {MAX_VALUE} characters')


def parse_exemplar(text: str) -> Exemplar:
    """``{trace_id="x"} 0.5 1700000000.5``: the text behind the ``#``, after it was checked."""
    body = text.strip()
    labels, end = parse_labels(body, 1)
    value, *at = body[end:].split()
    return Exemplar(labels, float(value), float(at[0]) if at else None)
