"""How a source behind HTTP is let in: headers, secrets, certificates, proxies; the same for every client library."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from perftui import __version__
from perftui.config.schema import HttpSource
from perftui.config.secrets import resolve
from perftui.config.values import expanded
from perftui.domain.errors import ErrorKind, PerftuiError, QueryError

FROM_ENVIRONMENT = "env"


class Access(NamedTuple):
    """``headers`` hold revealed secrets: they go into requests and nowhere else.

    ``verify`` is a file of authorities, or whether to verify at all; ``certificate`` the client's certificate and key.
    ``proxy`` is empty for none, ``env`` for those that the environment names.
    """

    headers: Mapping[str, str]
    verify: bool | str
    certificate: tuple[str, str] | None
    proxy: str

    def __repr__(self) -> str:
        return f"Access(headers={sorted(self.headers)})"


def access(settings: HttpSource, environ: Mapping[str, str]) -> Access:
    """Read the secrets. Raises QueryError, without them, when one can't be read."""
    try:
        headers = {"User-Agent": f"perftui/{__version__}", "Accept-Encoding": _encoding(settings.url)}
        headers.update(settings.headers)
        headers.update(
            {name: _sendable(resolve(ref, environ).reveal()) for name, ref in settings.secret_headers.items()}
        )
        if settings.token:
            headers["Authorization"] = f"Bearer {_sendable(resolve(settings.token, environ).reveal())}"
        elif settings.user:
            password = resolve(settings.password, environ).reveal() if settings.password else ""
            pair = f"{settings.user}:{password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    except PerftuiError as error:
        raise QueryError(ErrorKind.DENIED, str(error)) from None
    certificate = (str(expanded(settings.cert_file)), str(expanded(settings.key_file))) if settings.cert_file else None
    verify: bool | str = str(expanded(settings.ca_file)) if settings.ca_file and settings.verify else settings.verify
    return Access(headers, verify, certificate, settings.proxy)


def _sendable(value: str) -> str:
    """A secret that can stand in a header: no line ends, which would begin another header."""
    if not value.isascii() or not value.isprintable():
        raise PerftuiError("a secret for a header has characters that no header can carry")
    return value


def _encoding(url: str) -> str:
    """Packing costs the server eight times the CPU: it is worth it on slow lines only, not on the same network."""
    host = urlsplit(url).hostname or ""
    try:
        near = ipaddress.ip_address(host).is_private
    except ValueError:
        near = host == "localhost"
    return "identity" if near else "gzip"
