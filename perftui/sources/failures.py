"""What went wrong behind HTTP, named for what it is: one kind for the program and one sentence for the person.

Sentences are made from status codes and error numbers, never from exception texts: those may hold what was sent.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

import msgspec

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.text import clean

_LOGIN = re.compile(r"log-?in|sign-?in|auth|sso|saml|oidc|<input[^>]+password", re.I)
_WANTS_CERTIFICATE = re.compile("EOF|HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED|BAD_CERTIFICATE")
_STATUS = {
    401: (ErrorKind.DENIED, "401: it wants to know who asks; give user and password, or a token"),
    403: (ErrorKind.DENIED, "403: this user or token may not read it"),
    404: (ErrorKind.MISSING, "404: there is no such address on it; is the path of the URL right?"),
    405: (ErrorKind.UNSUPPORTED, "405: it does not take this kind of request"),
    407: (ErrorKind.DENIED, "407: the proxy wants to know who asks"),
    413: (ErrorKind.BAD_QUERY, "413: the question is too large for it"),
    414: (ErrorKind.BAD_QUERY, "414: the question is too long for it"),
    429: (ErrorKind.OVERLOADED, "429: it gets too many requests"),
    501: (ErrorKind.UNSUPPORTED, "501: it can't do this"),
    502: (ErrorKind.OVERLOADED, "502: the proxy before it gets no good answer from it"),
    503: (ErrorKind.OVERLOADED, "503: it is not ready, or has too much to do"),
    504: (ErrorKind.OVERLOADED, "504: the proxy before it waited too long for it"),
}


# stands before everything that is wrong with an expression
_QUERY_PREFIX = 'invalid parameter "query": '


class _ApiError(msgspec.Struct):
    """What Prometheus, Alertmanager and their relatives say when they refuse."""

    error: str = ""
    errorType: str = ""  # noqa: N815 (the API's word)
    message: str = ""


def named_status(status: int, body: bytes, headers: Mapping[str, str]) -> QueryError:
    """The failure that a status other than 200 stands for."""
    said = api_error(body)
    if said is not None and said.errorType == "timeout":
        return QueryError(ErrorKind.TIMEOUT, f"it gave up: {_sentence(said.error)}")
    if status in (400, 422) and said is not None:
        return QueryError(ErrorKind.BAD_QUERY, _sentence(said.error.removeprefix(_QUERY_PREFIX)) or f"HTTP {status}")
    if 300 <= status < 400:
        target = clean(headers.get("location", "nowhere").split("?")[0], 120)
        if _LOGIN.search(target):
            return QueryError(ErrorKind.DENIED, f"{status}: it sends us to a login page ({target})")
        return QueryError(ErrorKind.MISSING, f"{status}: it has moved to {target}; put that into the configuration")
    kind, text = _STATUS.get(status, (ErrorKind.BAD_DATA, f"HTTP {status}"))
    words = _sentence(said.error if said else _first_line(body))
    wait = headers.get("retry-after", "")
    again = f"; asks to wait {clean(wait, 40)}{' s' if wait.isdigit() else ''}" if wait else ""
    return QueryError(
        kind, f"{text}{again}{' (' + words + ')' if words else ''}", _wait_s(wait, headers.get("date", ""))
    )


def _wait_s(wait: str, now: str) -> float:
    """The seconds of a Retry-After: a number, or a date that is seen against the answer's own; 0 when it is neither."""
    if wait.isascii() and wait.isdigit():
        return float(wait[:9])
    try:
        return max(0.0, (parsedate_to_datetime(wait) - parsedate_to_datetime(now)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0.0


def web_page(body: bytes) -> QueryError | None:
    """The failure of an answer that is a page for people, as login pages and wrong ports give with status 200."""
    head = body[:4096].lstrip().lower()
    if not head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        return None
    if _LOGIN.search(head.decode("utf-8", "replace")):
        return QueryError(ErrorKind.DENIED, "it answers with a login page: it wants to know who asks")
    return QueryError(ErrorKind.BAD_DATA, "it answers with a web page: is the URL right?")


def api_error(body: bytes) -> _ApiError | None:
    """The error that a JSON body tells; None when it tells none. Alertmanager says a bare text, or a ``message``."""
    try:
        said = msgspec.json.decode(body, type=_ApiError | str)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(said, str):
        return _ApiError(said) if said else None
    if said.message and not said.error:
        said.error = said.message
    return said if said.error or said.errorType else None


def named_exception(error: BaseException, timeout_s: float) -> QueryError:
    """The failure behind an exception of a client library, wherever in its chain the cause is."""
    for cause in _chain(error):
        found = _named_cause(cause, timeout_s)
        if found is not None:
            return found
    name = type(error).__name__
    if "Timeout" in name:
        return timed_out(timeout_s)
    return QueryError(ErrorKind.BAD_DATA, f"the connection ended in the middle of the answer ({name})")


def timed_out(timeout_s: float) -> QueryError:
    return QueryError(ErrorKind.TIMEOUT, f"no answer within {timeout_s:g} s")


def too_large(limit: int) -> QueryError:
    return QueryError(ErrorKind.BAD_DATA, f"the answer is larger than {limit / 1048576:.3g} MiB (max_body)")


def _named_cause(cause: BaseException, timeout_s: float) -> QueryError | None:
    if isinstance(cause, QueryError):
        return cause
    if isinstance(cause, ssl.SSLCertVerificationError):
        return QueryError(ErrorKind.UNREACHABLE, f"its certificate is not trusted: {clean(cause.verify_message, 120)}")
    if isinstance(cause, ssl.SSLError):
        refused = not cause.reason or _WANTS_CERTIFICATE.search(cause.reason)
        if refused:
            return QueryError(ErrorKind.DENIED, "TLS: it refuses us; does it want a certificate (cert_file, key_file)?")
        return QueryError(ErrorKind.UNREACHABLE, f"TLS: {clean(cause.reason, 80).lower().replace('_', ' ')}")
    if isinstance(cause, socket.gaierror):
        return QueryError(ErrorKind.UNREACHABLE, "its name is not known (DNS)")
    if isinstance(cause, TimeoutError):
        return timed_out(timeout_s)
    if isinstance(cause, OSError) and cause.errno is not None:
        return _named_errno(cause.errno, timeout_s)
    return None


def _named_errno(number: int, timeout_s: float) -> QueryError:
    if number == errno.ECONNREFUSED:
        return QueryError(ErrorKind.REFUSED, "connection refused")
    if number == errno.ETIMEDOUT:
        return timed_out(timeout_s)
    if number in (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED):
        return QueryError(ErrorKind.BAD_DATA, "the connection was reset in the middle of the answer")
    return QueryError(ErrorKind.UNREACHABLE, os.strerror(number).lower())


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, what caused it, and exceptions among its arguments; deepest last."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inside = [arg for arg in one.args if isinstance(arg, BaseException)]
        reason = getattr(one, "reason", None)
        causes = (reason, one.__cause__, one.__context__, *inside)
        waiting.extend(cause for cause in causes if isinstance(cause, BaseException))


def _first_line(body: bytes) -> str:
    if web_page(body) is not None:
        return ""
    return body[:400].decode("utf-8", "replace").strip().split("\n")[0]


def _sentence(text: str) -> str:
    return clean(text.strip(), 300)
