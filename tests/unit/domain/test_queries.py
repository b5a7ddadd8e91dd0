"""Units of what expressions give."""

from __future__ import annotations

import pytest

from perftui.domain.queries import query_name, unit_of_result
from perftui.domain.units import Unit

_SHARE = 'sum(rate(requests_total{code="500"}[10s])) / sum(rate(requests_total[10s]))'


@pytest.mark.parametrize(
    ("name", "expr", "unit"),
    [
        ("errors_ratio", _SHARE, Unit.RATIO),
        ("errors", _SHARE, Unit.NONE),
        (query_name(_SHARE), _SHARE, Unit.NONE),
        ("incoming", "rate(node_network_receive_bytes_total[1m])", Unit.BYTES_PER_SECOND),
        ("wait_seconds", "queue_depth", Unit.SECONDS),
    ],
)
def test_the_name_that_a_user_gave_tells_the_unit_where_it_ends_in_one(name: str, expr: str, unit: Unit) -> None:
    assert unit_of_result(name, expr) is unit
