"""What ``k6 --out json`` says, put together to requests: every figure of one comes as a line of its own.

Lines of one request share ``vu`` and ``iter``, and its checks come after it, so that a request is whole when its
iteration is over. Error codes: k6's documentation, "Error codes".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import msgspec

from perftui.load.handoff.samples import Sample

_PHASES = {
    "http_req_connecting": "connect", "http_req_tls_handshaking": "tls", "http_req_sending": "send",
    "http_req_waiting": "ttfb", "http_req_receiving": "transfer",
}  # fmt: skip
_ONLY_WHEN_NEW = ("connect", "tls")
_CODES = {"1050": "timeout", "1211": "connect_timeout", "1212": "refused", "1220": "reset"}
_FAMILIES = (("11", "dns"), ("12", "unreachable"), ("13", "tls"), ("16", "reset"))


class Data(msgspec.Struct, frozen=True):
    """``tags`` are few: the script asks for no others. ``metadata`` holds ``vu`` and ``iter``."""

    time: datetime | None = None
    value: float = 0.0
    tags: dict[str, str] | None = None
    metadata: dict[str, str] | None = None


class Line(msgspec.Struct, frozen=True):
    """A point of a metric, or what a metric is."""

    type: str
    metric: str = ""
    data: Data = Data()


class _Request:
    def __init__(self, at_s: float, tags: dict[str, str]) -> None:
        self.at_s, self.tags = at_s, tags
        self.ms: dict[str, float] = {}
        self.broken: list[str] = []


class Points:
    """``own_status`` are the targets whose checks say which status is right."""

    def __init__(self, add: Callable[[Sample], None], lead_s: float, own_status: Collection[str]) -> None:
        self._add, self._lead_s, self._own_status = add, lead_s, own_status
        self._open: dict[tuple[str, str], _Request] = {}
        self._early: list[_Request] = []
        self.began_s: float | None = None
        self.sent = self.dropped = self.bytes = 0

    def take(self, line: bytes) -> None:
        """Raises msgspec.DecodeError for what is no line of k6."""
        found = msgspec.json.decode(line, type=Line)
        if found.type != "Point" or found.data.time is None:
            return
        tags, where = found.data.tags or {}, found.data.metadata or {}
        key = where.get("vu", ""), where.get("iter", "")
        is_counted = tags.get("scenario") == "load"
        if found.metric == "http_reqs":
            self._open[key] = _Request(found.data.time.timestamp(), tags)
            self.sent += is_counted
        elif found.metric.startswith("http_req_") and key in self._open:
            self._open[key].ms[found.metric] = found.data.value
        elif found.metric == "checks" and key in self._open:
            if not found.data.value:
                self._open[key].broken.append(tags.get("check", ""))
        elif found.metric == "iteration_duration" and key in self._open:
            self._whole(self._open.pop(key))
        elif found.metric == "perftui_began":
            self._begin(found.data.value / 1e3, tags)
        elif found.metric == "dropped_iterations" and is_counted:
            self.dropped += round(found.data.value)
        elif found.metric == "data_received" and is_counted:
            self.bytes += round(found.data.value)

    def end(self) -> None:
        """What was cut off in the middle counts as it is."""
        for request in self._open.values():
            self._whole(request)
        self._open = {}

    def _begin(self, at_s: float, tags: dict[str, str]) -> None:
        if tags.get("scenario") == "load":
            self.began_s = at_s - self._lead_s
        elif self.began_s is None:
            self.began_s = at_s
        early, self._early = self._early, []
        for request in early:
            self._whole(request)

    def _whole(self, request: _Request) -> None:
        if self.began_s is None:
            self._early.append(request)
            return
        ms = request.ms
        blocked, duration = ms.get("http_req_blocked", 0.0), ms.get("http_req_duration", 0.0)
        # k6's blocked holds connecting and TLS
        waited = blocked - ms.get("http_req_connecting", 0.0) - ms.get("http_req_tls_handshaking", 0.0)
        ended = request.at_s - self.began_s - self._lead_s
        is_counted = request.tags.get("scenario") == "load"
        phases = {name: _ns(ms[metric]) for metric, name in _PHASES.items() if metric in ms}
        status = request.tags.get("status", "0")
        self._add(
            Sample(
                name=request.tags.get("name", ""),
                meant_s=max(0.0, ended - (blocked + duration) / 1e3) if is_counted else -1.0,
                ended_s=ended,
                response=_ns(blocked + duration),
                service=_ns(duration),
                error=self._error(request, status),
                broken=request.broken,
                is_checked=status != "0",
                blocked=max(0, _ns(waited)),
                phases={name: ns for name, ns in phases.items() if ns or name not in _ONLY_WHEN_NEW},
            )
        )

    def _error(self, request: _Request, status: str) -> str:
        if status == "0":
            code = request.tags.get("error_code", "")
            return _CODES.get(code) or next((kind for family, kind in _FAMILIES if code.startswith(family)), "error")
        if status >= "400" and request.tags.get("name") not in self._own_status:
            return f"http_{status}"
        return "check" if request.broken else ""


def _ns(ms: float) -> int:
    return round(ms * 1e6)


def has_own_status(checks: Collection[Any]) -> bool:
    """Whether the checks of a target say which status is right."""
    return any(check.subject == "status" for check in checks)
