"""A small Alertmanager (API version 2) that a test fills, on the server that can be told to misbehave."""

from __future__ import annotations

import datetime
import json
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from perftui.domain.alerts import fingerprint
from perftui.domain.matchers import matches, parse_matchers
from perftui.domain.triage import Matcher
from tests.faults.fault_server import FaultServer, Request
from tests.faults.prometheus_api import Response

CONFIG_SECRET = "a-secret-of-the-configuration"


def moment(epoch: float) -> str:
    """As Go writes it, with nine digits."""
    text = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).isoformat(timespec="microseconds")
    return text.replace("+00:00", "000Z")


class AlertmanagerServer(FaultServer):
    """``alerts`` are elements as it tells them; silences that are written suppress what they match.

    ``skew_s`` is how far its clock is ahead; ``inhibited`` are fingerprints with those of what inhibits them.
    """

    def __init__(self, alerts: Sequence[Mapping[str, str]] = ()) -> None:
        self.alerts: list[dict[str, Any]] = []
        self.silences: dict[str, dict[str, Any]] = {}
        self.receivers = ["nobody", "perf"]
        self.inhibited: dict[str, list[str]] = {}
        self.skew_s = 0.0
        for labels in alerts:
            self.fire(**labels)
        super().__init__()

    @property
    def now(self) -> float:
        return time.time() + self.skew_s

    def fire(self, *, since_s: float = 60.0, annotations: Mapping[str, str] | None = None, **labels: str) -> str:
        """An alert with these labels, since so long; its fingerprint."""
        own = fingerprint(labels)
        self.alerts.append(
            {
                "labels": dict(labels),
                "annotations": dict(annotations or {"summary": f"about {labels.get('alertname', '?')}"}),
                "startsAt": moment(self.now - since_s),
                "endsAt": moment(self.now + 240),
                "updatedAt": moment(self.now),
                "fingerprint": own,
                "generatorURL": "http://prom:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
                "receivers": [{"name": "perf" if labels.get("team") == "perf" else "nobody"}],
            }
        )
        return own

    def written(self) -> list[Request]:
        """The requests that wrote something."""
        return [request for request in list(self.requests) if request.method in ("POST", "DELETE")]

    def respond(self, request: Request) -> Response:
        """The answer of a healthy one."""
        endpoint, _, rest = request.endpoint.partition("/")
        if request.method == "POST" and endpoint == "silences":
            return self._write(json.loads(request.body))
        if request.method == "DELETE" and endpoint == "silence":
            return self._expire(rest)
        found: dict[str, Any] = {
            "alerts": self._alerts(request),
            "silences": [self._silence(one) for one in self.silences.values()],
            "receivers": [{"name": name} for name in self.receivers],
            "status": self._status(),
        }
        if request.method != "GET" or endpoint not in found:
            return Response(404, b"404 page not found", kind="text/plain", date=self.now)
        return self._said(found[endpoint])

    def _said(self, value: object, status: int = 200) -> Response:
        return Response(status, json.dumps(value).encode(), date=self.now)

    def _alerts(self, request: Request) -> list[dict[str, Any]]:
        asked = parse_qsl(urlsplit(request.target).query)
        wanted = [matcher for name, text in asked if name == "filter" for matcher in parse_matchers(text)]
        receiver = next((text for name, text in asked if name == "receiver"), ".*")
        active = [one for one in map(self._silence, self.silences.values()) if one["status"]["state"] == "active"]
        return [
            {**alert, "status": self._state(alert, active)}
            for alert in self.alerts
            if matches(wanted, alert["labels"]) and re.fullmatch(receiver, alert["receivers"][0]["name"])
        ]

    def _state(self, alert: Mapping[str, Any], active: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        by = [one["id"] for one in active if matches(_matchers(one), alert["labels"])]
        inhibited = self.inhibited.get(alert["fingerprint"], [])
        state = "suppressed" if by or inhibited else "active"
        return {"state": state, "silencedBy": by, "inhibitedBy": inhibited}

    def _silence(self, one: Mapping[str, Any]) -> dict[str, Any]:
        now = self.now
        state = "expired" if _epoch(one["endsAt"]) <= now else "pending" if _epoch(one["startsAt"]) > now else "active"
        return {**one, "status": {"state": state}, "updatedAt": one["startsAt"]}

    def _write(self, body: dict[str, Any]) -> Response:
        old = self.silences.get(body.get("id", ""))
        if body.get("id") and old is None:
            return self._said("silence not found", 404)
        if old is not None and all(old[key] == body[key] for key in ("matchers", "startsAt")):
            old.update(body)
            return self._said({"silenceID": old["id"]})
        if old is not None:
            self._expire(old["id"])
        new = str(uuid.uuid4())
        self.silences[new] = {**body, "id": new}
        return self._said({"silenceID": new})

    def _expire(self, silence_id: str) -> Response:
        if silence_id not in self.silences:
            return self._said("silence not found", 500)
        self.silences[silence_id]["endsAt"] = moment(self.now - 1)
        return Response(200, b"", date=self.now)

    def _status(self) -> dict[str, Any]:
        return {
            "cluster": {"name": "A", "peers": [{"name": "B", "address": "b:1"}, {"name": "A", "address": "a:1"}],
                        "status": "ready"},
            "config": {"original": f"password: {CONFIG_SECRET}"},
            "uptime": moment(self.now - 3600),
            "versionInfo": {"version": "0.25.0"},
        }  # fmt: skip


def _epoch(text: str) -> float:
    return datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc).timestamp()


def _matchers(silence: Mapping[str, Any]) -> list[Matcher]:
    return [Matcher(one["name"], one["value"], one["isEqual"], one["isRegex"]) for one in silence["matchers"]]
