"""Where an answer may lead a load that is under way: no redirect takes it to a place that nobody judged.

The engine knows no configuration: what it has to know of it comes with the job.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.job import Address, Barred, Reach
from perftui.load.places import Found, Place, ip_of, is_loopback, is_near, look_up, place_of, same_host, same_socket


def followed(url: str, reach: Reach, look: Callable[[str, int], Found] = look_up) -> tuple[Address, ...]:
    """The addresses that a redirect to ``url`` may connect to. Raises PerftuiError with why it must not be followed.

    Looks the host up, which takes time: not for the loop of a load that is measured.
    """
    try:
        place = place_of(url)
    except ValueError as error:
        raise PerftuiError(clean(str(error), 400)) from None
    if place.unix:
        raise PerftuiError("a redirect does not lead to a unix socket")
    addresses = look(place.host, place.port).addresses
    if why := problem(place, addresses, reach):
        raise PerftuiError(why)
    return addresses


def problem(place: Place, addresses: Sequence[Address], reach: Reach) -> str:
    """Why a load may not be led there; empty when it may. One address that must not be is enough."""
    name = clean(place.host, 200)
    for barred in reach.barred:
        if is_at(barred, place, addresses):
            return f"{name} is the production target {barred.name}: no redirect leads a load there"
    far = [address.host for address in addresses if not (is_near(address) or is_allowed(place, address, reach))]
    if far:
        return f"{name} is {far[0]}, no address of a private network: no redirect leads a load there"
    if reach.stays_on_loopback and not all(map(is_loopback, addresses)):
        return f"{name} is another machine: a load on loopback is not redirected to one"
    return ""


def is_allowed(place: Place, address: Address, reach: Reach) -> bool:
    """Whether the configuration allows it, or somebody typed its host."""
    if same_host(place.host) in reach.hosts:
        return True
    ip = ip_of(address)
    networks = map(ipaddress.ip_network, reach.networks)
    return any(ip in network for network in networks if network.version == ip.version)


def is_at(target: Barred, place: Place, addresses: Sequence[Address]) -> bool:
    """Whether both are one place, whichever way it was named: same host or one same address, and the same port."""
    if target.unix or place.unix:
        return bool(target.unix and place.unix) and same_socket(target.unix) == same_socket(place.unix)
    if target.port != place.port:
        return False
    return target.host == same_host(place.host) or any(address.host in target.addresses for address in addresses)
