"""Results of queries as samples: raw JSON ends here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import MAX_SERIES
from perftui.domain.series import series_id
from perftui.domain.text import clean

_LABEL_LIMIT = 256
_MOST_LABELS = 64
# epoch seconds, in the year 5138: what is later are milliseconds, or nonsense that no clock can show
_END_OF_TIME = 1e11
# what JSON's numbers are read as; True is an int as well, and no number
_NUMBERS = (int, float)


# labels as they came, and what stands beside them
Item = tuple[dict[Any, Any], Any]


class Kind(Enum):
    """What an instant query's value is; only a vector can be joined with others, a scalar after it was wrapped."""

    VECTOR = "vector"
    SCALAR = "scalar"
    STRING = "string"
    MATRIX = "matrix"


class Found(NamedTuple):
    """Values by series id; ``nan`` and ``infinite`` count those that can't be drawn, ``series`` all that came."""

    values: dict[str, float]
    series: int
    nan: int
    infinite: int
    at: float | None


def kind_of(result: Any) -> Kind:
    """The kind of a bare ``data.result``, by its shape: the library gives nothing else. Raises QueryError."""
    if not isinstance(result, list):
        raise _strange()
    if len(result) == 2 and type(result[0]) in _NUMBERS and isinstance(result[1], str):
        return Kind.SCALAR if _number(result[1]) is not None else Kind.STRING
    for item in result:
        if isinstance(item, dict) and ("values" in item or "histograms" in item):
            return Kind.MATRIX
    return Kind.VECTOR


def counts_by_labels(result: Any) -> dict[tuple[tuple[str, str], ...], int]:
    """A vector of whole numbers by sorted labels without the name. Raises QueryError when it is no vector."""
    if kind_of(result) is not Kind.VECTOR:
        raise _strange()
    counts = {}
    for metric, pair in _items(result, "value"):
        _, value = _pair(pair)
        if math.isfinite(value):
            named = {name: text for name, text in labels(metric).items() if name != "__name__"}
            counts[tuple(sorted(named.items()))] = round(value)
    return counts


class Names:
    """The series of one expression as its last answer had them: their labels seldom change from second to second.

    Labels that had to be cleaned are not kept, nor more than can be drawn: what is held stays small whatever comes.
    """

    def __init__(self) -> None:
        self._metrics: list[dict[Any, Any]] = []
        self._ids: list[str] = []

    @property
    def held(self) -> int:
        """Of how many series names are held."""
        return len(self._ids)

    def of(self, source: str, name: str, metrics: list[dict[Any, Any]]) -> list[str]:
        """Their ids. A Names is asked for one source and name only."""
        if metrics != self._metrics:
            cleaned = [labels(metric) for metric in metrics]
            self._ids = _ids(source, name, cleaned)
            if cleaned != metrics or len(metrics) > MAX_SERIES:
                ids, self._metrics, self._ids = self._ids, [], []
                return ids
            self._metrics = cleaned
        return self._ids


def vector(source: str, name: str, result: Sequence[Any], most: int = MAX_SERIES, names: Names | None = None) -> Found:
    """The newest value of ``most`` series of one expression; ``names`` are those of its last answer.

    Raises QueryError when it is no vector.
    """
    values: dict[str, float] = {}
    nan = infinite = 0
    at: float | None = None
    items = list(_items(result, "value"))
    ids = (names or Names()).of(source, name, [metric for metric, _ in items])
    for series, (_, pair) in _first(ids, items, most):
        at, value = _pair(pair)
        if math.isfinite(value):
            values[series] = value
        elif math.isnan(value):
            nan += 1
        else:
            infinite += 1
    return Found(values, len(result), nan, infinite, at)


def matrix(source: str, name: str, result: Sequence[Any], shift_s: float) -> dict[str, list[tuple[float, float]]]:
    """The points of each series of one expression, ``shift_s`` later than the server says; not finite is left out."""
    items = list(_items(result, "values"))
    names = _ids(source, name, [labels(metric) for metric, _ in items])
    found: dict[str, list[tuple[float, float]]] = {}
    for series, (_, pairs) in _first(names, items, MAX_SERIES):
        if not isinstance(pairs, list):
            raise _strange()
        points = [(at + shift_s, value) for at, value in map(_pair, pairs) if math.isfinite(value)]
        if points:
            found[series] = points
    return found


def labels(metric: Mapping[Any, Any]) -> dict[str, str]:
    """Labels as text that can be shown; names that no series can have are left out."""
    pairs = list(metric.items())[:_MOST_LABELS]
    return {
        key: clean(value, _LABEL_LIMIT)
        for key, value in pairs
        if isinstance(key, str) and isinstance(value, str) and _is_name(key)
    }


def _first(names: Sequence[str], items: Sequence[Item], most: int) -> Iterable[tuple[str, Item]]:
    """As many series as are kept: those whose ids come first, so that they are the same ones every time."""
    pairs = zip(names, items, strict=True)
    return pairs if len(names) <= most else sorted(pairs, key=lambda pair: pair[0])[:most]


def _items(result: Sequence[Any], field: str) -> Iterable[Item]:
    for item in result:
        metric = item.get("metric") if isinstance(item, dict) else None
        if not isinstance(metric, dict):
            raise _strange()
        if field not in item:
            if "histogram" in item or "histograms" in item:
                raise QueryError(
                    ErrorKind.UNSUPPORTED, "a native histogram can't be drawn as it is: use histogram_quantile(...)"
                )
            raise QueryError(
                ErrorKind.BAD_QUERY, "a range of samples can't be drawn as it is: use rate(...) or the like"
            )
        yield metric, item[field]


def _ids(source: str, name: str, metrics: Sequence[dict[str, str]]) -> list[str]:
    """Series ids; the metric's own name is only kept where the other labels don't tell the series apart."""
    plain = [series_id(source, name, {k: v for k, v in metric.items() if k != "__name__"}) for metric in metrics]
    if len(set(plain)) == len(plain):
        return plain
    full = [series_id(source, name, metric) for metric in metrics]
    seen: dict[str, int] = {}
    for index, series in enumerate(full):  # cleaning may have made two labels equal
        seen[series] = seen.get(series, 0) + 1
        if seen[series] > 1:
            full[index] = series_id(source, name, {**metrics[index], "duplicate": str(seen[series])})
    return full


def _pair(pair: Any) -> tuple[float, float]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise _strange()
    at, text = pair
    if type(at) not in _NUMBERS or not 0 <= at < _END_OF_TIME or not isinstance(text, str):
        raise _strange()
    try:
        return float(at), float(text)
    except ValueError:
        raise _strange() from None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and len(text) <= _LABEL_LIMIT


def _strange() -> QueryError:
    return QueryError(ErrorKind.BAD_DATA, "the answer has not the form that the API promises")
