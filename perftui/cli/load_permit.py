"""May this load be sent? The configuration says, and somebody who types what it asks for; the audit log keeps both."""

from __future__ import annotations

import getpass
import sys
import time
from typing import Any

import msgspec

from perftui.cli.arguments import Options
from perftui.config.load_settings import Load
from perftui.config.paths import state_folder
from perftui.domain.errors import PerftuiError
from perftui.load.job import Job
from perftui.load.plan import Plan, told
from perftui.load.safety import Confirmed, Policy, judge, policy_of, weigh
from perftui.store.audit import Audit

_QUESTIONS = {
    "host": "type its host",
    "name": "type the name of the target in the configuration",
    "reason": "type why it is loaded",
}


def audit_log() -> Audit:
    return Audit(state_folder() / "audit.jsonl", getpass.getuser(), time.time)


class Permit(msgspec.Struct, frozen=True):
    """A job that may be sent, and what somebody typed for it."""

    job: Job
    confirmed: Confirmed

    def marked(self, found: dict[str, Any]) -> dict[str, Any]:
        """The record with what was typed, if anything was: who reads it later sees why it was allowed."""
        typed = {name: value for name, value in self.confirmed._asdict().items() if value}
        return {**found, "confirmed": typed} if typed else found


def permitted(options: Options, settings: Load, plan: Plan, job: Job, host: str, audit: Audit) -> Permit:
    """Raises PerftuiError with everything that forbids it; the refusal is in the audit log."""
    policy = policy_of(settings)
    confirmed = Confirmed(options.confirm_host or "", options.name or "", options.reason or "")
    try:
        confirmed = _asked(job, host, policy, confirmed)
        return Permit(judge(job, host, confirmed, policy), confirmed)
    except PerftuiError as error:
        audit.note("load", str(error), **detail(plan, job, host, confirmed))
        raise


def detail(plan: Plan, job: Job, host: str, confirmed: Confirmed) -> dict[str, Any]:
    """What the audit log tells of a load."""
    typed = {name: value for name, value in confirmed._asdict().items() if value}
    return {"run_id": job.run_id, "host": host, "plan": told(plan), **({"confirmed": typed} if typed else {})}


def _asked(job: Job, host: str, policy: Policy, given: Confirmed) -> Confirmed:
    """What the command line lacks is asked for, where somebody sits at a terminal and nothing else forbids it."""
    verdict = weigh(job, host, policy)
    lacking = [name for name in verdict.needs if not getattr(given, name)]
    if not lacking or verdict.problems or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return given
    print(verdict.why, file=sys.stderr)
    try:
        for name in lacking:
            print(f"{_QUESTIONS[name]}: ", end="", file=sys.stderr, flush=True)
            given = given._replace(**{name: sys.stdin.readline().strip()})
    except KeyboardInterrupt:
        raise PerftuiError("no load was sent: nothing was typed") from None
    return given
