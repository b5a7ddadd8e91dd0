"""Connecting, step by step, so that every step has its time and its own kind of error."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple

from perftui.load.connection import Connection
from perftui.load.job import Address, Tls

_clock = time.perf_counter_ns


Factory = Callable[[socket.socket | None], Connection]


class DialError(Exception):
    """Why there is no connection, as a kind of error."""


class Dialed(NamedTuple):
    """A connection, and what connecting and the TLS handshake took in ns (0 without TLS)."""

    connection: Connection
    connect_ns: int
    tls_ns: int


def tls_context(tls: Tls | None) -> ssl.SSLContext | None:
    """None without TLS. Raises OSError for a file of authorities that can't be read."""
    if tls is None:
        return None
    context = ssl.create_default_context(cafile=tls.ca_file or None)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def dial(
    address: Address,
    context: ssl.SSLContext | None,
    name: str,
    factory: Factory,
    timeout_s: float,
) -> Dialed:
    """Raises DialError: ``connect_timeout``, ``refused``, ``unreachable``, ``tls``."""
    try:
        return await asyncio.wait_for(_dial(address, context, name, factory), timeout_s)
    except (asyncio.TimeoutError, TimeoutError):
        raise DialError("connect_timeout") from None
    except ConnectionRefusedError:
        raise DialError("refused") from None
    except ssl.SSLError:
        raise DialError("tls") from None
    except ConnectionError:
        # after the connection stood: the handshake was cut short
        raise DialError("tls" if context is not None else "reset") from None
    except OSError:
        raise DialError("unreachable") from None


async def _dial(address: Address, context: ssl.SSLContext | None, name: str, factory: Factory) -> Dialed:
    loop = asyncio.get_running_loop()
    family = socket.AF_UNIX if address.unix else socket.AF_INET6 if ":" in address.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        started = _clock()
        await loop.sock_connect(sock, address.unix or (address.host, address.port))
        connected = _clock()
        server_hostname = name if context is not None else None
        # one that may be written to beside its transport
        own = sock if context is None else None
        if address.unix:
            _, connection = await loop.create_unix_connection(
                lambda: factory(own), sock=sock, ssl=context, server_hostname=server_hostname
            )
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, connection = await loop.create_connection(
                lambda: factory(own), sock=sock, ssl=context, server_hostname=server_hostname
            )
    except BaseException:
        sock.close()
        raise
    return Dialed(connection, connected - started, _clock() - connected if context is not None else 0)
