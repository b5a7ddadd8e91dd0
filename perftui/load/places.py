"""Where a load goes: hosts as people name them, addresses as they are connected to, and which of them are near.

Addresses are looked up once and judged, and the load connects to those: a name can't lead elsewhere afterwards.
"""

from __future__ import annotations

import ipaddress
import os.path
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.job import Address

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_NEAR_NETWORKS = tuple(
    ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
# what clouds answer with the secrets of a machine: link-local or private by their range, and nobody's to load
_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "169.254.170.2", "169.254.169.253", "fd00:ec2::254")
)
_PORTS = {"http": 80, "https": 443}


class Found(NamedTuple):
    """The addresses of a host, and how long it took to find them."""

    addresses: tuple[Address, ...]
    took_ns: int


class Place(NamedTuple):
    """What a URL names: a host and a port, or the path of a unix socket."""

    host: str
    port: int
    unix: str = ""


class Known(NamedTuple):
    """A place that has a name, with the addresses that it has now: none when they can't be found out."""

    name: str
    place: Place
    addresses: tuple[str, ...] = ()

    def is_at(self, place: Place, addresses: Sequence[Address]) -> bool:
        """Whether both are one, whichever way it was named: same host or one same address, and the same port."""
        ours = self.place
        if ours.unix or place.unix:
            return bool(ours.unix and place.unix) and same_socket(ours.unix) == same_socket(place.unix)
        if ours.port != place.port:
            return False
        return same_host(ours.host) == same_host(place.host) or any(each.host in self.addresses for each in addresses)


def place_of(url: str) -> Place:
    """Raises ValueError for what is no URL of HTTP."""
    parts = urlsplit(url)
    scheme = parts.scheme.removesuffix("+unix")
    if scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is not a URL such as http://127.0.0.1:8080/ or http+unix://%2Frun%2Fa.sock/")
    if parts.scheme.endswith("+unix"):
        return Place("localhost", 0, unquote(parts.netloc))
    return Place(parts.hostname, parts.port or _PORTS[scheme])


def look_up(host: str, port: int) -> Found:
    """Raises PerftuiError when the host has no address."""
    started = time.perf_counter_ns()
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PerftuiError(f"{clean(host, 200)}: no address: {getattr(error, 'strerror', None) or error}") from None
    took = time.perf_counter_ns() - started
    addresses = tuple(dict.fromkeys(Address(_plain(str(info[4][0])), port) for info in infos))
    return Found(addresses, 0 if is_literal(host) else took)


def same_host(host: str) -> str:
    """A host in the one form that all ways to write it have: small letters, no dot at its end, no brackets, IDNA."""
    host = host.strip().removeprefix("[").removesuffix("]").rstrip(".").casefold()
    if is_literal(host):
        return _plain(host)
    try:
        return host.encode("idna").decode("ascii").casefold() if not host.isascii() else host
    except UnicodeError:
        return host


def same_socket(path: str) -> str:
    """The path of a unix socket without links and dots in it."""
    return os.path.realpath(path)


def is_listed(place: Place, address: Address, hosts: Sequence[str], networks: Sequence[str]) -> bool:
    """Whether a list of hosts, in the form of ``same_host``, or of networks has it."""
    if same_host(place.host) in hosts:
        return True
    ip = ip_of(address)
    return any(ip in each for each in map(ipaddress.ip_network, networks) if each.version == ip.version)


def is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(address: Address) -> bool:
    return bool(address.unix) or ip_of(address).is_loopback


def is_near(address: Address) -> bool:
    """RFC 1918, loopback, link-local and unique local; not the other ranges that are merely not global.

    Metadata services of clouds are link-local, and not near.
    """
    if address.unix:
        return True
    if is_metadata(address):
        return False
    ip = ip_of(address)
    if ip.is_loopback or ip.is_link_local:
        return True
    return any(ip in network for network in _NEAR_NETWORKS if network.version == ip.version)


def is_metadata(address: Address) -> bool:
    return not address.unix and ip_of(address) in _METADATA


def ip_of(address: Address) -> Ip:
    """An IPv4 address in an IPv6 one counts as what it is; a zone (fe80::1%eth0) is left out."""
    ip = ipaddress.ip_address(address.host.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def _plain(text: str) -> str:
    """As it is connected to: 0.0.0.0 and :: reach this machine, and a mapped IPv4 address is an IPv4 address."""
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_unspecified:
        return "127.0.0.1" if ip.version == 4 else "::1"
    return str(ip)
