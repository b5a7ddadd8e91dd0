"""The functions and operators that scraped sources know, and those that only a server knows, so that they are named."""

from __future__ import annotations

import difflib
from typing import NamedTuple

VECTOR, SCALAR, RANGE, STRING = "vector", "scalar", "range", "string"


class Signature(NamedTuple):
    """Kinds of the arguments (the last ``optional`` ones may be missing), and of the result."""

    arguments: tuple[str, ...]
    result: str = VECTOR
    optional: int = 0


RATES = ("rate", "irate", "increase", "delta", "idelta", "changes", "resets")
OVER_TIME = tuple(f"{name}_over_time" for name in ("avg", "min", "max", "sum", "count", "last"))
MATHS = ("abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn")
FUNCTIONS: dict[str, Signature] = {
    **dict.fromkeys((*RATES, *OVER_TIME), Signature((RANGE,))),
    **dict.fromkeys((*MATHS, "timestamp", "absent", "sort", "sort_desc"), Signature((VECTOR,))),
    "clamp": Signature((VECTOR, SCALAR, SCALAR)),
    "clamp_min": Signature((VECTOR, SCALAR)),
    "clamp_max": Signature((VECTOR, SCALAR)),
    "round": Signature((VECTOR, SCALAR), optional=1),
    "histogram_quantile": Signature((SCALAR, VECTOR)),
    "label_replace": Signature((VECTOR, STRING, STRING, STRING, STRING)),
    "scalar": Signature((VECTOR,), SCALAR),
    "vector": Signature((SCALAR,)),
    "time": Signature((), SCALAR),
}
AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "topk", "bottomk")
WITH_PARAMETER = ("topk", "bottomk")
SETS = ("and", "or", "unless")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%", "^")
KEYWORDS = ("by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", *SETS)
_ONLY_SERVERS = """
absent_over_time acos acosh asin asinh atan atanh cos cosh day_of_month day_of_week day_of_year days_in_month deg
deriv double_exponential_smoothing histogram_avg histogram_count histogram_fraction histogram_stddev
histogram_stdvar histogram_sum holt_winters hour info label_join mad_over_time minute month pi predict_linear
present_over_time quantile_over_time rad sin sinh sort_by_label sort_by_label_desc stddev_over_time stdvar_over_time
tan tanh year count_values limitk limit_ratio quantile stddev stdvar
"""
_ELSEWHERE = frozenset(_ONLY_SERVERS.split())


def only_elsewhere(name: str) -> bool:
    """Whether a server knows this function or aggregation, and scraped sources don't."""
    return name.lower() in _ELSEWHERE


def unknown_function(name: str) -> str:
    """What to say of a function that is not known here."""
    if only_elsewhere(name):
        return f"{name} is not known to scraped sources; a Prometheus server knows it"
    close = difflib.get_close_matches(name, (*FUNCTIONS, *AGGREGATIONS), 1, 0.6)
    return f'there is no function "{name[:40]}"' + (f', did you mean "{close[0]}"?' if close else "")
