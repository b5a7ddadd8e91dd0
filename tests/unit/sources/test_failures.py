"""What a status means, and how long a server asks to be left alone."""

from __future__ import annotations

import pytest

from perftui.domain.errors import ErrorKind
from perftui.sources.failures import named_status

_NOW = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        ("4", 4.0),
        ("0", 0.0),
        ("9" * 400, 999_999_999.0),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:30", 0.0),
        ("-5", 0.0),
        ("1.5", 0.0),
        ("\u00b2", 0.0),
        ("soon", 0.0),
        ("", 0.0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(asked: str, wait_s: float) -> None:
    headers = {"retry-after": asked, "date": _NOW}

    found = named_status(429, b"", headers)

    assert (found.kind, found.wait_s) == (ErrorKind.OVERLOADED, wait_s)


def test_a_date_without_the_servers_own_time_tells_nothing() -> None:
    assert named_status(503, b"", {"retry-after": _NOW}).wait_s == 0.0
