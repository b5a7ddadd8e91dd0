"""The cookies of one user for the one host of a plan: RFC 6265, sections 5.1 to 5.4, as far as one host can tell.

Own and small, because the standard library's jar wants its own kind of request and answer objects. A cookie for a
domain that the host does not lie in is refused; whether a domain is a public suffix does not matter for one host.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime, timezone
from typing import NamedTuple

MOST, LONGEST = 50, 4096
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DELIMITERS = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D.*)?")
_DAY, _YEAR = re.compile(r"(\d{1,2})(?:\D.*)?"), re.compile(r"(\d{2,4})(?:\D.*)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MAX_AGE = re.compile(r"-?\d+")
_FOR_EVER = float("inf")


class Cookie(NamedTuple):
    """``expires`` is in seconds since the epoch; without a value for it a cookie lasts as long as its user."""

    name: str
    value: str
    path: str
    is_secure: bool
    expires: float


class Jar:
    """Takes what answers set, gives what the next request sends; at most ``MOST`` cookies, the oldest go first."""

    def __init__(self, host: str, *, is_secure: bool) -> None:
        self._host, self._is_secure = host.lower().rstrip("."), is_secure
        self._cookies: dict[tuple[str, str], Cookie] = {}

    def take(self, text: str, request_path: str, now: float) -> None:
        """One ``Set-Cookie`` header of an answer to a request for a path; what is wrong with it makes it no cookie."""
        cookie = parse_cookie(text, self._host, request_path, now)
        if cookie is None or (cookie.is_secure and not self._is_secure):
            return
        key = cookie.name, cookie.path
        if cookie.expires <= now:
            self._cookies.pop(key, None)
            return
        if key not in self._cookies and len(self._cookies) >= MOST:
            del self._cookies[next(iter(self._cookies))]
        self._cookies[key] = cookie

    def header(self, request_path: str, now: float) -> str:
        """The ``Cookie`` header for a request, longest paths first; empty for none."""
        if not self._cookies:
            return ""
        for key in [key for key, cookie in self._cookies.items() if cookie.expires <= now]:
            del self._cookies[key]
        path = request_path.partition("?")[0]
        found = [cookie for cookie in self._cookies.values() if path_matches(path, cookie.path)]
        found.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in found)


def set_cookies(head: bytes) -> list[str]:
    """The values of all ``Set-Cookie`` headers."""
    lines = head.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:]
    return [line[11:].decode("latin-1").strip() for line in lines if line[:11].lower() == b"set-cookie:"]


def parse_cookie(text: str, host: str, request_path: str, now: float) -> Cookie | None:
    """None for what is no cookie, or none for this host."""
    pair, *attributes = text.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not name or len(text) > LONGEST or _CONTROL.search(text):
        return None
    path, is_secure, domain = "", False, ""
    expires: float | None = None
    max_age: float | None = None
    for attribute in attributes:
        key, _, given = (part.strip() for part in attribute.partition("="))
        match key.lower():
            case "path":
                path = given
            case "secure":
                is_secure = True
            case "domain":
                domain = given.lower().removeprefix(".")
            case "expires":
                found = parse_date(given)
                expires = expires if found is None else found
            case "max-age":
                max_age = _age_end(given, now) if _MAX_AGE.fullmatch(given) else max_age
    if domain and not domain_matches(host, domain):
        return None
    if not path.startswith("/"):
        path = default_path(request_path)
    end = max_age if max_age is not None else expires if expires is not None else _FOR_EVER
    return Cookie(name, value, path, is_secure, end)


def default_path(request_path: str) -> str:
    """RFC 6265, 5.1.4: the folder of the request's path."""
    path = request_path.partition("?")[0]
    return path[: path.rindex("/")] or "/" if path.startswith("/") else "/"


def path_matches(request_path: str, path: str) -> bool:
    """RFC 6265, 5.1.4: the same, or a folder above it."""
    if not request_path.startswith(path):
        return False
    return request_path == path or path.endswith("/") or request_path[len(path)] == "/"


def domain_matches(host: str, domain: str) -> bool:
    """RFC 6265, 5.1.3: the same, or the end of a name (never of an address) after a dot."""
    if host == domain:
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.endswith("." + domain)
    return False


def parse_date(text: str) -> float | None:
    """RFC 6265, 5.1.1, in seconds since the epoch; None for what is no date."""
    clock: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITERS.split(text):
        if clock is None and (match := _TIME.fullmatch(token)):
            clock = int(match[1]), int(match[2]), int(match[3])
        elif day is None and (match := _DAY.fullmatch(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.fullmatch(token)):
            year = int(match[1])
    if clock is None or day is None or month is None or year is None:
        return None
    return _epoch(year, month, day, clock)


def _epoch(year: int, month: int, day: int, clock: tuple[int, int, int]) -> float | None:
    if year < 100:
        year += 1900 if year >= 70 else 2000
    try:
        return datetime(year, month, day, *clock, tzinfo=timezone.utc).timestamp() if year >= 1601 else None
    except ValueError:
        return None


def _age_end(text: str, now: float) -> float:
    age = int(text[:12])
    return now + age if age > 0 else -_FOR_EVER
