"""Where an answer sends its asker: followed on the same scheme, host and port only, for only that was judged safe."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from perftui.load.requests import Request, Template, UnsafeValueError, safe_path

STATUSES = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OF_BODY = ("content-type", "content-encoding", "content-language")


class Origin(NamedTuple):
    """What was judged: nothing else is asked."""

    scheme: str
    host: str
    port: int


def place(location: str, origin: Origin, path: str) -> str | None:
    """The path on the same origin that an answer to a request for ``path`` leads to; None when it leads elsewhere."""
    if _CONTROL.search(location):
        return None
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    try:
        url = urlsplit(urljoin(f"{origin.scheme}://{host}:{origin.port}{path}", location))
        port = url.port or _PORTS.get(url.scheme, 0)
        if "@" in url.netloc or (url.scheme, (url.hostname or "").lower(), port) != (
            origin.scheme, origin.host.lower(), origin.port,
        ):  # fmt: skip
            return None
        return safe_path((url.path or "/") + (f"?{url.query}" if url.query else ""))
    except (ValueError, UnsafeValueError):
        return None


def onward(request: Request, status: int, path: str) -> Request:
    """RFC 9110, 15.4: 307 and 308 ask the same there; after the others only GET and HEAD stay as they are."""
    there = request._replace(path=Template((path,)))
    if status in (307, 308) or request.method in ("GET", "HEAD"):
        return there
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in _OF_BODY)
    return there._replace(method="GET", headers=headers, body=Template(("",)))
