"""Injects a fault into the running demo and lifts it again; one at a time, and both are marked in the events."""

from __future__ import annotations

import http.client
import json
import random

from perftui.demo.faults import Fault
from perftui.demo.journal import Journal
from perftui.demo.plan import AGENTS, LINK
from perftui.demo.run import Job
from perftui.demo.staff import Staff

_SLOW_HANDLER = "/checkout"
_TIMEOUT_S = 2.0


class Injection:
    """``fault`` is what is injected now."""

    def __init__(self, staff: Staff, journal: Journal, token: str) -> None:
        self._staff = staff
        self._journal = journal
        self._token = token
        self.fault: Fault | None = None

    def inject(self, fault: Fault, workflow: str) -> str:
        """Inject it in the place of another; the mark that was set."""
        if self.fault is not None:
            self.lift(workflow)
        self.fault = fault
        self._apply()
        return self._mark(f"fault {fault} injected", workflow)

    def lift(self, workflow: str) -> str:
        """Make everything as it was; the mark that was set, empty when there was nothing to lift."""
        lifted, self.fault = self.fault, None
        self._apply()
        return self._mark(f"fault {lifted} lifted", workflow) if lifted is not None else ""

    def tell_service(self) -> None:
        """A service that was started again knows nothing of a fault."""
        slower_ms = self.fault.size if self.fault is not None and self.fault.name == "slow" else 0
        self._post(slower_ms / 1000)

    def rounds(self, job: Job) -> int:
        """How much work an attempt is."""
        return self.fault.size if self._is("straggler") and self.fault and job.plan.task == LINK else 1

    def damages(self, job: Job, workflow: str) -> bool:
        """Whether an attempt gets damaged data, over which it raises: the same for the same attempt."""
        if not self._is("failing") or self.fault is None or job.plan.kind != "compress":
            return False
        dice = random.Random(f"{workflow}/{job.plan.task}/{job.attempt}")  # noqa: S311 (the same every time, no secret)
        return dice.random() * 100 < self.fault.size

    def _is(self, name: str) -> bool:
        return self.fault is not None and self.fault.name == name

    def _apply(self) -> None:
        self._staff.why = "" if self.fault is None else f"fault {self.fault}"
        self._staff.wanted = AGENTS - (self.fault.size if self.fault is not None and self.fault.name == "pool" else 0)
        self.tell_service()

    def _post(self, sleep_s: float) -> None:
        service = self._staff.service
        if not service.ready:
            return
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=_TIMEOUT_S)
        body = json.dumps({"handler": _SLOW_HANDLER, "sleep_s": sleep_s})
        try:
            connection.request("POST", "/fault", body, {"X-Demo-Token": self._token})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return  # it is gone: the next one is told when it is there
        finally:
            connection.close()

    def _mark(self, name: str, workflow: str) -> str:
        self._journal.tell("mark", name=name, workflow=workflow or None)
        return name
