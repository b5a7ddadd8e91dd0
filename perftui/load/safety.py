"""What may be loaded, and how much: small loads on near machines without a question, everything else by name.

Addresses are looked up once, judged, and then connected to as they are: a name can't lead elsewhere afterwards, and
redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.job import Address, Job, Model


class Caps(NamedTuple):
    """The most that is allowed without raising it in a configuration; a rate of 0 is not capped."""

    rate: float
    duration_s: float
    connections: int


NEAR = Caps(200.0, 60.0, 10)
LOOPBACK = Caps(0.0, 600.0, 64)


class Found(NamedTuple):
    """The addresses of a host, and how long it took to find them."""

    addresses: tuple[Address, ...]
    took_ns: int


def look_up(host: str, port: int) -> Found:
    """Raises PerftuiError when the host has no address."""
    started = time.perf_counter_ns()
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PerftuiError(f"{clean(host, 200)}: no address: {getattr(error, 'strerror', None) or error}") from None
    took = time.perf_counter_ns() - started
    addresses = tuple(dict.fromkeys(Address(str(info[4][0]), port) for info in infos))
    return Found(addresses, 0 if _is_literal(host) else took)


def judge(job: Job, host: str, confirmed: str, allowed: Sequence[str] = ()) -> None:
    """Raises PerftuiError with everything that must not be; ``confirmed`` is the host as somebody typed it."""
    problems = []
    is_loopback = all(_is_loopback(address) for address in job.addresses)
    far = [address.host for address in job.addresses if not (address.unix or _is_near(address))]
    if far and host not in (confirmed, *allowed):
        problems.append(
            f"{clean(host, 200)} is {far[0]}, no address of a private network: "
            f"a load on it needs its name once more, --confirm-host {clean(host, 200)}"
        )
    caps = LOOPBACK if is_loopback else NEAR
    peak = job.peak_rate
    most = job.most_per_arrival
    if job.model is Model.OPEN and caps.rate and peak * most > caps.rate:
        of = f" of up to {most} requests each (steps, and redirects that are followed)" if most > 1 else ""
        problems.append(f"a rate of {peak:g}/s{of} is over the cap of {caps.rate:g}/s")
    if job.model is Model.CLOSED and not is_loopback:
        problems.append("a closed model has no rate that could be capped: it is for loopback only")
    if job.length_s + job.warming_s > caps.duration_s:
        warming = f" with a warm-up of up to {job.warming_s:g} s" if job.warming_s else ""
        problems.append(f"{job.length_s:g} s{warming} are over the cap of {caps.duration_s:g} s")
    if job.connections > caps.connections:
        problems.append(f"{job.connections} connections are over the cap of {caps.connections}")
    if problems:
        raise PerftuiError("no load was sent:\n" + "\n".join(f"  {problem}" for problem in problems))


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(address: Address) -> bool:
    return bool(address.unix) or _ip(address).is_loopback


def _is_near(address: Address) -> bool:
    """RFC 1918, loopback, link-local and unique local; not the other ranges that are merely not global."""
    ip = _ip(address)
    if ip.is_loopback or ip.is_link_local:
        return True
    return any(ip in network for network in _NEAR_NETWORKS if network.version == ip.version)


def _ip(address: Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.host)
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


_NEAR_NETWORKS = tuple(
    ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
