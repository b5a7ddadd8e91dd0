"""Which transport carries a load: our own, or httpx for what ours does not speak (HTTP/2, proxies)."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from enum import Enum
from urllib.parse import urlsplit

from perftui.load.connection import Call
from perftui.load.dial import tls_context
from perftui.load.job import Compat, Job
from perftui.load.ledger import Ledger
from perftui.load.places import look_up
from perftui.load.pool import Pool


class Transport(str, Enum):
    """``native``: measured honestly at any rate. ``compat``: httpx, with its own time in every figure."""

    NATIVE = "native"
    COMPAT = "compat"


def compat_of(transport: Transport, http2: bool, proxy: str) -> Compat | None:
    """None for our own transport. Looks the proxy up. Raises ValueError for what does not go together."""
    if transport is Transport.NATIVE:
        for name, value in (("http2", http2), ("proxy", proxy)):
            if value:
                raise ValueError(f'{name}: only the compat transport has it: transport = "compat"')
        return None
    if http2 and importlib.util.find_spec("h2") is None:
        raise ValueError("http2: needs the package h2: pip install 'perftui[http2]'")
    return Compat(http2, _looked_up(proxy) if proxy else "")


def pool_of(job: Job, ledger_of: Callable[[Call], Ledger]) -> Pool:
    """The connections of a job. Raises OSError for a file of authorities that can't be read."""
    context = tls_context(job.tls)
    if job.compat is None:
        return Pool(job, context, ledger_of)
    from perftui.load.compat import CompatPool  # httpx takes longer to import than many a load to begin

    return CompatPool(job, context, ledger_of)


def _looked_up(proxy: str) -> str:
    """Its URL with its address, as that is what is judged and connected to."""
    url = urlsplit(proxy)
    if url.scheme != "http" or not url.hostname or url.path not in ("", "/"):
        raise ValueError("proxy: expected a URL such as http://10.0.0.1:3128")
    host = look_up(url.hostname, url.port or 80).addresses[0].host
    user, at, _ = url.netloc.rpartition("@")
    return f"http://{user}{at}{f'[{host}]' if ':' in host else host}:{url.port or 80}"
