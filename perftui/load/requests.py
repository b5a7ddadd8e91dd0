"""The bytes of a request from a template: ``${name}`` in path, headers and body becomes the value of a variable.

Values come from answers and files, so they are hostile: in a path or a header a control character is refused, because
it would end the line and begin another request; what else can't stand in a path is written as ``%``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9\-._~%/?&=:@!$'()*+,;\[\]]*")
_PATH_SAFE = "-._~%/?&=:@!$'()*+,;[]"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WITH_BODY = ("POST", "PUT", "PATCH")


class UnsafeValueError(Exception):
    """What a variable holds can't stand where the plan puts it; says where, never the value."""


class MissingValueError(Exception):
    """A variable that nothing has given a value yet."""


class Template(NamedTuple):
    """Text before, between and after its variables: one more of ``texts`` than of ``names``."""

    texts: tuple[str, ...]
    names: tuple[str, ...] = ()

    def fill(self, variables: Mapping[str, str]) -> str:
        """Raises MissingValueError."""
        if not self.names:
            return self.texts[0]
        parts = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            value = variables.get(name)
            if value is None:
                raise MissingValueError(name)
            parts += value, text
        return "".join(parts)


def parse_template(text: str) -> Template:
    """``$${`` is a ``${`` that is meant. Raises ValueError with what a variable looks like."""
    texts, names, at = [""], [], 0
    for match in _TOKEN.finditer(text):
        texts[-1] += text[at : match.start()]
        at = match.end()
        if match[0] == "$${":
            texts[-1] += "${"
            continue
        name = match[1]
        if name is None or NAME.fullmatch(name) is None:
            shown = text[match.start() : match.start() + 40]
            raise ValueError(f"{shown!r} is no variable such as ${{token}}; for a ${{ that is meant write $${{")
        names.append(name)
        texts.append("")
    texts[-1] += text[at:]
    return Template(tuple(texts), tuple(names))


class Request(NamedTuple):
    """A request that is not filled in yet; the ``Cookie`` header and ``Content-Length`` are added by ``bytes_of``."""

    method: str
    path: Template
    headers: tuple[tuple[str, Template], ...]
    body: Template

    @property
    def names(self) -> frozenset[str]:
        """The variables that it needs."""
        return frozenset(name for template in self.templates for name in template.names)

    @property
    def templates(self) -> tuple[Template, ...]:
        return (self.path, *(template for _, template in self.headers), self.body)


def parse_request(method: str, path: str, headers: Sequence[tuple[str, str]], body: str) -> Request:
    """Raises ValueError."""
    parsed = tuple((name, parse_template(value)) for name, value in headers)
    return Request(method, parse_template(path), parsed, parse_template(body))


def path_of(request: Request, variables: Mapping[str, str]) -> str:
    """Its path. Raises UnsafeValueError and MissingValueError."""
    return safe_path(request.path.fill(variables))


def bytes_of(request: Request, path: str, variables: Mapping[str, str], cookies: str = "") -> bytes:
    """The whole request; ``path`` is what ``path_of`` gave. Raises UnsafeValueError and MissingValueError."""
    lines = [f"{request.method} {path} HTTP/1.1".encode("ascii")]
    for name, template in request.headers:
        value = template.fill(variables)
        if cookies and name.lower() == "cookie":
            value, cookies = f"{value}; {cookies}", ""
        lines.append(_header(name, value))
    if cookies:
        lines.append(_header("Cookie", cookies))
    body = _body(request.body.fill(variables))
    if body or request.method in WITH_BODY:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body])


def safe_path(path: str) -> str:
    """As it can stand in a request line. Raises UnsafeValueError when it is no path or holds control characters."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    if not path.startswith("/") or _CONTROL.search(path):
        raise UnsafeValueError("path")
    try:
        return quote(path, safe=_PATH_SAFE)
    except UnicodeEncodeError:
        raise UnsafeValueError("path") from None


def _header(name: str, value: str) -> bytes:
    if _CONTROL.search(value):
        raise UnsafeValueError(name)
    try:
        return f"{name}: {value}".encode("latin-1")
    except UnicodeEncodeError:
        raise UnsafeValueError(name) from None


def _body(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UnsafeValueError("body") from None
