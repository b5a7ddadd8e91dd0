"""What a text in the configuration has to be, where TOML has no type for it: annotations that the loader reads."""

from __future__ import annotations

from enum import Enum
from typing import Annotated


class Kind(Enum):
    """How the loader reads a value that TOML has no type for."""

    SPAN = "a span such as 5s, 2m, 24h or 7d"
    SELECTOR = 'a series such as host/cpu_busy_ratio or host/filesystem_used_ratio{mount="/"}'
    REFERENCE = "a secret by reference: file:PATH, env:NAME or keyring:SERVICE/USER"
    EXPRESSION = "a PromQL expression such as sum(rate(http_requests_total[$win]))"


Span = Annotated[float, Kind.SPAN]
SelectorText = Annotated[str, Kind.SELECTOR]
Reference = Annotated[str, Kind.REFERENCE]
Expression = Annotated[str, Kind.EXPRESSION]
