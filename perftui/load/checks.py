"""What an answer has to be: ``status == 200``, ``header.content-type ~ json``, ``json.a.0.b == 5``, ``latency < 200``.

``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=`` compare; ``~`` and ``!~`` ask whether a text lies in it. Latency is that of
the service, in ms.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

_CHECK = re.compile(r"(status|latency|body|header\.[A-Za-z0-9-]+|json(?:\.[^\s.]+)+)\s*(==|!=|<=|>=|<|>|!~|~)\s*(.+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "~": lambda got, wanted: str(wanted) in str(got), "!~": lambda got, wanted: str(wanted) not in str(got),
}  # fmt: skip


class Answer(NamedTuple):
    """What a check sees: ``head`` is status line and headers, ``body`` is empty unless a check reads it."""

    status: int
    head: bytes
    body: bytes
    service_ns: int


class Check(NamedTuple):
    """A check that is understood."""

    text: str
    subject: str
    operator: str
    wanted: str

    @property
    def needs_body(self) -> bool:
        return self.subject == "body" or self.subject.startswith("json.")

    def holds(self, answer: Answer) -> bool:
        """False also when there is nothing to compare: no such header, no JSON, no such path."""
        got = self._got(answer)
        if got is None:
            return False
        if self.operator in ("~", "!~"):
            return _COMPARE[self.operator](got, self.wanted)
        try:
            return _COMPARE[self.operator](float(got), float(self.wanted))
        except (TypeError, ValueError):
            text = str(got).lower() if isinstance(got, bool) else str(got)
            return _COMPARE[self.operator](text, self.wanted)

    def _got(self, answer: Answer) -> Any:
        if self.subject == "status":
            return answer.status
        if self.subject == "latency":
            return answer.service_ns / 1e6
        if self.subject == "body":
            return answer.body.decode("utf-8", "replace")
        if self.subject.startswith("header."):
            return header(answer.head, self.subject.partition(".")[2])
        return _at(answer.body, self.subject.split(".")[1:])


def parse_check(text: str) -> Check:
    """Raises ValueError with what a check looks like."""
    match = _CHECK.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is not a check such as 'status == 200', 'header.content-type ~ json', 'body ~ ok', "
            "'json.items.0.id == 5' or 'latency < 200'"
        )
    wanted = match[3].strip()
    if len(wanted) > 1 and wanted[0] == wanted[-1] and wanted[0] in "'\"":
        wanted = wanted[1:-1]
    if match[1] in ("status", "latency") and match[2] not in ("~", "!~"):
        try:
            float(wanted)
        except ValueError:
            raise ValueError(f"{text!r}: {wanted!r} is not a number") from None
    return Check(text.strip(), match[1], match[2], wanted)


def header(head: bytes, name: str) -> str | None:
    """The first header of a name, whatever its case; None for none."""
    wanted = name.lower().encode()
    for line in head.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.strip().lower() == wanted:
            return value.strip().decode("latin-1")
    return None


def _at(body: bytes, path: list[str]) -> Any:
    try:
        value = msgspec.json.decode(body)
        for part in path:
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (msgspec.DecodeError, KeyError, IndexError, ValueError, TypeError, RecursionError):
        return None
    return value
