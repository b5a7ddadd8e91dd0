"""No redirect leads a load to a place that nobody judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from perftui.domain.errors import PerftuiError
from perftui.load.job import Address, Barred, Reach
from perftui.load.places import Found
from perftui.load.reach import followed

_ANYWHERE_NEAR = Reach(stays_on_loopback=False)


def _at(*hosts: str) -> Callable[[str, int], Found]:
    return lambda _, port: Found(tuple(Address(host, port) for host in hosts), 0)


def test_a_redirect_to_a_public_address_is_not_followed() -> None:
    with pytest.raises(PerftuiError, match=r"away\.example is 203\.0\.113\.1"):
        followed("http://away.example/", _ANYWHERE_NEAR, _at("203.0.113.1"))
    with pytest.raises(PerftuiError, match=r"203\.0\.113\.1"):
        followed("http://away.example/", _ANYWHERE_NEAR, _at("10.0.0.1", "203.0.113.1"))


def test_a_redirect_to_a_near_address_leads_to_what_was_judged() -> None:
    assert followed("https://near.example/x", _ANYWHERE_NEAR, _at("10.0.0.1")) == (Address("10.0.0.1", 443),)


def test_a_load_on_loopback_stays_there() -> None:
    assert followed("http://localhost:81/", Reach(), _at("127.0.0.1")) == (Address("127.0.0.1", 81),)
    with pytest.raises(PerftuiError, match="another machine"):
        followed("http://near.example/", Reach(), _at("10.0.0.1"))


def test_a_redirect_to_what_is_allowed_is_followed() -> None:
    by_network = Reach(networks=("203.0.113.0/24",), stays_on_loopback=False)
    by_name = Reach(hosts=("away.example",), stays_on_loopback=False)

    for reach in (by_network, by_name):
        assert followed("http://Away.example./", reach, _at("203.0.113.1"))


def test_no_redirect_leads_to_production() -> None:
    reach = Reach(barred=(Barred("shop", "shop.example", 80, ("10.0.0.5",)),), stays_on_loopback=False)

    for url, address in (("http://SHOP.example/", "10.0.0.9"), ("http://alias.example/", "10.0.0.5")):
        with pytest.raises(PerftuiError, match="production target shop"):
            followed(url, reach, _at(address))
    assert followed("http://alias.example:81/", reach, _at("10.0.0.5"))


@pytest.mark.parametrize("url", ["ftp://h/", "http://", "nonsense", "http+unix://%2Frun%2Fa.sock/", "http://h:99999/"])
def test_a_redirect_to_no_url_of_http_is_not_followed(url: str) -> None:
    with pytest.raises(PerftuiError):
        followed(url, _ANYWHERE_NEAR, _at("127.0.0.1"))
